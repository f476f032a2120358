import Journal
import Platform
import SQLite

/// What a history takes, by part; for measurements.
public struct HistoryFigures: Sendable {
    public struct Part: Sendable {
        /// 0 for the readings themselves.
        public var width: Int64
        public var chunks: Int
        public var rows: Int
        public var bytes: Int
    }

    public var parts: [Part] = []
    /// Of the whole file, and what of it is free.
    public var bytes = 0
    public var freeBytes = 0

    public init(directory: String) throws {
        let path = directory + "/" + HistorySchema.fileName
        guard Files.exists(path) else { return }
        let connection = try Connection(reading: path, table: "state")
        let rows = try connection.prepare(
            """
            SELECT width, count(*), sum(count), (SELECT total(length(body)) FROM bodies WHERE bodies.width = chunks.width)
            FROM chunks GROUP BY width ORDER BY width
            """)
        while try rows.step() {
            parts.append(
                Part(
                    width: rows.integer(0) * 1_000_000, chunks: Int(rows.integer(1)), rows: Int(rows.integer(2)),
                    bytes: Int(rows.integer(3))))
        }
        let pages = try connection.prepare(
            "SELECT page_count, freelist_count FROM pragma_page_count, pragma_freelist_count")
        try pages.step()
        bytes = Int(pages.integer(0)) * HistoryFile.pageBytes
        freeBytes = Int(pages.integer(1)) * HistoryFile.pageBytes
    }
}
