/// What an action is asked to do.
public struct ActionRequest: Sendable, Hashable {
    /// Tell of the event; or see to it that what the action moves is on, or off, because of it.
    public enum Task: Sendable, Hashable {
        case tell
        case turnOn
        case turnOff
    }

    public var event: AlarmEvent
    public var task: Task
    /// When the reading came in, by the clock that does not jump, in nanoseconds; nil where none led to it.
    public var arrived: Int64?

    public init(_ event: AlarmEvent, _ task: Task, arrived: Int64? = nil) {
        self.event = event
        self.task = task
        self.arrived = arrived
    }
}

/// What became of a request: a row beside its event.
public struct ActionReport: Sendable, Hashable {
    public enum Outcome: Sendable, Hashable {
        case done
        /// Given up, and why.
        case failed(String)
        /// It had no room any more: what is less bad makes way.
        case dropped
        /// Something newer has taken its place before it was done.
        case superseded
    }

    /// Of the event.
    public var number: Int64
    public var action: String
    public var outcome: Outcome
    public var attempts: Int
    /// When it was over, in microseconds since 1970.
    public var completed: Int64

    public init(number: Int64, action: String, outcome: Outcome, attempts: Int, completed: Int64) {
        self.number = number
        self.action = action
        self.outcome = outcome
        self.attempts = attempts
        self.completed = completed
    }
}
