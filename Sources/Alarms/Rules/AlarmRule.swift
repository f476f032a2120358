import Readings

/// `[[alarm]]`: when something is wrong, and what is done about it. Durations are nanoseconds.
public struct AlarmRule: Sendable, Hashable {
    /// What a reading without a good value means.
    public enum WhenBad: String, Sendable, CaseIterable {
        /// Nothing: it stays as it was.
        case hold
        /// Nobody knows that all is well.
        case alarm
        case clear
    }

    /// What old readings may move, such as those of a backlog.
    public enum Late: String, Sendable, CaseIterable {
        /// What they raise is recorded, and told.
        case record
        /// As those of the present.
        case act
    }

    public var name: String
    /// Nil where the rule is for none: it looks at other alarms.
    public var series: SeriesGlob?
    public var condition: AlarmCondition
    public var onDelay: Int64 = 0
    public var offDelay: Int64 = 0
    public var isLatching = false
    /// Nil: what the condition has to say.
    public var message: MessageTemplate?
    /// By name.
    public var actions: [String] = []
    public var repeatEvery: Int64?
    public var whenBad: WhenBad = .alarm
    public var enabledWhen: EnabledWhen?
    public var group: String?
    public var late: Late = .record

    public init(name: String, series: SeriesGlob?, condition: AlarmCondition) {
        self.name = name
        self.series = series
        self.condition = condition
    }
}
