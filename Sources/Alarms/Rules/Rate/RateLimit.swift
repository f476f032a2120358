import Readings

/// `rate_above`: how fast a value rises or falls.
public struct RateLimit: Sendable, Hashable {
    public enum Unit: String, Sendable, CaseIterable {
        case second = "s"
        case minute = "m"
        case hour = "h"

        var seconds: Double {
            switch self {
            case .second: 1
            case .minute: 60
            case .hour: 3600
            }
        }
    }

    public var number: Double
    public var unit: Unit
    /// From the oldest reading in so many nanoseconds; 0: from the one before.
    public var window: Int64
    /// How much slower it has to be to be well again.
    public var deadband: Double
    public var level: AlarmLevel

    public init(
        _ number: Double, per unit: Unit = .second, window: Int64 = 0, deadband: Double = 0,
        level: AlarmLevel = .warning
    ) {
        self.number = number
        self.unit = unit
        self.window = window
        self.deadband = deadband
        self.level = level
    }

    /// A rise that even the longest window finds too fast.
    var provocation: [Provocation] {
        let second: Int64 = 1_000_000_000
        let after = window > 0 ? window : second
        let span = Double(after) / 1e9
        return [Provocation(.number(0)), Provocation(.number((number + 1) / unit.seconds * span * 2), after: after)]
    }

    func complaint(_ finding: Finding?) -> String {
        let limit = "more than \(MessageTemplate.text(number)) per \(unit.rawValue)"
        guard let rate = finding?.measure, rate.isFinite else { return "changes by \(limit)" }
        return "changes by \(MessageTemplate.roughly(rate)), \(limit)"
    }
}

/// What a rate needs to remember of a series.
final class RateHistory {
    private let rule: RateLimit
    private var samples = SlidingSamples(most: 256)
    private var carried: Carried
    private(set) var finding: Finding?

    init(_ rule: RateLimit, stood: Bool) {
        self.rule = rule
        carried = Carried(stood)
    }

    /// In a window that is not full yet the change is taken to have needed all of it: a young one does not cry wolf.
    /// Nil: nobody can tell, because no time has passed since the reading before, or too little is known.
    func isRaised(by value: Double, at moment: Int64, stands: Bool) -> Bool? {
        samples.forget(before: moment - max(rule.window, 1), keepingLast: rule.window == 0)
        defer { samples.add(value, at: moment, spacing: rule.window / 128) }
        let isCarried = carried.lasts(at: moment, for: rule.window)
        guard let oldest = samples.first else { return isCarried ? nil : false }
        guard rule.window > 0 || moment > oldest.moment else { return nil }
        let span = Double(rule.window > 0 ? rule.window : moment - oldest.moment) / 1e9
        let rate = abs(value - oldest.value) / span * rule.unit.seconds
        finding = .rate(rate)
        return rate > rule.number - (stands ? rule.deadband : 0) ? true : isCarried ? nil : false
    }
}
