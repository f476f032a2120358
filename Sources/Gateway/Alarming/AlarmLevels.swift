import Alarms
import Synchronization

/// How bad it is at present by each rule, for those who look from other threads.
final class AlarmLevels: Sendable {
    /// Added where nobody has acknowledged one of its alarms.
    private static let unacknowledged = 16

    private let numbers = Mutex<[String: Int]?>(nil)

    /// All alarms that are not as they are when all is well.
    func set(_ alarms: [AlarmView]) {
        var numbers: [String: Int] = [:]
        for alarm in alarms where [.unacknowledged, .acknowledged, .returned, .latched].contains(alarm.state) {
            let before = numbers[alarm.key.rule] ?? 0
            let level = max(before % Self.unacknowledged, alarm.stands ? Self.number(of: alarm.level) : 0)
            let isNew = before >= Self.unacknowledged || !alarm.isAcknowledged
            numbers[alarm.key.rule] = level + (isNew ? Self.unacknowledged : 0)
        }
        self.numbers.withLock { $0 = numbers }
    }

    /// 0: none stands; 1 to 3: the worst level of those that do; and 16 more where one is not acknowledged. Nil as long as
    /// nobody knows.
    func number(of rule: String) -> Double? { numbers.withLock { $0.map { Double($0[rule] ?? 0) } } }

    /// What is only a notice is none for the machine that reads.
    private static func number(of level: AlarmLevel) -> Int {
        switch level {
        case .notice: 0
        case .warning: 1
        case .critical: 2
        case .emergency: 3
        }
    }
}

extension [AlarmView] {
    var standing: Int { count(where: \.stands) }

    var unacknowledged: Int { count { [.unacknowledged, .returned].contains($0.state) } }

    /// In a line for people.
    var summary: String {
        isEmpty
            ? "no alarm stands" : "\(standing) stand\(standing == 1 ? "s" : ""), \(unacknowledged) to be acknowledged"
    }
}
