import Readings

/// What survives a restart of an alarm that is not as it is when all is well.
public struct SavedAlarm: Sendable, Hashable {
    public struct Shelf: Sendable, Hashable {
        public var by: String
        public var because: String
        /// Microseconds since 1970.
        public var until: Int64

        public init(by: String, because: String, until: Int64) {
            self.by = by
            self.because = because
            self.until = until
        }
    }

    public var key: AlarmKey
    public var state: AlarmState
    /// That it stands at, or stood at last.
    public var level: AlarmLevel
    public var stands: Bool
    public var isAcknowledged: Bool
    public var isLatched: Bool
    public var isFirst: Bool
    public var isLate: Bool
    public var shelf: Shelf?
    /// Out of service: `until` means nothing.
    public var removal: Shelf?
    /// Of its latest event.
    public var number: Int64
    public var message: String
    /// Of its latest raise, in microseconds since 1970.
    public var since: Int64

    public init(
        key: AlarmKey, state: AlarmState, level: AlarmLevel, stands: Bool, isAcknowledged: Bool, isLatched: Bool,
        isFirst: Bool, isLate: Bool, shelf: Shelf?, removal: Shelf?, number: Int64, message: String, since: Int64
    ) {
        self.key = key
        self.state = state
        self.level = level
        self.stands = stands
        self.isAcknowledged = isAcknowledged
        self.isLatched = isLatched
        self.isFirst = isFirst
        self.isLate = isLate
        self.shelf = shelf
        self.removal = removal
        self.number = number
        self.message = message
        self.since = since
    }
}

/// What a step of the desk leads to.
public struct AlarmOutbox: Sendable {
    public struct Request: Sendable {
        public var action: String
        public var request: ActionRequest
    }

    /// In the order of their numbers.
    public var events: [AlarmEvent] = []
    public var requests: [Request] = []
    /// Nil: it is as it is when all is well.
    public var states: [AlarmKey: SavedAlarm?] = [:]
    /// Readings that rules have made.
    public var scores: [Reading] = []

    public init() {}

    public var isEmpty: Bool { events.isEmpty && requests.isEmpty && states.isEmpty && scores.isEmpty }
}
