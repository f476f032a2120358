import Encoding
import Readings

/// History and the journal's tail as one, at one moment.
final class StoreView {
    /// Nil while nothing has been sealed yet.
    let chunks: ChunkStore?
    /// Of the rollups, in microseconds, ascending; each is a multiple of the one before.
    let widths: [Int64]
    /// What is not in history yet.
    var tail: [SeriesID: TailRows] = [:]
    /// Ends the scans of an earlier moment.
    var moment = 0

    init(_ chunks: ChunkStore?, widths: [Int64]) {
        self.chunks = chunks
        self.widths = widths
    }

    /// The tail of a series, ordered.
    func tailRows(of series: SeriesID) -> ReadingBatch {
        guard let index = tail.index(forKey: series) else { return ReadingBatch() }
        tail.values[index].order()
        return tail.values[index].batch
    }

    func scan(_ series: SeriesID, _ range: TimeRange, descending: Bool = false) throws -> SeriesScan {
        let started = moment
        return try SeriesScan(
            chunks, series, range, tail: tailRows(of: series), descending: descending,
            isCurrent: { [self] in moment == started })
    }

    /// A scan that begins with the newest block up to a moment.
    func newestBlock(of series: SeriesID, upTo time: Int64) throws -> SeriesScan {
        let chunk = try chunks?.entries(.readings(series), upTo: time, most: 1).first
        return try scan(series, TimeRange(first: chunk?.first ?? .min, last: time), descending: true)
    }

    func level(_ series: SeriesID, width: Int64) throws -> Level {
        try chunks?.level(ChunkLabel(series, width: width)) ?? Level()
    }

    // MARK: Rollups

    /// Buckets of any width; see `StoreReader.buckets`.
    func buckets(_ series: SeriesID, _ range: TimeRange, width: Int64) throws -> [Rollup] {
        guard let level = widths.lastIndex(where: { width % $0 == 0 }) else {
            return try fromReadings(series, range, width: width)
        }
        let rollups = try rollups(series, range, level: level)
        return combine(rollups, from: widths[level], to: width)
    }

    /// Buckets of one of the widths: stored ones where they are claimed and whole, made of finer ones elsewhere.
    func rollups(_ series: SeriesID, _ range: TimeRange, level: Int) throws -> [Rollup] {
        let width = widths[level]
        let storedFrom = Buckets.start(notBefore: range.first, width)
        let wholeUpTo = range.last == .max ? Int64.max : Buckets.start(of: range.last + 1, width)
        let storedUpTo = min(wholeUpTo, try self.level(series, width: width).claimed)
        guard storedFrom < storedUpTo else { return try finer(series, range, level: level) }
        var result: [Rollup] = []
        if range.first < storedFrom {
            result += try finer(series, TimeRange(first: range.first, last: storedFrom - 1), level: level)
        }
        result += try stored(series, TimeRange(first: storedFrom, last: storedUpTo - 1), width: width)
        if storedUpTo <= range.last {
            result += try finer(series, TimeRange(first: storedUpTo, last: range.last), level: level)
        }
        return result
    }

    /// Of one of the widths, made of what is finer.
    func finer(_ series: SeriesID, _ range: TimeRange, level: Int) throws -> [Rollup] {
        guard level > 0 else { return try fromReadings(series, range, width: widths[0]) }
        let rollups = try rollups(series, range, level: level - 1)
        return combine(rollups, from: widths[level - 1], to: widths[level])
    }

    func fromReadings(_ series: SeriesID, _ range: TimeRange, width: Int64) throws -> [Rollup] {
        var builder = RollupBuilder(width: width)
        let scan = try scan(series, range)
        while try scan.next() { builder.add(scan.batch, scan.rows) }
        builder.finish()
        return builder.rollups
    }

    private func combine(_ rollups: [Rollup], from width: Int64, to coarser: Int64) -> [Rollup] {
        guard width != coarser else { return rollups }
        var combiner = RollupCombiner(from: width, to: coarser)
        for rollup in rollups { combiner.add(rollup) }
        combiner.finish()
        return combiner.rollups
    }

    /// As they are stored, those that the tail touches made anew.
    func stored(_ series: SeriesID, _ range: TimeRange, width: Int64) throws -> [Rollup] {
        var result = RollupRows()
        var rows = RollupRows()
        for entry in try chunks?.entries(ChunkLabel(series, width: width), in: range) ?? [] {
            guard try chunks?.read(entry, into: &rows) == true else { continue }
            result.append(rows.rows(in: range), of: rows)
        }
        let tail = tailRows(of: series)
        let late = tail.rows(in: range)
        guard !late.isEmpty else { return result.rollups }
        let changed = try touched(series, tail, late, width: width)
        return RollupRows.merged(result, changed, 0..<changed.count).rollups
    }

    /// The buckets of one width that some late rows, which are readable through this view by now, belong to: made anew
    /// from all their readings; where those have been deleted already, what is known with the late rows added.
    func touched(_ series: SeriesID, _ late: ReadingBatch, _ rows: Range<Int>, width: Int64) throws -> RollupRows {
        var builder = RollupBuilder(width: width)
        builder.add(late, rows)
        builder.finish()
        let deleted = try level(series, width: 0).deleted
        let remade = builder.rollups.firstIndex { $0.start >= deleted } ?? builder.rollups.count
        var result = try added(series, RollupRows(rollups: Array(builder.rollups[..<remade])), width: width)
        var next = remade
        while next < builder.rollups.count {
            let first = next
            next += 1
            while next < builder.rollups.count,
                isNear(builder.rollups[next].start, builder.rollups[next - 1].start, width)
            {
                next += 1
            }
            let last = Buckets.end(of: builder.rollups[next - 1].start, width)
            let range = TimeRange(first: Buckets.first(of: builder.rollups[first].start, width), last: last)
            result.rollups += try fromReadings(series, range, width: width)
        }
        return result
    }

    /// Between two buckets that are made anew so many others are, too, rather than to read a chunk twice.
    private static let bucketsReadThrough: Int64 = 64

    private func isNear(_ start: Int64, _ before: Int64, _ width: Int64) -> Bool {
        let distance = start.subtractingReportingOverflow(before)
        return !distance.overflow && distance.partialValue <= Self.bucketsReadThrough * width
    }

    /// Rollups of late readings, each with what is stored for its bucket.
    private func added(_ series: SeriesID, _ late: RollupRows, width: Int64) throws -> RollupRows {
        guard late.count > 0 else { return late }
        var result = late
        var rows = RollupRows()
        let range = TimeRange(first: late.time(0), last: late.time(late.count - 1))
        for entry in try chunks?.entries(ChunkLabel(series, width: width), in: range) ?? [] {
            guard try chunks?.read(entry, into: &rows) == true else { continue }
            for row in late.rows(in: entry.range) {
                let known = rows.firstRow(from: late.time(row))
                guard rows.time(known) == late.time(row) else { continue }
                var rollup = rows.rollups[known]
                rollup.merge(with: late.rollups[row])
                result.rollups[row] = rollup
            }
        }
        return result
    }
}

/// Buckets begin at multiples of their width, before 1970 too.
enum Buckets {
    /// A width in its shortest form: "1m", "36h".
    static func name(ofWidth microseconds: Int64) -> String {
        let units: [(String, Int64)] = [("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)]
        let seconds = microseconds / 1_000_000
        let (unit, length) = units.first { seconds % $0.1 == 0 }!
        return "\(seconds / length)\(unit)"
    }

    static func start(of time: Int64, _ width: Int64) -> Int64 {
        let remainder = time % width
        let offset = remainder < 0 ? remainder + width : remainder
        let (start, overflow) = time.subtractingReportingOverflow(offset)
        return overflow ? .min : start
    }

    static func start(notBefore time: Int64, _ width: Int64) -> Int64 {
        let start = start(of: time, width)
        guard start < time else { return start }
        let (next, overflow) = start.addingReportingOverflow(width)
        return overflow ? .max : next
    }

    /// Of the bucket after the one that a moment is in.
    static func start(after time: Int64, _ width: Int64) -> Int64 {
        let end = end(of: start(of: time, width), width)
        return end == .max ? .max : end + 1
    }

    /// The first moment of the bucket: of the first one that there is, all that comes before it, too.
    static func first(of start: Int64, _ width: Int64) -> Int64 {
        start.subtractingReportingOverflow(width).overflow ? .min : start
    }

    /// The last moment of the bucket.
    static func end(of start: Int64, _ width: Int64) -> Int64 {
        let (end, overflow) = start.addingReportingOverflow(width - 1)
        return overflow ? .max : end
    }
}
