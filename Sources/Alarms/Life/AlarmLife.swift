/// Where an alarm stands in its life, apart from whether somebody has put it aside.
public struct AlarmLife: Sendable, Hashable {
    /// Why an operator's wish means nothing now; for people.
    public struct Refusal: Error, CustomStringConvertible, Sendable, Hashable {
        public let description: String
    }

    /// That it stands at; nil where it does not.
    public private(set) var level: AlarmLevel?
    /// That it stands at, or stood at last.
    public private(set) var lastLevel: AlarmLevel = .warning
    public private(set) var isAcknowledged = true
    /// It stays until somebody clears it.
    public private(set) var isLatched = false

    public init() {}

    public init(level: AlarmLevel?, lastLevel: AlarmLevel, isAcknowledged: Bool, isLatched: Bool) {
        self.level = level
        self.lastLevel = lastLevel
        self.isAcknowledged = isAcknowledged
        self.isLatched = isLatched
    }

    public var state: AlarmState {
        if level != nil { return isAcknowledged ? .acknowledged : .unacknowledged }
        if isLatched { return .latched }
        return isAcknowledged ? .normal : .returned
    }

    /// What the condition says now. Worse than before has to be acknowledged anew.
    mutating func set(_ new: AlarmLevel?, latches: Bool) -> AlarmEvent.Change? {
        let old = level
        guard new != old else { return nil }
        level = new
        guard let new else { return .cleared }
        lastLevel = new
        if new > .notice {
            if latches { isLatched = true }
            if new > (old ?? .notice) { isAcknowledged = false }
        }
        return old == nil ? .raised : .level
    }

    mutating func acknowledge() throws(Refusal) {
        guard !isAcknowledged else {
            throw Refusal(
                description: state == .normal ? "there is nothing to acknowledge" : "it is acknowledged already")
        }
        isAcknowledged = true
    }

    /// Ends a latched alarm, whether it was acknowledged or not.
    mutating func reset() throws(Refusal) {
        guard level == nil else { throw Refusal(description: "it still stands: what it tells of has to end first") }
        guard isLatched else {
            throw Refusal(
                description: isAcknowledged ? "there is nothing to clear" : "it is not latched: acknowledge it")
        }
        self = AlarmLife(level: nil, lastLevel: lastLevel, isAcknowledged: true, isLatched: false)
    }

    /// Nobody wants to hear of it. A latched one stays so: what has happened has happened.
    mutating func setAside() {
        level = nil
        if !isLatched { isAcknowledged = true }
    }

    /// It has to be acknowledged again: nobody was to hear of it until now.
    mutating func announceAgain() { isAcknowledged = false }
}
