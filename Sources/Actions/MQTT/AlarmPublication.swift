import Alarms
import Platform

/// A message that is to be published.
struct AlarmPublication: Sendable {
    /// The state of an alarm: it goes out only where nothing newer is known of that alarm.
    struct State: Sendable {
        let keeper: any StateKeeper
        let key: AlarmKey
        let number: Int64
    }

    var topic: String
    var payload: [UInt8]
    var qos: Int
    var isRetained = false
    var state: State?
}

/// Knows the states that a broker has not confirmed yet. Asked by the publisher's thread.
protocol StateKeeper: AnyObject, Sendable {
    /// Those that are to be published now: all of them on a new connection.
    func unconfirmed(_ now: MonotonicTime, all: Bool) -> [AlarmPublication]
    func isNewest(_ number: Int64, of key: AlarmKey) -> Bool
    func confirmed(_ number: Int64, of key: AlarmKey)
}
