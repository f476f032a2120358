import Encoding
import Readings

/// What rules and the disk's limits take away again.
extension HistoryFile {
    /// Chunks that one transaction deletes: some ten milliseconds on a card.
    private static let chunksAtOnce = 32

    /// Deletes a few chunks of a series that its rule has no more use for, and returns them; none when that was all.
    /// Chunks go as a whole: some of their rows stay a while longer than they must.
    func expire(_ series: SeriesID, by rule: Retention.Rule) throws -> [ChunkEntry] {
        for (level, kept) in ([rule.readings] + rule.rollups).enumerated() where level <= widths.count {
            guard let kept else { continue }
            let (cutoff, overflow) = retentionClock.subtractingReportingOverflow(kept)
            guard !overflow else { continue }
            let label = ChunkLabel(series, width: width(ofLevel: level))
            let old = try chunks.oldestEntries(label, endingBefore: cutoff, most: Self.chunksAtOnce)
            guard !old.isEmpty else { continue }
            try transaction { try delete(old, level: level) }
            return old
        }
        return []
    }

    /// Deletes a few chunks of the oldest readings of all, or where there are none, and they may go, of the finest
    /// rollups that there are. Returns what went; nothing when nothing is left.
    func shed(rollups: Bool) throws -> [ChunkEntry] {
        for level in 0...(rollups ? widths.count : 0) {
            let oldest = try chunks.oldestEntries(width: width(ofLevel: level), most: Self.chunksAtOnce)
            guard !oldest.isEmpty else { continue }
            try transaction { for entry in oldest { try delete([entry], level: level) } }
            return oldest
        }
        return []
    }

    /// Level 0 is the readings themselves, level 1 the first width.
    private func width(ofLevel level: Int) -> Int64 { level == 0 ? 0 : widths[level - 1] }

    /// The oldest chunks of one series and width, once the rollups of the next width have what is in them.
    private func delete(_ entries: [ChunkEntry], level: Int) throws {
        guard let newest = entries.last else { return }
        let label = newest.label
        if level < widths.count {
            try rollUp(label.series, level: level, upTo: Buckets.start(after: newest.last, widths[level]))
        }
        for entry in entries { try delete(entry) }
        var state = try chunks.level(label)
        state.deleted = max(state.deleted, Buckets.start(after: newest.last, max(1, label.microseconds)))
        try put(state, label)
    }
}
