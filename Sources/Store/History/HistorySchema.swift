import Encoding
import Journal
import Readings
import SQLite

/// The tables of `history.db`.
///
/// A chunk is a row of the directory `chunks`, and a row of `bodies` with its bytes. The directory is small and stays
/// in memory; bodies are only ever added at the end of their table, which fills its pages and keeps a card's writes
/// together. Chunks of one series and width never overlap.
enum HistorySchema {
    static let fileName = "history.db"
    /// Of small pages a chunk leaves less at its end unused. The application ID is "OPH1".
    static let format = DatabaseFormat(
        kind: "history", applicationID: 0x4F50_4831, version: 1, pageBytes: 1024, shrinksInSteps: true,
        tables: tables)

    private static let tables = """
        CREATE TABLE chunks(series INTEGER, width INTEGER, start INTEGER, span INTEGER NOT NULL,
            count INTEGER NOT NULL, body INTEGER NOT NULL, checksum INTEGER NOT NULL,
            PRIMARY KEY(series, width, start)) WITHOUT ROWID;
        CREATE TABLE bodies(id INTEGER PRIMARY KEY, series INTEGER NOT NULL, width INTEGER NOT NULL,
            body BLOB NOT NULL);
        CREATE TABLE latest_readings(series INTEGER PRIMARY KEY, body BLOB NOT NULL);
        CREATE TABLE levels(series INTEGER, width INTEGER, claimed INTEGER NOT NULL, deleted INTEGER NOT NULL,
            checksum INTEGER NOT NULL, PRIMARY KEY(series, width)) WITHOUT ROWID;
        CREATE TABLE state(key TEXT PRIMARY KEY, value INTEGER NOT NULL, checksum INTEGER NOT NULL) WITHOUT ROWID;
        \(SeriesRows.tableDefinition("series_names"))
        """

    /// Over the numbers of a row, which a flipped bit must not change unseen.
    static func checksum(_ numbers: Int64...) -> Int64 { checksum(numbers) }

    static func checksum(_ numbers: some Sequence<Int64>) -> Int64 {
        var hash: UInt64 = 0x9E37_79B9_7F4A_7C15
        for number in numbers {
            hash = (hash ^ UInt64(bitPattern: number)) &* 0xBF58_476D_1CE4_E5B9
            hash ^= hash >> 29
        }
        // Of a size that SQLite stores in four bytes.
        return Int64(Int32(truncatingIfNeeded: hash >> 32))
    }
}

/// A row of the directory.
struct ChunkEntry: Sendable, Equatable {
    var label: ChunkLabel
    /// The times of its first and its last row.
    var first: Int64
    var last: Int64
    var count: Int
    var body: Int64

    var range: TimeRange { TimeRange(first: first, last: last) }

    var checksum: Int64 {
        HistorySchema.checksum(
            Int64(label.series.rawValue), Int64(label.width), first, last, Int64(count), body)
    }
}

/// How far the rollups of a series have come at one width, and from when on there is anything. At width 0, the
/// readings themselves, nothing is claimed.
struct Level: Sendable, Equatable {
    /// Every reading before this moment is in the rollups.
    var claimed = Int64.min
    /// Everything before this moment has been deleted.
    var deleted = Int64.min

    func checksum(_ label: ChunkLabel) -> Int64 {
        HistorySchema.checksum(Int64(label.series.rawValue), Int64(label.width), claimed, deleted)
    }
}
