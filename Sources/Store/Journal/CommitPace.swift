import Platform

/// When the next commit is due: every commit costs the card a page or two, so they are paced, not one a message.
struct CommitPace: Sendable {
    /// The longest that anything waits.
    var every: Duration
    /// With so many rows waiting it is worth a commit at once.
    var rows = 10_000

    /// Nil while nothing waits.
    func due(waitingSince: MonotonicTime?, rows: Int, isUrgent: Bool) -> MonotonicTime? {
        guard let waitingSince else { return nil }
        return isUrgent || rows >= self.rows ? waitingSince : waitingSince + every
    }
}
