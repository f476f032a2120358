import Readings

/// One alarm: a rule, and the series that it is for.
public struct AlarmKey: Sendable, Hashable, Comparable {
    public var rule: String
    /// Empty where the rule is for none: it looks at other alarms.
    public var series: String

    public init(rule: String, series: String = "") {
        self.rule = rule
        self.series = series
    }

    public static func < (left: AlarmKey, right: AlarmKey) -> Bool {
        (left.rule, left.series) < (right.rule, right.series)
    }
}
