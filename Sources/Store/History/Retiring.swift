import Encoding
import Readings

/// What becomes of the rollups of a width that is no longer wanted.
extension HistoryFile {
    /// So many chunks are deleted in one transaction.
    private static let chunksAtOnce = 32

    /// Takes the rollups of one level away, after those of the next have what is in them. For a file that was opened with
    /// the widths that it has.
    func retire(level: Int) throws {
        for series in latest.keys.sorted() {
            let label = ChunkLabel(series, width: widths[level])
            if level + 1 < widths.count {
                let claimed = try chunks.level(label).claimed
                try transaction {
                    try rollUp(series, level: level + 1, upTo: Buckets.start(notBefore: claimed, widths[level + 1]))
                }
            }
            while case let old = try chunks.oldestEntries(label, endingBefore: .max, most: Self.chunksAtOnce),
                !old.isEmpty
            {
                try transaction { for entry in old { try delete(entry) } }
                try checkpointIfDue()
            }
            try transaction { try put(Level(), label) }
        }
    }
}
