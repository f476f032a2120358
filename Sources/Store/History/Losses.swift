import Encoding
import Readings
import SQLite

/// What becomes of the rest when a chunk is found damaged; inside a transaction.
extension HistoryFile {
    /// From here on the rollups alone know what was in a chunk of readings: late ones are added to them.
    func lose(_ entry: ChunkEntry) throws(SQLiteError) {
        losses.append(entry)
        guard entry.label.width == 0 else { return }
        var state = try chunks.level(entry.label)
        state.deleted = max(state.deleted, Buckets.start(after: entry.last, 1))
        try put(state, entry.label)
    }

    /// Claims the rollups of readings that are lost, and makes those that are lost anew where that can be done. Leaves
    /// what is lost for good.
    func mendLosses() throws {
        for index in losses.indices {
            let label = losses[index].label
            if label.width == 0 {
                guard let width = widths.first else { continue }
                let deleted = try chunks.level(label).deleted
                try rollUp(label.series, level: 0, upTo: Buckets.start(notBefore: deleted, width))
            } else if let level = widths.firstIndex(of: label.microseconds) {
                losses[index].count -= try remade(losses[index], level: level)
            }
        }
        losses.removeAll { $0.count <= 0 }
    }

    /// Returns how many of a lost chunk's rollups are there again.
    private func remade(_ lost: ChunkEntry, level: Int) throws -> Int {
        let range = TimeRange(first: lost.first, last: Buckets.end(of: lost.last, widths[level]))
        try remakeRollups(lost.label.series, level: level, range, from: finerDeleted(lost.label.series, level))
        return try view.stored(lost.label.series, range, width: widths[level]).count
    }

    /// Before this moment what a width of rollups is made of has been deleted.
    private func finerDeleted(_ series: SeriesID, _ level: Int) throws -> Int64 {
        try chunks.level(ChunkLabel(series, width: level == 0 ? 0 : widths[level - 1])).deleted
    }

    /// Puts rollups that are made of what is finer in the place of those that are missing, or know of fewer readings; none
    /// that begins before `complete`.
    func remakeRollups(_ series: SeriesID, level: Int, _ range: TimeRange, from complete: Int64) throws {
        let first = Swift.max(range.first, Buckets.start(notBefore: complete, widths[level]))
        guard first <= range.last else { return }
        let range = TimeRange(first: first, last: range.last)
        let stored = RollupRows(rollups: try view.stored(series, range, width: widths[level]))
        let made = try view.finer(series, range, level: level)
        let better = made.filter { rollup in
            let row = stored.firstRow(from: rollup.start)
            guard row < stored.count, stored.time(row) == rollup.start else { return true }
            let known = stored.rollups[row]
            return known.readings < rollup.readings || known.readings == rollup.readings && !known.isAbout(rollup)
        }
        try put(RollupRows(rollups: better), ChunkLabel(series, width: widths[level]))
    }
}

extension Rollup {
    fileprivate var readings: Int { count + texts + bad }
}
