import Alarms
import Platform

/// A message that is to be published.
struct AlarmPublication: Sendable {
    /// The state of an alarm: it goes out only where nothing newer is known of that alarm.
    struct State: Sendable {
        let keeper: any StateKeeper
        let key: AlarmKey
        let number: Int64

        var standing: StateStanding { keeper.standing(number, of: key) }
        func confirm() { keeper.confirmed(number, of: key) }
        /// The same for the same event, whoever publishes it.
        var id: StateID { StateID(keeper: ObjectIdentifier(keeper), number: number) }
    }

    struct StateID: Hashable {
        let keeper: ObjectIdentifier
        let number: Int64
    }

    var topic: String
    var payload: [UInt8]
    var qos: Int
    var isRetained = false
    var state: State?
}

/// How a state stands to what the broker has.
enum StateStanding: Sendable {
    /// Something newer is known, or the broker has had something newer.
    case outdated
    case confirmed
    case open
}

/// Knows the states that a broker has not confirmed yet. Asked by the publisher's thread.
protocol StateKeeper: AnyObject, Sendable {
    /// Those that are to be published now: all of them on a new connection.
    func unconfirmed(_ now: MonotonicTime, all: Bool) -> [AlarmPublication]
    func standing(_ number: Int64, of key: AlarmKey) -> StateStanding
    func confirmed(_ number: Int64, of key: AlarmKey)
}
