/// `quality_bad_for`: readings come without a good value; how long is the rule's delay.
public struct BadQuality: Sendable, Hashable {
    public var level: AlarmLevel

    public init(level: AlarmLevel = .warning) { self.level = level }
}
