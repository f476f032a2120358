/// Where inputs bring what they have read: the journal, or a test run that stores nothing. Called from any thread.
public protocol ReadingSink: AnyObject, Sendable {
    /// The number of this submission, to be compared with `committed`; nil when there is no room.
    func submit(_ readings: ReadingBatch) -> UInt64?
    func submit(_ letter: DeadLetter) -> UInt64
    func submit(_ gap: Gap)

    /// Whether a batch would be taken now.
    var hasRoom: Bool { get }
    /// Everything submitted up to this number is durable.
    var committed: UInt64 { get }
    /// Asks for a commit of all that waits, now.
    func hurry()
    /// To be called after each commit, by the thread that made it.
    func afterCommits(_ call: @escaping @Sendable () -> Void)
}
