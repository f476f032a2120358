import Encoding
import Readings
import SQLite

/// Reads the chunks of one `history.db` over one connection: the writer's or a reader's. Used by one thread at a time.
final class ChunkStore {
    /// What is damaged is left out and told here.
    var onDamage: (String) -> Void = { _ in }
    /// For the writer: damage outside of the bodies is an error, since nothing can be built on it.
    var isStrict = false

    private let connection: Connection
    private let selectBefore: Statement
    private let selectAfter: Statement
    private let selectBody: Statement
    private let selectLevel: Statement
    private var codec = ChunkCodec()

    init(_ connection: Connection) throws(SQLiteError) {
        self.connection = connection
        let columns = "SELECT start, span, count, body, checksum FROM chunks WHERE series = ? AND width = ?"
        selectBefore = try connection.prepare("\(columns) AND start <= ? ORDER BY start DESC")
        selectAfter = try connection.prepare("\(columns) AND start >= ? ORDER BY start")
        selectBody = try connection.prepare("SELECT body FROM bodies WHERE id = ?")
        selectLevel = try connection.prepare(
            "SELECT claimed, deleted, checksum FROM levels WHERE series = ? AND width = ?")
    }

    // MARK: The directory

    /// Chunks that can hold rows of the range, ascending.
    func entries(_ label: ChunkLabel, in range: TimeRange = TimeRange()) throws(SQLiteError) -> [ChunkEntry] {
        var entries: [ChunkEntry] = []
        try forEachEntry(label, startingUpTo: range.last) { entry in
            guard entry.last >= range.first else { return false }
            entries.append(entry)
            return true
        }
        entries.reverse()
        return entries
    }

    /// The chunks that begin at a moment or before it, the nearest first.
    func entries(_ label: ChunkLabel, upTo time: Int64, most: Int) throws(SQLiteError) -> [ChunkEntry] {
        var entries: [ChunkEntry] = []
        try forEachEntry(label, startingUpTo: time) { entry in
            entries.append(entry)
            return entries.count < most
        }
        return entries
    }

    func firstEntry(_ label: ChunkLabel, from time: Int64 = .min) throws(SQLiteError) -> ChunkEntry? {
        defer { selectAfter.reset() }
        bind(label, time, to: selectAfter)
        return try selectAfter.step() ? try entry(label, selectAfter) : nil
    }

    func lastEntry(_ label: ChunkLabel) throws(SQLiteError) -> ChunkEntry? {
        try entries(label, upTo: .max, most: 1).first
    }

    /// Of those that end before a moment the oldest, ascending.
    func oldestEntries(_ label: ChunkLabel, endingBefore time: Int64, most: Int) throws(SQLiteError) -> [ChunkEntry] {
        defer { selectAfter.reset() }
        bind(label, .min, to: selectAfter)
        var entries: [ChunkEntry] = []
        while entries.count < most, try selectAfter.step() {
            guard let entry = try entry(label, selectAfter) else { continue }
            guard Buckets.start(after: entry.last, max(1, label.microseconds)) <= time else { break }
            entries.append(entry)
        }
        return entries
    }

    /// Of all series those that end first.
    func oldestEntries(width: Int64, most: Int) throws(SQLiteError) -> [ChunkEntry] {
        let rows = try connection.prepare(
            """
            SELECT start, span, count, body, checksum, series FROM chunks WHERE width = ? ORDER BY start + span LIMIT ?
            """)
        rows.bind(0, width / 1_000_000)
        rows.bind(1, Int64(most))
        var entries: [ChunkEntry] = []
        while try rows.step() {
            let series = SeriesID(UInt32(truncatingIfNeeded: rows.integer(5)))
            if let entry = try entry(ChunkLabel(series, width: width), rows) { entries.append(entry) }
        }
        return entries
    }

    private static let allEntries = "SELECT start, span, count, body, checksum, series, width FROM chunks"

    /// Of all series and widths.
    func forEachEntry(_ body: (ChunkEntry) throws -> Void) throws {
        let rows = try connection.prepare(Self.allEntries)
        while try rows.step() {
            if let entry = try labelledEntry(rows) { try body(entry) }
        }
    }

    /// That each row is what was written: damaged keys are found under no series.
    func checkDirectory() throws(SQLiteError) {
        let rows = try connection.prepare(Self.allEntries)
        while try rows.step() { _ = try labelledEntry(rows) }
    }

    private func labelledEntry(_ rows: Statement) throws(SQLiteError) -> ChunkEntry? {
        let series = SeriesID(UInt32(truncatingIfNeeded: rows.integer(5)))
        if (0..<7).contains(where: rows.isNull) {
            try refuse("a row of the directory is damaged")
            return nil
        }
        return try entry(ChunkLabel(series: series, width: UInt32(truncatingIfNeeded: rows.integer(6))), rows)
    }

    private func forEachEntry(
        _ label: ChunkLabel, startingUpTo time: Int64, _ goesOn: (ChunkEntry) -> Bool
    ) throws(SQLiteError) {
        defer { selectBefore.reset() }
        bind(label, time, to: selectBefore)
        while try selectBefore.step() {
            if let entry = try entry(label, selectBefore), !goesOn(entry) { return }
        }
    }

    private func bind(_ label: ChunkLabel, _ time: Int64, to statement: Statement) {
        statement.bind(0, Int64(label.series.rawValue))
        statement.bind(1, Int64(label.width))
        statement.bind(2, time)
    }

    private func entry(_ label: ChunkLabel, _ row: Statement) throws(SQLiteError) -> ChunkEntry? {
        let entry = ChunkEntry(
            label: label, first: row.integer(0), last: row.integer(0) &+ row.integer(1), count: Int(row.integer(2)),
            body: row.integer(3))
        if entry.checksum == row.integer(4) { return entry }
        try refuse("a row of the directory, of series \(label.series.rawValue), is damaged")
        return nil
    }

    private func refuse(_ damage: String) throws(SQLiteError) {
        if isStrict { throw SQLiteError(code: SQLiteError.damaged, message: damage, subject: connection.path) }
        onDamage("\(connection.path): \(damage)")
    }

    // MARK: What is in them

    /// Puts the rows in place of what `rows` held; false, and no rows, where they are damaged.
    func read<Rows: ChunkRows>(_ entry: ChunkEntry, into rows: inout Rows) throws(SQLiteError) -> Bool {
        let problem = try withBody(of: entry) { (bytes) throws(DamagedChunk) in
            try Rows.decode(bytes, entry.label, &codec, into: &rows)
            if rows.count != entry.count { throw DamagedChunk("\(rows.count) rows where \(entry.count) were expected") }
        }
        guard let problem else { return true }
        rows = Rows()
        onDamage(
            "\(connection.path): \(entry.count) rows of series \(entry.label.series.rawValue) "
                + "from \(Timestamp(microseconds: entry.first).rfc3339) on: \(problem)")
        return false
    }

    /// Nil when all went well, or what did not.
    private func withBody(
        of entry: ChunkEntry, _ body: (UnsafeRawBufferPointer) throws(DamagedChunk) -> Void
    ) throws(SQLiteError) -> String? {
        defer { selectBody.reset() }
        selectBody.bind(0, entry.body)
        guard try selectBody.step() else { return "its bytes are missing" }
        do throws(DamagedChunk) { try selectBody.blob(0, body) } catch { return error.description }
        return nil
    }

    func level(_ label: ChunkLabel) throws(SQLiteError) -> Level {
        defer { selectLevel.reset() }
        selectLevel.bind(0, Int64(label.series.rawValue))
        selectLevel.bind(1, Int64(label.width))
        guard try selectLevel.step() else { return Level() }
        let level = Level(claimed: selectLevel.integer(0), deleted: selectLevel.integer(1))
        if level.checksum(label) == selectLevel.integer(2) { return level }
        try refuse("how far series \(label.series.rawValue) is rolled up is damaged")
        return Level()
    }

    /// The newest reading of each series that has had any.
    func latestReadings() throws(SQLiteError) -> [Reading] {
        let rows = try connection.prepare("SELECT series, body FROM latest_readings ORDER BY series")
        var readings: [Reading] = []
        var batch = ReadingBatch()
        while try rows.step() {
            let label = ChunkLabel.readings(SeriesID(UInt32(truncatingIfNeeded: rows.integer(0))))
            do throws(DamagedChunk) {
                try rows.blob(1) { (bytes) throws(DamagedChunk) in
                    try ReadingBatch.decode(bytes, label, &codec, into: &batch)
                }
                if batch.count == 1 { readings.append(batch[0]) }
            } catch {
                try refuse("the latest reading of series \(label.series.rawValue) is damaged")
            }
        }
        return readings
    }
}
