import Encoding
import Readings
import SQLite

/// How rows get into chunks; inside a transaction.
extension HistoryFile {
    /// So many rows between two chunks make one of their own; fewer join the next.
    private static let rowsOfTheirOwn = 512

    /// Puts ascending rows where they belong: after all chunks, between them, or into them. Of two rows for one moment
    /// the new one stays. No chunk becomes longer than `longestSpan` by joining others.
    func put<Rows: ChunkRows>(_ rows: Rows, _ label: ChunkLabel, longestSpan: Int64 = .max) throws(SQLiteError) {
        guard rows.count > 0 else { return }
        var next = 0
        let range = TimeRange(first: rows.time(0), last: rows.time(rows.count - 1))
        for entry in try chunks.entries(label, in: range) {
            let inside = rows.firstRow(from: entry.first)
            if inside - next >= Self.rowsOfTheirOwn {
                try write(rows, next..<inside, label, longestSpan)
                next = inside
            }
            let end = rows.firstRow(after: entry.last)
            if next < end { try merge(rows, next..<end, into: entry) }
            next = end
        }
        if next < rows.count { try write(rows, next..<rows.count, label, longestSpan) }
    }

    /// Rows of which none lies in a chunk, together with the small chunks before them where that is due.
    private func write<Rows: ChunkRows>(
        _ rows: Rows, _ range: Range<Int>, _ label: ChunkLabel, _ longestSpan: Int64
    ) throws(SQLiteError) {
        let (first, last) = (rows.time(range.lowerBound), rows.time(range.upperBound - 1))
        let before = try chunks.entries(label, upTo: first, most: ChunkJoining.neighbours)
        let joined = ChunkJoining.joined(before: before.map(\.count), new: range.count, most: Rows.mostInAChunk) {
            let span = last.subtractingReportingOverflow(before[$0].first)
            return span.overflow ? longestSpan == .max : span.partialValue <= longestSpan
        }
        guard joined > 0 || range.count < rows.count else { return try insertPieces(of: rows, label) }
        var all = Rows()
        for entry in before[..<joined].reversed() {
            let old: Rows = try take(entry)
            all.append(0..<old.count, of: old)
        }
        all.append(range, of: rows)
        try insertPieces(of: all, label)
    }

    private func merge<Rows: ChunkRows>(
        _ rows: Rows, _ range: Range<Int>, into entry: ChunkEntry
    ) throws(SQLiteError) {
        let old: Rows = try take(entry)
        try insertPieces(of: Rows.merged(old, rows, range), entry.label)
    }

    /// Reads a chunk and deletes it: it comes back as a part of another.
    private func take<Rows: ChunkRows>(_ entry: ChunkEntry) throws(SQLiteError) -> Rows {
        var rows = Rows()
        if try !chunks.read(entry, into: &rows) { try lose(entry) }
        try delete(entry)
        return rows
    }

    private func insertPieces<Rows: ChunkRows>(of rows: Rows, _ label: ChunkLabel) throws(SQLiteError) {
        guard rows.count > Rows.mostInAChunk else { return try insert(rows, label) }
        for range in ChunkJoining.pieces(rows.count, most: Rows.mostInAChunk) {
            var piece = Rows()
            piece.append(range, of: rows)
            try insert(piece, label)
        }
    }
}
