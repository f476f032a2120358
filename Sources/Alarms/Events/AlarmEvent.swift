import Readings

/// What has become of an alarm, in the words of ISA-18.2.
public enum AlarmState: String, Sendable, CaseIterable {
    case normal
    /// It stands, and nobody has said that they know.
    case unacknowledged
    case acknowledged
    /// It no longer stands, and nobody has said that they know.
    case returned
    /// It no longer stands, and stays until somebody clears it.
    case latched
    /// Left aside by somebody for a while.
    case shelved
    /// Not wanted now, as its rule says.
    case suppressed
    /// Left aside by somebody until further notice.
    case outOfService = "out_of_service"
}

/// A step in the life of an alarm: what is recorded, carried upstream, and told to actions.
public struct AlarmEvent: Sendable, Hashable {
    public enum Change: String, Sendable, CaseIterable {
        case raised
        /// It stands at another level than before.
        case level
        case cleared
        case acknowledged
        /// A latched alarm was cleared by somebody.
        case reset
        /// It still stands, and nobody has acknowledged it.
        case repeated
        case shelved
        case unshelved
        case suppressed
        case enabled
        case removed
        case restored
        /// It comes and goes so often that its actions are held.
        case chattering
        case settled
        /// Many new alarms at once: this event stands for them.
        case flood
        /// What was raised by old readings is so at present.
        case present
    }

    /// Counts up from 1, without a gap.
    public var number: Int64
    public var key: AlarmKey
    public var change: Change
    /// After it.
    public var state: AlarmState
    /// That it stands at, or stood at until now.
    public var level: AlarmLevel
    public var value: Value
    public var quality: Quality
    public var limit: Double?
    public var unit: String?
    /// For people.
    public var message: String
    /// Of the reading, or of the step where none led to it. Microseconds since 1970, as are the next two.
    public var time: Int64
    /// When the reading came in.
    public var arrived: Int64
    public var decided: Int64
    /// How old a reading with a time of its own was when it came in, in microseconds.
    public var age: Int64?
    /// Old readings led to it: it is recorded, and moves nothing.
    public var isLate = false
    /// Somebody tries the alarm.
    public var isTest = false
    /// The first of its group.
    public var isFirst = false
    /// Who did it, and why; empty where nobody did.
    public var by = ""
    public var because = ""

    public init(
        number: Int64, key: AlarmKey, change: Change, state: AlarmState, level: AlarmLevel, value: Value = .absent,
        quality: Quality = .good, limit: Double? = nil, unit: String? = nil, message: String, time: Int64,
        arrived: Int64, decided: Int64, age: Int64? = nil
    ) {
        self.number = number
        self.key = key
        self.change = change
        self.state = state
        self.level = level
        self.value = value
        self.quality = quality
        self.limit = limit
        self.unit = unit
        self.message = message
        self.time = time
        self.arrived = arrived
        self.decided = decided
        self.age = age
    }
}
