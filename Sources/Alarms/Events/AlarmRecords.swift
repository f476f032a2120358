/// What is to be kept of alarms.
public struct AlarmRecords: Sendable {
    /// An action that is asked to do something for an event.
    public struct Asked: Sendable, Hashable {
        public var number: Int64
        public var action: String
        public var task: ActionRequest.Task

        public init(number: Int64, action: String, task: ActionRequest.Task) {
            self.number = number
            self.action = action
            self.task = task
        }
    }

    public var events: [AlarmEvent] = []
    public var asked: [Asked] = []
    public var reports: [ActionReport] = []
    /// Nil: it is as it is when all is well.
    public var states: [AlarmKey: SavedAlarm?] = [:]

    public init() {}

    public var isEmpty: Bool { events.isEmpty && asked.isEmpty && reports.isEmpty && states.isEmpty }

    /// Takes what is newer. Of more than `most` events or reports the oldest go; returns how many.
    public mutating func add(_ newer: AlarmRecords, most: Int) -> Int {
        events += newer.events
        asked += newer.asked
        reports += newer.reports
        states.merge(newer.states) { _, new in new }
        let excess = max(0, events.count - most) + max(0, reports.count - most)
        guard excess > 0 || asked.count > most else { return 0 }
        events.removeFirst(max(0, events.count - most))
        reports.removeFirst(max(0, reports.count - most))
        asked.removeFirst(max(0, asked.count - most))
        return excess
    }
}

/// What a journal holds of alarms when a gateway starts.
public struct AlarmMemory: Sendable {
    public typealias Undone = (action: String, request: ActionRequest)

    public var alarms: [SavedAlarm] = []
    /// What had not been done when it ended, or had not been recorded to be.
    public var undone: [Undone] = []
    /// Of the first event to come.
    public var nextNumber: Int64 = 1

    public init() {}
}
