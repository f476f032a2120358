/// Leaves a unit alone that does not answer, so that it does not cost the others their turn.
struct Breaker: Sendable {
    /// So many failures in a row open it.
    private static let patience = 3
    private static let shortestPause: Int64 = 1_000_000_000
    /// What comes back is to be noticed within a minute, and may have to wait for its turn after the pause.
    private static let longestPause: Int64 = 30_000_000_000

    private var failures = 0
    private var pause = shortestPause
    private(set) var nextAttempt: Int64 = .min

    var isOpen: Bool { failures >= Self.patience }

    mutating func note(hasAnswered: Bool, _ now: Int64) {
        guard !hasAnswered else {
            self = Breaker()
            return
        }
        failures += 1
        guard isOpen else { return }
        if failures > Self.patience { pause = min(pause * 2, Self.longestPause) }
        nextAttempt = now + pause
    }
}
