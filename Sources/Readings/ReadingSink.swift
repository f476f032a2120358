/// Where inputs bring what they have read: the journal, or a test run that stores nothing. Called from any thread.
public protocol ReadingSink: AnyObject, Sendable {
    /// The number of this submission, to be compared with `committed`; nil when there is no room.
    func submit(_ readings: ReadingBatch) -> UInt64?
    func submit(_ letter: DeadLetter) -> UInt64
    func submit(_ gap: Gap)
    func submit(_ entry: AuditEntry)

    /// Whether a batch would be taken now.
    var hasRoom: Bool { get }
    /// Everything submitted up to this number is durable.
    var committed: UInt64 { get }
    /// Asks for a commit of all that waits, now.
    func hurry()
    /// To be called after each commit, by the thread that made it.
    func afterCommits(_ call: @escaping @Sendable () -> Void)
}

/// Takes everything and keeps nothing.
public final class NoStore: ReadingSink {
    public init() {}

    public func submit(_ readings: ReadingBatch) -> UInt64? { 0 }
    public func submit(_ letter: DeadLetter) -> UInt64 { 0 }
    public func submit(_ gap: Gap) {}
    public func submit(_ entry: AuditEntry) {}
    public var hasRoom: Bool { true }
    public var committed: UInt64 { .max }
    public func hurry() {}
    public func afterCommits(_ call: @escaping @Sendable () -> Void) {}
}
