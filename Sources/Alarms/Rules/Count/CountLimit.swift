/// `count_above`: so many readings over a limit (or under one) within a time.
public struct CountLimit: Sendable, Hashable {
    public var above: Double?
    public var below: Double?
    public var count: Int
    /// Nanoseconds.
    public var window: Int64
    public var level: AlarmLevel

    /// What a ring can hold.
    public static let most = 1000

    public init(
        above: Double? = nil, below: Double? = nil, count: Int, within window: Int64, level: AlarmLevel = .warning
    ) {
        self.above = above
        self.below = below
        self.count = count
        self.window = window
        self.level = level
    }

    fileprivate func counts(_ value: Double) -> Bool {
        above.map { value > $0 } ?? false || below.map { value < $0 } ?? false
    }

    var limit: Double? { above ?? below }

    var complaint: String {
        let what = above.map { "above \(MessageTemplate.text($0))" } ?? "below \(MessageTemplate.text(below ?? 0))"
        return "was \(what) \(count) times within \(MessageTemplate.duration(window))"
    }

    var provocation: Double { above.map(Provocation.past) ?? -Provocation.past(-(below ?? 0)) }
}

/// The moments of the latest readings that count.
final class CountHistory {
    private let rule: CountLimit
    private var samples: SlidingSamples
    private var carried: Carried

    init(_ rule: CountLimit, stood: Bool) {
        self.rule = rule
        carried = Carried(stood)
        samples = SlidingSamples(most: rule.count)
    }

    /// Nil: nobody can tell.
    func isRaised(by value: Double, at moment: Int64) -> Bool? {
        samples.forget(before: moment - rule.window)
        if rule.counts(value) { samples.add(value, at: moment) }
        let isCarried = carried.lasts(at: moment, for: rule.window)
        return samples.count >= rule.count ? true : isCarried ? nil : false
    }
}
