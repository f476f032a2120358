import History
import Readings

/// The stored readings of several series in slices of time, each of which has a bounded number of them in memory.
final class ReadingSlices {
    /// The readings of a slice, series by series.
    private(set) var batch = ReadingBatch()
    /// The rows of each series, ascending in time.
    private(set) var runs: [Range<Int>] = []

    private let reader: StoreReader
    private let series: [SeriesID]
    private let last: Int64
    private let most: Int
    /// Where the next slice begins, and how long it is to be. Microseconds.
    private var next: Int64
    private var length: Int64

    /// `expected` is about how many readings there are: it says how long the first slice is. Of `most` readings a slice has a
    /// block of the store more at worst, and what has one and the same time.
    init(_ reader: StoreReader, _ series: [SeriesID], in range: TimeRange, expected: Int, most: Int) {
        self.reader = reader
        self.series = series
        self.most = max(1, most)
        next = range.first
        last = range.last
        length = Int64(Double(last - next) * min(1, 0.75 * Double(self.most) / Double(max(1, expected)))) + 1
    }

    /// False when there is none left; a slice has one reading at least.
    func load() throws -> Bool {
        while next <= last {
            let end = try load(next, min(last, next + (length - 1)))
            adapt(end - next + 1)
            next = end + 1
            if !batch.isEmpty { return true }
        }
        return false
    }

    /// As long as has room for three quarters of what is allowed, without leaps.
    private func adapt(_ loaded: Int64) {
        let factor = batch.isEmpty ? 4 : min(4, max(0.25, 0.75 * Double(most) / Double(batch.count)))
        length = max(1, Int64(min(Double(loaded) * factor, Double(last - next) + 1)))
    }

    /// Where there are too many readings the slice ends earlier; returns its last moment.
    private func load(_ first: Int64, _ wanted: Int64) throws -> Int64 {
        batch.removeAll()
        runs.removeAll(keepingCapacity: true)
        var last = wanted
        for id in series {
            runs.append(batch.count..<batch.count)
            let scan = try reader.scan(id, TimeRange(first: first, last: last))
            while try scan.next() {
                let rows = scan.rows.lowerBound..<Self.firstRow(after: last, scan.batch.times, scan.rows)
                batch.append(rows, of: scan.batch)
                runs[runs.count - 1] = runs[runs.count - 1].lowerBound..<batch.count
                if batch.count > most { last = shorten(first, last) }
                if rows.count < scan.rows.count { break }
            }
        }
        return last
    }

    /// Gives back the later half, until half of the room is free or only one moment is left.
    private func shorten(_ first: Int64, _ wanted: Int64) -> Int64 {
        var last = wanted
        while batch.count > most / 2, last > first {
            last = first + (last - first) / 2
            var kept = ReadingBatch()
            kept.reserveCapacity(batch.count)
            for (index, run) in runs.enumerated() {
                let start = kept.count
                kept.append(run.lowerBound..<Self.firstRow(after: last, batch.times, run), of: batch)
                runs[index] = start..<kept.count
            }
            batch = kept
        }
        return last
    }

    private static func firstRow(after moment: Int64, _ times: [Int64], _ rows: Range<Int>) -> Int {
        var (low, high) = (rows.lowerBound, rows.upperBound)
        while low < high {
            let middle = (low + high) / 2
            if times[middle] <= moment { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
