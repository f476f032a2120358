/// Growing pauses between attempts, with a random part so that a fleet does not come back in step.
public struct Backoff: Sendable {
    private let first: Duration
    private let longest: Duration
    private var next: Duration

    public init(first: Duration = .milliseconds(500), longest: Duration = .seconds(30)) {
        self.first = min(first, longest)
        self.longest = longest
        next = self.first
    }

    /// The pause before the next attempt: between half of the present step and all of it. Each step is twice the last.
    public mutating func pause(using generator: inout some RandomNumberGenerator) -> Duration {
        let step = next
        next = min(step * 2, longest)
        return .nanoseconds(Int64.random(in: (step.nanoseconds / 2)...step.nanoseconds, using: &generator))
    }

    public mutating func reset() { next = first }
}
