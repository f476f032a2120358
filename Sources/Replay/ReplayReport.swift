import Alarms
import Readings

/// What rules would have done.
public struct ReplayReport: Sendable {
    /// One time that an alarm stood. Microseconds since 1970.
    public struct Episode: Sendable, Hashable {
        public var raised: Int64
        /// Nil: it stood at the end.
        public var ended: Int64?
        public var worst: AlarmLevel
    }

    /// A rule on a series that it was raised for.
    public struct Alarm: Sendable {
        /// Empty where the rule is for none.
        public var series: String
        public var count = 0
        public var worst = AlarmLevel.allCases[0]
        /// Microseconds, as is the next one.
        public var total: Int64 = 0
        public var longest: Int64 = 0
        public var first: Int64
        public var last: Int64
        public var stands = false
        /// The first ones: of a rule no more than `Rule.mostEpisodes`.
        public var episodes: [Episode] = []
    }

    public struct Rule: Sendable {
        public static let mostEpisodes = 10_000

        public var name: String
        /// Those raised most often first.
        public var alarms: [Alarm] = []
        /// How many are not among the episodes of the alarms.
        public var leftOut = 0
        /// Nil where none is known to.
        public var halving: Halving?

        public var count: Int { alarms.reduce(0) { $0 + $1.count } }
    }

    /// From the beginning of what was looked at to its end.
    public var range: TimeRange
    public var readings = 0
    public var series = 0
    /// Readings of times that cannot be lived through: before 1900, or after 2150.
    public var leftOut = 0
    /// In the order of the rules.
    public var rules: [Rule] = []

    public var days: Double { (Double(range.last) - Double(range.first)) / 86_400e6 }
}
