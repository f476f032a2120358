import Readings

/// `quality_bad_for`: readings come without a good value; how long is the rule's delay.
public struct BadQuality: Sendable, Hashable {
    public var level: AlarmLevel

    public init(level: AlarmLevel = .warning) { self.level = level }
}

extension Reading {
    /// Nobody can tell from it how things are.
    public var isBad: Bool {
        switch quality {
        case .good, .uncertain, .substituted: break
        case .stale, .communicationError, .deviceException, .outOfRange: return true
        }
        return switch value {
        case .number(let number): number.isNaN
        case .text: false
        case .absent: true
        }
    }
}
