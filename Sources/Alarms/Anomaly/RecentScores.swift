/// The last 97 scores of a series: the mean of the last 32, and of the 96 steps between them.
struct RecentScores: Sendable {
    static let capacity = 97
    static let averaged = 32

    private(set) var ring = InlineArray<97, Int16>(repeating: 0)
    /// Of the oldest one, and so of the next.
    private var position = 0
    private var sum: Int32 = 0
    private var steps: Int32 = 0

    init() {}

    var average: Double { Double(sum) / (Double(Self.averaged) * RobustScale.parts) }

    var activity: Double { Double(steps) / (Double(Self.capacity - 1) * RobustScale.parts) }

    @inline(__always)
    mutating func append(_ score: Int16, number: Int64) {
        let next = position + 1 == Self.capacity ? 0 : position + 1
        if number > 0 { steps += Self.step(ring[position == 0 ? Self.capacity - 1 : position - 1], score) }
        if number >= Self.capacity { steps -= Self.step(ring[position], ring[next]) }
        // Before the ring has come round this is one of its zeros.
        let leaving = position >= Self.averaged ? position - Self.averaged : position - Self.averaged + Self.capacity
        sum += Int32(score) - Int32(ring[leaving])
        ring[position] = score
        position = next
    }

    @inline(__always)
    private static func step(_ first: Int16, _ second: Int16) -> Int32 { abs(Int32(second) - Int32(first)) }

    /// As it was when the ring was saved: appended again, from the oldest one on.
    init(_ saved: InlineArray<97, Int16>, count: Int64) {
        let held = Int(min(count, Int64(Self.capacity)))
        let first = count > Self.capacity ? Int(count % Int64(Self.capacity)) : 0
        position = first
        for offset in 0..<held { append(saved[(first + offset) % Self.capacity], number: Int64(offset)) }
    }
}
