import Encoding
import Readings
import SQLite

/// How rollups come to be; inside a transaction. What is claimed is always right: late readings mend it. What is not
/// claimed yet every query makes for itself, so nothing is written before it is worth a chunk.
extension HistoryFile {
    /// A series with fewer readings in a bucket than this is its own rollup, until its readings are deleted.
    private static let readingsPerBucket = 4

    /// So many buckets are worth a chunk: of a coarser width fewer, since each takes longer to make anew.
    private static func bucketsWorthAChunk(_ level: Int) -> Int { level == 0 ? 240 : level == 1 ? 12 : 4 }

    /// Claims further buckets of a series where enough have come together.
    func rollUp(_ series: SeriesID) throws {
        guard let last = try chunks.lastEntry(.readings(series))?.last else { return }
        let newest = min(last, rollUpLimit)
        for level in widths.indices {
            let width = widths[level]
            let target = Buckets.start(of: newest, width)
            let claimed = try chunks.level(ChunkLabel(series, width: width)).claimed
            guard Int(target / width - claimed / width) >= Self.bucketsWorthAChunk(level) else { continue }
            let waiting = try chunks.entries(.readings(series), in: TimeRange(first: claimed, last: target))
            let readings = waiting.reduce(0) { $0 + $1.count }
            // At most; where there is nothing, there are no buckets either.
            let buckets = waiting.reduce(0) { $0 + min($1.count, $1.span(inBucketsOf: width)) }
            if buckets >= Self.bucketsWorthAChunk(level), readings / Self.readingsPerBucket >= buckets {
                try rollUp(series, level: level, upTo: target)
            }
        }
    }

    /// Claims all buckets of a width before a moment, which is a multiple of it.
    func rollUp(_ series: SeriesID, level: Int, upTo target: Int64) throws {
        let label = ChunkLabel(series, width: widths[level])
        var state = try chunks.level(label)
        guard target > state.claimed else { return }
        let range = TimeRange(first: state.claimed, last: target - 1)
        try put(RollupRows(rollups: view.rollups(series, range, level: level)), label)
        state.claimed = target
        try put(state, label)
    }

    /// Makes the claimed buckets anew that readings have come into.
    func mendRollups(_ series: SeriesID, with readings: ReadingBatch) throws {
        for width in widths {
            let label = ChunkLabel(series, width: width)
            let claimed = try chunks.level(label).claimed
            guard claimed > readings.times[0] else { continue }
            let late = readings.rows(in: TimeRange(last: claimed - 1))
            try put(view.touched(series, readings, late, width: width), label)
        }
    }
}

extension ChunkEntry {
    fileprivate func span(inBucketsOf width: Int64) -> Int {
        let span = last.subtractingReportingOverflow(first)
        return span.overflow ? .max : Int(span.partialValue / width) + 1
    }
}
