/// What the readings of one series come to within one bucket of time.
///
/// Numbers count when they are finite and their quality is good or uncertain. Everything is exact but the two
/// fractions of the time-weighted average, which are kept in steps so that they cost bits and not bytes.
public struct Rollup: Sendable, Equatable {
    /// Where the bucket begins, a multiple of its width; in microseconds since 1970.
    public var start: Int64
    /// Numbers that count.
    public var count: Int
    /// Texts of good or uncertain quality.
    public var texts: Int
    /// Everything else: failed reads, bad quality, NaN, infinities.
    public var bad: Int
    /// 0 where no number counts, as are the following.
    public var min: Double
    public var max: Double
    public var sum: Double
    public var first: Double
    public var last: Double
    /// From the start of the bucket to its first number, in 4096ths of its width, rounded down: below 4096.
    public var lead: Int
    /// The average from the first number to the end of the bucket, where each number stands until the next, as the
    /// nearest of 4096 steps from `min` (0) to `max` (4096).
    public var average: Int

    public static let steps = 4096

    public init(
        start: Int64, count: Int = 0, texts: Int = 0, bad: Int = 0, min: Double = 0, max: Double = 0, sum: Double = 0,
        first: Double = 0, last: Double = 0, lead: Int = 0, average: Int = 0
    ) {
        self.start = start
        self.count = count
        self.texts = texts
        self.bad = bad
        self.min = min
        self.max = max
        self.sum = sum
        self.first = first
        self.last = last
        self.lead = lead
        self.average = average
    }
}
