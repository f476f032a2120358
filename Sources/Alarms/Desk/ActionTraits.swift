/// What the desk has to know of an action.
public struct ActionTraits: Sendable, Hashable {
    /// How long what is moved stays so: the words in the configuration.
    public enum Until: String, Sendable, CaseIterable {
        /// As long as the alarm stands.
        case cleared
        /// Until somebody says that they know.
        case acknowledged
    }

    public enum Kind: Sendable, Hashable {
        /// It is told of events. People are told of a flood as a whole, where `isSummarized`.
        case tells(of: Set<AlarmEvent.Change>, isSummarized: Bool)
        /// It moves something, which is on as long as one of its alarms wants it.
        case moves(until: Until)
    }

    public var name: String
    public var kind: Kind

    public init(_ name: String, _ kind: Kind) {
        self.name = name
        self.kind = kind
    }
}
