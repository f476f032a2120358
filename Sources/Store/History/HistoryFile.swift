import Encoding
import Journal
import Platform
import Readings
import SQLite

/// `history.db`, opened to be written. One owner, one thread.
final class HistoryFile {
    /// About 4 MB: then the log goes into the database.
    static let pagesBeforeCheckpoint = 4000
    /// A reader that never ends keeps the log from starting over; past this the log is cut as soon as it does.
    static let pagesBeforeTruncation = 32_000
    static let pageBytes = HistorySchema.format.pageBytes

    /// The last batch of the journal whose readings are here.
    private(set) var sealed: Int64
    /// The clock by which readings grow old; see `Retention`.
    private(set) var retentionClock: Int64
    /// Of the rollups that are in the file.
    let storedWidths: [Int64]
    let chunks: ChunkStore
    let view: StoreView
    var widths: [Int64] { view.widths }
    /// No rollups are made of what comes later: that is not over yet.
    var rollUpLimit = Int64.max
    /// A damaged chunk has been dropped: its series, what it held, for the table of gaps.
    var onLoss: (ChunkEntry) -> Void = { _ in }
    /// Damaged chunks that this transaction drops.
    var losses: [ChunkEntry] = []
    private(set) var pagesCheckpointed = 0

    private let connection: Connection
    private let insertChunk: Statement
    private let deleteChunk: Statement
    private let insertBody: Statement
    private let deleteBody: Statement
    private let putLevel: Statement
    private let putLatest: Statement
    private let putName: Statement
    private let putState: Statement
    private let countPages: Statement
    private var names: [SeriesID: SeriesDefinition] = [:]
    /// When each series had its newest reading.
    private(set) var latest: [SeriesID: Int64] = [:]
    private var codec = ChunkCodec()
    private var nextBody: Int64

    /// Opens the file, and makes a new one where none is. An error that `isDamage` means: set it aside.
    init(_ path: String, widths: [Int64], isSynced: Bool, vfs: String? = nil) throws(SQLiteError) {
        connection = try HistorySchema.format.open(path, isSynced: isSynced, vfs: vfs)
        try connection.execute("PRAGMA journal_size_limit = \(Self.pagesBeforeTruncation * Self.pageBytes)")
        chunks = try ChunkStore(connection)
        chunks.isStrict = true
        if DatabaseFormat.isChecked(path) { try chunks.checkDirectory() }
        view = StoreView(chunks, widths: widths)
        insertChunk = try connection.prepare("INSERT INTO chunks VALUES(?, ?, ?, ?, ?, ?, ?)")
        deleteChunk = try connection.prepare("DELETE FROM chunks WHERE series = ? AND width = ? AND start = ?")
        insertBody = try connection.prepare("INSERT INTO bodies VALUES(?, ?, ?, ?)")
        deleteBody = try connection.prepare("DELETE FROM bodies WHERE id = ?")
        putLevel = try connection.prepare("INSERT OR REPLACE INTO levels VALUES(?, ?, ?, ?, ?)")
        putLatest = try connection.prepare("INSERT OR REPLACE INTO latest_readings VALUES(?, ?)")
        putName = try connection.prepare(SeriesRows.insertion(into: "series_names"))
        putState = try connection.prepare("INSERT OR REPLACE INTO state VALUES(?, ?, ?)")
        countPages = try connection.prepare(
            "SELECT page_count, freelist_count FROM pragma_page_count, pragma_freelist_count")
        let state = try HistoryState(connection)
        sealed = state.sealed
        retentionClock = state.retentionClock
        nextBody = state.nextBody
        storedWidths = state.widths
        for stored in try SeriesRows.read("series_names", of: connection) { names[stored.id] = stored.definition }
        for reading in try chunks.latestReadings() { latest[reading.series] = reading.time.microseconds }
    }

    /// What series were called when they were last sealed.
    var definitions: [(id: SeriesID, definition: SeriesDefinition)] { names.map { ($0.key, $0.value) } }

    func transaction(_ body: () throws -> Void) throws {
        let before = (sealed, retentionClock, nextBody, names, latest)
        losses = []
        do {
            try connection.transaction { () throws(any Error) in
                try body()
                if !losses.isEmpty { try mendLosses() }
                // Whatever the transaction was for: no number is given twice.
                if nextBody != before.2 { try put(state: "next_body", nextBody) }
            } failed: {
                $0
            }
        } catch {
            (sealed, retentionClock, nextBody, names, latest) = before
            throw error
        }
        losses.forEach(onLoss)
    }

    // MARK: Inside a transaction

    func seal(upTo sequence: Int64) throws(SQLiteError) {
        sealed = sequence
        try put(state: "sealed", sequence)
    }

    func move(retentionClock time: Int64) throws(SQLiteError) {
        retentionClock = time
        try put(state: "retention_clock", time)
    }

    func note(widths: [Int64]) throws(SQLiteError) {
        for index in 0..<HistoryState.mostWidths {
            try put(state: HistoryState.widthKey(index), widths.indices.contains(index) ? widths[index] : 0)
        }
    }

    private func put(state key: String, _ value: Int64) throws(SQLiteError) {
        putState.bind(0, key)
        putState.bind(1, value)
        putState.bind(2, HistoryState.checksum(key, value))
        try putState.run()
    }

    func put(_ definition: SeriesDefinition, as id: SeriesID) throws(SQLiteError) {
        guard names[id] != definition else { return }
        try SeriesRows.put(definition, as: id, putName)
        names[id] = definition
    }

    func put(_ level: Level, _ label: ChunkLabel) throws(SQLiteError) {
        putLevel.bind(0, Int64(label.series.rawValue))
        putLevel.bind(1, Int64(label.width))
        putLevel.bind(2, level.claimed)
        putLevel.bind(3, level.deleted)
        putLevel.bind(4, level.checksum(label))
        try putLevel.run()
    }

    /// The newest reading of its series, as a chunk of one row.
    func put(latest readings: ReadingBatch, row: Int) throws(SQLiteError) {
        var reading = ReadingBatch()
        reading.append(row..<row + 1, of: readings)
        let series = readings.series[row]
        reading.encode(.readings(series), &codec)
        putLatest.bind(0, Int64(series.rawValue))
        try putLatest.run(blob: 1, codec.bytes)
        latest[series] = readings.times[row]
    }

    /// Rows that overlap no chunk, as one.
    func insert<Rows: ChunkRows>(_ rows: Rows, _ label: ChunkLabel) throws(SQLiteError) {
        rows.encode(label, &codec)
        try insert(codec.bytes, body: nextBody, label)
        try insert(
            ChunkEntry(
                label: label, first: rows.time(0), last: rows.time(rows.count - 1), count: rows.count, body: nextBody))
        nextBody += 1
    }

    private func insert(_ bytes: [UInt8], body: Int64, _ label: ChunkLabel) throws(SQLiteError) {
        insertBody.bind(0, body)
        insertBody.bind(1, Int64(label.series.rawValue))
        insertBody.bind(2, Int64(label.width))
        try insertBody.run(blob: 3, bytes)
    }

    private func insert(_ entry: ChunkEntry) throws(SQLiteError) {
        insertChunk.bind(0, Int64(entry.label.series.rawValue))
        insertChunk.bind(1, Int64(entry.label.width))
        insertChunk.bind(2, entry.first)
        insertChunk.bind(3, entry.last &- entry.first)
        insertChunk.bind(4, Int64(entry.count))
        insertChunk.bind(5, entry.body)
        insertChunk.bind(6, entry.checksum)
        try insertChunk.run()
    }

    func delete(_ entry: ChunkEntry) throws(SQLiteError) {
        deleteChunk.bind(0, Int64(entry.label.series.rawValue))
        deleteChunk.bind(1, Int64(entry.label.width))
        deleteChunk.bind(2, entry.first)
        try deleteChunk.run()
        deleteBody.bind(0, entry.body)
        try deleteBody.run()
    }

    // MARK: Between transactions

    struct Size {
        var used: Int
        var free: Int
    }

    /// Bytes of the database that hold something, and those that are free for what comes.
    func size() throws(SQLiteError) -> Size {
        defer { countPages.reset() }
        try countPages.step()
        let (all, free) = (Int(countPages.integer(0)), Int(countPages.integer(1)))
        return Size(used: (all - free) * Self.pageBytes, free: free * Self.pageBytes)
    }

    /// Gives some free pages back to the disk.
    func shrink(pages: Int) throws(SQLiteError) {
        try connection.execute("PRAGMA incremental_vacuum(\(pages))")
    }

    /// Moves the log into the database when it has grown enough. A reader in its way only delays that.
    func checkpointIfDue(force: Bool = false) throws(SQLiteError) {
        let pages = connection.pagesInLog
        guard pages > 0, force || pages >= Self.pagesBeforeCheckpoint else { return }
        pagesCheckpointed += try connection.checkpoint(pages >= Self.pagesBeforeTruncation ? .truncate : .passive)
    }

    /// Gives the bytes of the log back to the disk, too, as far as no reader is in the way.
    func cutLog() throws(SQLiteError) { pagesCheckpointed += try connection.checkpoint(.truncate) }

    /// Given to the disk since the file was opened.
    var bytesWritten: Int { (connection.pagesWritten + pagesCheckpointed) * Self.pageBytes }
}

/// The numbers in the table `state`.
struct HistoryState {
    static let mostWidths = 6

    var sealed: Int64 = 0
    var retentionClock = Int64.min
    var nextBody: Int64 = 1
    var widths: [Int64] = []

    init(_ connection: Connection) throws(SQLiteError) {
        let (values, damaged) = try Self.rows(connection)
        if let damaged { throw SQLiteError(code: SQLiteError.damaged, message: damaged, subject: connection.path) }
        take(values)
    }

    /// For a damaged file: what is left of it.
    init(intactIn connection: Connection) throws(SQLiteError) { take(try Self.rows(connection).values) }

    private mutating func take(_ values: [String: Int64]) {
        sealed = values["sealed"] ?? 0
        retentionClock = values["retention_clock"] ?? .min
        nextBody = values["next_body"] ?? 1
        // They are written together; where one is lost nobody knows them.
        let widths = (0..<Self.mostWidths).map { values[Self.widthKey($0)] }
        self.widths = widths.contains(nil) ? [] : widths.compactMap { $0 }.filter { $0 > 0 }
    }

    private static func rows(
        _ connection: Connection
    ) throws(SQLiteError) -> (values: [String: Int64], damaged: String?) {
        var values: [String: Int64] = [:]
        var damaged: String?
        let rows = try connection.prepare("SELECT key, value, checksum FROM state")
        while try rows.step() {
            let (key, value) = (rows.text(0) ?? "", rows.integer(1))
            if rows.integer(2) == checksum(key, value) {
                values[key] = value
            } else {
                damaged = "a row of the table state is damaged"
            }
        }
        return (values, damaged)
    }

    static func checksum(_ key: String, _ value: Int64) -> Int64 {
        HistorySchema.checksum(key.utf8.map { Int64($0) } + [value])
    }

    static func widthKey(_ index: Int) -> String { "width_\(index)" }
}
