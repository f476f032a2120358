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

    init(_ rule: Unchanged) { self.rule = rule }

    func isRaised(by value: Value, at moment: Int64) -> Bool {
        guard let reference, isSame(reference, value) else {
            (reference, since) = (value, moment)
            return false
        }
        return moment - since >= rule.duration
    }

    private func isSame(_ left: Value, _ right: Value) -> Bool {
        if case .number(let left) = left, case .number(let right) = right { return abs(left - right) <= rule.deadband }
        return left == right
    }
}
