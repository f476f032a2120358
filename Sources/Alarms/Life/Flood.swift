/// More new alarms in a minute than anybody can read: then people are told of all of them together.
struct Flood {
    static let window: Int64 = 60_000_000_000

    private let limit: Int
    private var raised: [Int64] = []
    /// Told together, since the last summary.
    private(set) var count = 0
    private var nextSummary: Int64?

    init(limit: Int) { self.limit = limit }

    var due: Int64? { nextSummary }

    /// A new alarm; whether it is one of too many.
    mutating func note(at now: Int64) -> Bool {
        raised.removeAll { now - $0 >= Self.window }
        if raised.count > limit { raised.removeFirst() }
        raised.append(now)
        guard raised.count > limit else { return false }
        count += 1
        if nextSummary == nil { nextSummary = now }
        return true
    }

    /// How many alarms a summary that is due now stands for.
    mutating func takeSummary(at now: Int64) -> Int? {
        guard let next = nextSummary, now >= next else { return nil }
        guard count > 0 else {
            nextSummary = nil
            return nil
        }
        defer { count = 0 }
        nextSummary = now + Self.window
        return count
    }
}
