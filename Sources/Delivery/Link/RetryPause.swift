/// Growing pauses after attempts that failed: any time from nothing to a limit that doubles with each failure, up to a longest
/// one, so that a fleet that lost its far end together does not come back together. All times are nanoseconds.
public struct RetryPause: Sendable, Hashable {
    private static let longestAsked: Int64 = 86_400_000_000_000

    /// What the far end asks for is heeded up to a day.
    static func heeded(_ asked: Int64) -> Int64 { min(max(0, asked), longestAsked) }

    private let first: Int64
    let longest: Int64
    private var limit: Int64

    public init(first: Duration = .seconds(4), longest: Duration = .seconds(300)) {
        self.longest = max(1, longest.nanoseconds)
        self.first = min(max(1, first.nanoseconds), self.longest)
        limit = self.first
    }

    /// The pause after one more failure. What the far end has asked for comes before it: all who were told the same do not
    /// come back together either.
    public mutating func next(asked: Int64 = 0, using generator: inout some RandomNumberGenerator) -> Int64 {
        let pause = Int64.random(in: 0...limit, using: &generator)
        limit = limit > longest / 2 ? longest : limit * 2
        return Self.heeded(asked) + pause
    }

    public mutating func reset() { limit = first }
}
