import Journal
import Platform
import Readings
import SQLite

/// `history.db`, opened to be read while a gateway writes it, or when none does.
final class HistoryReading {
    let path: String
    let chunks: ChunkStore
    private(set) var state: HistoryState
    let connection: Connection
    private let identity: [UInt]?
    private var isHeld = false

    /// Nil where no history is yet.
    init?(directory: String) throws {
        path = directory + "/" + HistorySchema.fileName
        guard (Files.size(path) ?? 0) > 0 else { return nil }
        identity = Files.identity(path)
        do throws(SQLiteError) {
            connection = try Connection(reading: path, table: "state")
            chunks = try ChunkStore(connection)
            state = try HistoryState(connection)
        } catch {
            throw StoreError.cannotRead(path, error.message)
        }
    }

    /// Whether another file has taken the place of this one: a damaged history was replaced.
    var isReplaced: Bool { Files.identity(path).map { $0 != identity } ?? false }

    /// What series were called when they were last sealed.
    var definitions: [(id: SeriesID, definition: SeriesDefinition)] {
        let stored = (try? SeriesRows.read("series_names", of: connection)) ?? []
        return stored.compactMap { stored in stored.definition.map { (stored.id, $0) } }
    }

    /// From here until `release` it sees one moment.
    func hold() throws(SQLiteError) {
        guard !isHeld else { return }
        try connection.execute("BEGIN")
        isHeld = true
        state = try HistoryState(connection)
    }

    func release() {
        if isHeld { try? connection.execute("COMMIT") }
        isHeld = false
    }
}
