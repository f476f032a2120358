import Encoding
import History
import Readings
import SQLite

/// Buckets of one series, some thousands of them in memory at a time.
final class BucketRows: SeriesRows {
    private static let mostAtOnce: Int64 = 10_000

    static let columns = """
        count INTEGER, texts INTEGER, bad INTEGER, min REAL, max REAL, sum REAL, avg REAL, first REAL, last REAL,
        time_weighted_avg REAL
        """

    /// In the order of `columns`, behind the time; tables have them at different places.
    enum Column: Int { case time, count, texts, bad, min, max, sum, avg, first, last, timeWeightedAverage }

    private let width: Int64
    private let descending: Bool
    private let moment: StoreMoment
    private var windows: ArraySlice<TimeRange> = []
    private var rollups: [Rollup] = []
    private var row = -1

    /// The range is one of readings, not of the moments at which buckets begin.
    init(_ series: SeriesNames.Series, _ range: TimeRange, width: Int64, descending: Bool, _ moment: StoreMoment) throws
    {
        self.width = width
        self.descending = descending
        self.moment = moment
        super.init(series)
        windows = try windows(of: range)[...]
    }

    /// A long range is taken in pieces, where the buckets of the widest rollups say that there is something.
    private func windows(of range: TimeRange) throws -> [TimeRange] {
        let (span, isEndless) = range.last.subtractingReportingOverflow(range.first)
        if !isEndless, span / width < Self.mostAtOnce { return [range] }
        let widest = moment.reader.widths.last!
        let starts = try moment.reader.buckets(series.id, range, width: widest).map(\.start)
        return Self.windows(of: range, width: width, around: starts, widest: widest)
    }

    /// Each begins and ends with a bucket, or with the range.
    static func windows(of range: TimeRange, width: Int64, around starts: [Int64], widest: Int64) -> [TimeRange] {
        let length = width.multipliedReportingOverflow(by: mostAtOnce)
        var windows: [TimeRange] = []
        var next = range.first
        for start in starts {
            let end = min(range.last, Self.end(of: start, widest))
            // What comes before the first multiple of a width that can be counted belongs to the bucket there.
            let isFirst = start.subtractingReportingOverflow(widest).overflow
            next = max(next, isFirst ? .min : TimeBucket.start(of: start, width: width) ?? .min)
            while next <= end {
                let aligned = TimeBucket.start(of: next, width: width) ?? next - next % width
                let last = min(range.last, Self.end(of: aligned, length.overflow ? .max : length.partialValue))
                windows.append(TimeRange(first: next, last: last))
                if last == range.last { return windows }
                next = last + 1
            }
        }
        return windows
    }

    /// The last moment of a length of time.
    private static func end(of start: Int64, _ length: Int64) -> Int64 {
        let (end, overflows) = start.addingReportingOverflow(length - 1)
        return overflows ? .max : end
    }

    override func next() throws -> Bool {
        row += 1
        while row >= rollups.count {
            guard let window = descending ? windows.popLast() : windows.popFirst() else { return false }
            rollups = try moment.reader.buckets(series.id, window, width: width)
            if descending { rollups.reverse() }
            row = 0
        }
        return true
    }

    override var time: Int64 { rollups[row].start }

    func column(_ column: Column, _ result: SQLResult) {
        let rollup = rollups[row]
        switch column {
        case .time: result.integer(rollup.start)
        case .count: result.integer(Int64(rollup.count))
        case .texts: result.integer(Int64(rollup.texts))
        case .bad: result.integer(Int64(rollup.bad))
        // Without a number there is none of the following.
        case _ where rollup.count == 0: result.null()
        case .min: result.real(rollup.min)
        case .max: result.real(rollup.max)
        case .sum: result.real(rollup.sum)
        case .avg: result.real(rollup.mean ?? .nan)
        case .first: result.real(rollup.first)
        case .last: result.real(rollup.last)
        case .timeWeightedAverage: result.real(rollup.timeWeightedAverage ?? .nan)
        }
    }

    override func column(_ column: Int, _ result: SQLResult) {
        if let column = Column(rawValue: column - 1) { self.column(column, result) }
    }
}
