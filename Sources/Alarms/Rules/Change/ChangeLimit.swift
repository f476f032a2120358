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

    private let stood: Bool

    /// `stood`: the alarm stands already, for a step that nobody remembers.
    init(_ rule: ChangeLimit, stood: Bool) {
        above = rule.above
        self.stood = stood
    }

    /// Nil: nobody can tell.
    func isRaised(by value: Double) -> Bool? {
        defer { last = value }
        guard let last else { return stood ? nil : false }
        return abs(value - last) > above
    }
}
