import Readings

/// `zscore`: more than so many standard deviations from the mean of a window. Known to all, and noisy.
public struct ZScore: Sendable, Hashable {
    /// Nanoseconds.
    public var window: Int64
    public var limit: Double
    public var level: AlarmLevel

    public init(window: Int64, limit: Double, level: AlarmLevel = .warning) {
        self.window = window
        self.limit = limit
        self.level = level
    }

    func complaint(_ value: String, _ finding: Finding?) -> String {
        guard let score = finding?.measure else { return "is \(value), which is not as usual" }
        return "is \(value), \(MessageTemplate.roughly(score)) standard deviations from its mean, over "
            + MessageTemplate.text(limit)
    }

    var provocation: [Provocation] {
        let step = max(1, window / 100)
        return (0..<64).map { Provocation(.number(Double($0 % 2)), after: step) }
            + [Provocation(.number(Provocation.past(limit) * 10), after: step)]
    }
}

/// What a z-score needs to remember of a series.
final class ZScoreHistory {
    /// Of fewer there is no spread to speak of.
    private static let fewest: Int64 = 30

    private let rule: ZScore
    private let stood: Bool
    private var window: WindowMoments
    private(set) var finding: Finding?

    init(_ rule: ZScore, stood: Bool) {
        self.rule = rule
        self.stood = stood
        window = WindowMoments(width: rule.window)
    }

    /// By the readings before this one. Where they are all the same nothing can be told. Nil: too little is known yet.
    func isRaised(by value: Double, at moment: Int64) -> Bool? {
        guard value.isFinite else { return nil }
        let known = window.moments(at: moment)
        window.add(value, at: moment)
        guard known.count >= Self.fewest else { return stood ? nil : false }
        let spread = (known.squares / Double(known.count)).squareRoot()
        guard spread > 0, spread.isFinite else { return false }
        let score = abs(value - known.mean) / spread
        finding = .zscore(score)
        return score > rule.limit
    }
}
