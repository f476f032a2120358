import Readings

/// `unchanged_for`: readings come, and all say the same. That none comes is another rule's.
public struct Unchanged: Sendable, Hashable {
    /// Nanoseconds.
    public var duration: Int64
    /// A number has changed when it has by more than this.
    public var deadband: Double
    public var level: AlarmLevel

    public init(_ duration: Int64, deadband: Double = 0, level: AlarmLevel = .warning) {
        self.duration = duration
        self.deadband = deadband
        self.level = level
    }

    func complaint(_ value: String) -> String { "has been \(value) for \(MessageTemplate.duration(duration))" }
}

final class UnchangedHistory {
    private let rule: Unchanged
    private var reference: Value?
    private var since: Int64 = 0
    private let stood: Bool

    /// `stood`: the alarm stands already, for a value that nobody remembers. The first one is taken for it.
    init(_ rule: Unchanged, stood: Bool) {
        self.rule = rule
        self.stood = stood
    }

    /// Nil: nobody can tell.
    func isRaised(by value: Value, at moment: Int64) -> Bool? {
        guard let reference else {
            (reference, since) = (value, stood ? moment - rule.duration : moment)
            return stood ? nil : false
        }
        guard isSame(reference, value) else {
            (self.reference, since) = (value, moment)
            return false
        }
        return moment - since >= rule.duration
    }

    private func isSame(_ left: Value, _ right: Value) -> Bool {
        if case .number(let left) = left, case .number(let right) = right {
            return left == right || abs(left - right) <= rule.deadband
        }
        return left == right
    }
}
