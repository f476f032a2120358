import Readings

/// `above` and `below`, at up to four levels.
public struct Limits: Sendable, Hashable {
    public struct Limit: Sendable, Hashable {
        public var level: AlarmLevel
        public var above: Double?
        public var below: Double?

        public init(_ level: AlarmLevel, above: Double? = nil, below: Double? = nil) {
            self.level = level
            self.above = above
            self.below = below
        }
    }

    public var limits: [Limit]
    /// How far a value has to come back.
    public var deadband: Double

    public init(_ limits: [Limit], deadband: Double = 0) {
        self.limits = limits.sorted { $0.level < $1.level }
        self.deadband = deadband
    }

    var lowestLevel: AlarmLevel { limits.first?.level ?? .warning }

    private func limit(of level: AlarmLevel) -> Limit? { limits.first { $0.level == level } }

    /// Of the two the one that the value is nearer to.
    func limit(at level: AlarmLevel, value: Value) -> Double? {
        guard let limit = limit(of: level) else { return nil }
        guard let above = limit.above, let below = limit.below, case .number(let number) = value else {
            return limit.above ?? limit.below
        }
        return abs(number - above) <= abs(number - below) ? above : below
    }

    func complaint(_ value: String, at level: AlarmLevel, _ limit: Double?) -> String {
        guard let limit else { return "is \(value)" }
        let isAbove = self.limit(of: level)?.above == limit
        return "is \(value), \(isAbove ? "above" : "below") \(MessageTemplate.text(limit))"
    }

    /// Past the limit of the worst level.
    var provocation: Double {
        guard let worst = limits.last else { return 0 }
        return worst.above.map(Provocation.past) ?? -Provocation.past(-(worst.below ?? 0))
    }
}

/// The limits as they are compared with: infinite where there is none. Nothing in it is counted or allocated.
struct LimitNumbers {
    private var above: (Double, Double, Double, Double) = (.infinity, .infinity, .infinity, .infinity)
    private var below: (Double, Double, Double, Double) = (-.infinity, -.infinity, -.infinity, -.infinity)
    private let deadband: Double

    init(_ limits: Limits) {
        deadband = limits.deadband
        for limit in limits.limits {
            let (above, below) = (limit.above ?? .infinity, limit.below ?? -.infinity)
            switch limit.level {
            case .notice: (self.above.0, self.below.0) = (above, below)
            case .warning: (self.above.1, self.below.1) = (above, below)
            case .critical: (self.above.2, self.below.2) = (above, below)
            case .emergency: (self.above.3, self.below.3) = (above, below)
            }
        }
    }

    /// 0 for none. A level that stands goes when the value has come back by the deadband.
    @inline(__always)
    func level(of value: Double, current: UInt8) -> UInt8 {
        if exceeds(value, above.3, below.3, current >= 4) { return 4 }
        if exceeds(value, above.2, below.2, current >= 3) { return 3 }
        if exceeds(value, above.1, below.1, current >= 2) { return 2 }
        return exceeds(value, above.0, below.0, current >= 1) ? 1 : 0
    }

    /// Between these, both left out, nothing changes. While a level stands every value is looked at.
    func quiet(at level: UInt8) -> (low: Double, high: Double) {
        guard level == 0 else { return (.infinity, -.infinity) }
        return (max(below.0, below.1, below.2, below.3), min(above.0, above.1, above.2, above.3))
    }

    @inline(__always)
    private func exceeds(_ value: Double, _ above: Double, _ below: Double, _ stands: Bool) -> Bool {
        stands ? value > above - deadband || value < below + deadband : value > above || value < below
    }
}
