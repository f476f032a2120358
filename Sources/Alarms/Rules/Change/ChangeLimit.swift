/// `change_above`: a step from one reading to the next.
public struct ChangeLimit: Sendable, Hashable {
    public var above: Double
    public var level: AlarmLevel

    public init(_ above: Double, level: AlarmLevel = .warning) {
        self.above = above
        self.level = level
    }

    func complaint(_ value: String) -> String {
        "has changed by more than \(MessageTemplate.text(above)) at once, and is \(value)"
    }
}

final class ChangeHistory {
    private let above: Double
    private var last: Double?

    init(_ rule: ChangeLimit) { above = rule.above }

    /// Nil: nothing is known to compare with.
    func isRaised(by value: Double) -> Bool? {
        defer { last = value }
        return last.map { abs(value - $0) > above }
    }
}
