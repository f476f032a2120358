import Readings

/// `inside` or `outside` of two numbers.
public struct Band: Sendable, Hashable {
    public var range: ClosedRange<Double>
    public var isOutside: Bool
    public var deadband: Double
    public var level: AlarmLevel

    public init(_ range: ClosedRange<Double>, isOutside: Bool, deadband: Double = 0, level: AlarmLevel = .warning) {
        self.range = range
        self.isOutside = isOutside
        self.deadband = deadband
        self.level = level
    }

    func isRaised(by value: Double, stands: Bool) -> Bool {
        let margin = stands ? deadband : 0
        if isOutside { return value < range.lowerBound + margin || value > range.upperBound - margin }
        return value >= range.lowerBound - margin && value <= range.upperBound + margin
    }

    func limit(value: Value) -> Double? {
        guard case .number(let number) = value else { return nil }
        return abs(number - range.lowerBound) <= abs(number - range.upperBound) ? range.lowerBound : range.upperBound
    }

    func complaint(_ value: String) -> String {
        let bounds = "\(MessageTemplate.text(range.lowerBound)) to \(MessageTemplate.text(range.upperBound))"
        return "is \(value), \(isOutside ? "outside" : "inside") of \(bounds)"
    }

    var provocation: Double {
        isOutside ? Provocation.past(range.upperBound) : range.lowerBound
    }
}
