/// How well a request keeps its rate.
public struct PollFigures: Sendable, Hashable {
    public internal(set) var answered = 0
    public internal(set) var refused = 0
    public internal(set) var failed = 0
    /// Moments that passed without their turn.
    public internal(set) var missed = 0
    /// From asking to the answer, in nanoseconds: smoothed, and the longest.
    public private(set) var latency: Int64 = 0
    public private(set) var longestLatency: Int64 = 0
    /// How far from its moment it begins, smoothed.
    public private(set) var jitter: Int64 = 0
    /// Between the beginnings of the last ones that were answered, smoothed.
    public private(set) var achieved: Int64 = 0
    private var lastAnswered: Int64?

    mutating func note(_ outcome: LineSchedule.Outcome, slot: Int64, began: Int64, ended: Int64) {
        jitter = Self.smoothed(jitter, began - slot)
        guard outcome != .failed else {
            failed += 1
            return
        }
        if outcome == .answered { answered += 1 } else { refused += 1 }
        latency = Self.smoothed(latency, ended - began)
        longestLatency = max(longestLatency, ended - began)
        if let lastAnswered { achieved = Self.smoothed(achieved, began - lastAnswered) }
        lastAnswered = began
    }

    /// What was before a silence says nothing of the rate after it.
    mutating func forgetLastAnswer() { lastAnswered = nil }

    /// An eighth of what is new.
    private static func smoothed(_ old: Int64, _ new: Int64) -> Int64 { old == 0 ? new : old + (new - old) / 8 }
}
