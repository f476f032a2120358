/// Thins a series that comes more than once a minute out to a mean a minute, for a detector that is to see its course and
/// not its noise. A minute is over when a reading of another one comes, earlier or later: a clock that was put back
/// costs a short minute, and no reading is kept waiting for it.
public struct MinuteMeans: Sendable, Equatable {
    public struct Mean: Sendable, Hashable {
        /// At which the minute begins, in microseconds since 1970.
        public let time: Int64
        public let value: Double
    }

    /// Of a minute, in microseconds.
    public let width: Int64
    private var start: Int64 = 0
    /// The sum is of what the values differ from the first one: of small numbers, however large those are.
    private var first = 0.0
    private var sum = 0.0
    /// Of the minute so far.
    private(set) var count: Int64 = 0

    public init(width: Int64 = 60_000_000) { self.width = max(1, width) }

    /// The mean of the minute before, with the first reading of another one. Numbers that are not finite are left out.
    public mutating func take(_ value: Double, at time: Int64) -> Mean? {
        guard value.isFinite else { return nil }
        let value = min(max(value, -AnomalyDetector.largest), AnomalyDetector.largest)
        let begin = beginning(of: time)
        let done = begin == start ? nil : finish()
        if count == 0 { (start, first) = (begin, value) }
        sum += value - first
        count += 1
        return done
    }

    /// The mean of the minute so far, which is over with that; nil where nothing came in it.
    public mutating func finish() -> Mean? {
        guard count > 0 else { return nil }
        defer { (sum, count) = (0, 0) }
        return Mean(time: start, value: first + sum / Double(count))
    }

    /// Minutes lie at whole multiples of their width. The first one of all time begins with it.
    private func beginning(of time: Int64) -> Int64 {
        let rest = time % width
        let (start, isBefore) = time.subtractingReportingOverflow(rest < 0 ? rest + width : rest)
        return isBefore ? .min : start
    }
}
