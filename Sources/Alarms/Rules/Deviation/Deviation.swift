import Readings

/// `deviation`: further from another series, such as its set point, than allowed.
public struct Deviation: Sendable, Hashable {
    public var from: SeriesName
    public var above: Double
    public var deadband: Double
    public var level: AlarmLevel

    public init(from: SeriesName, above: Double, deadband: Double = 0, level: AlarmLevel = .warning) {
        self.from = from
        self.above = above
        self.deadband = deadband
        self.level = level
    }

    func isRaised(by value: Double, reference: Double, stands: Bool) -> Bool {
        abs(value - reference) > above - (stands ? deadband : 0)
    }

    func complaint(_ value: String) -> String {
        "is \(value), more than \(MessageTemplate.text(above)) from \(from)"
    }
}
