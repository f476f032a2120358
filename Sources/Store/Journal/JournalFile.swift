import Alarms
import Encoding
import Platform
import Readings
import SQLite

/// How much a commit survives.
public enum Durability: Sendable {
    /// A power cut: each commit is synced to the disk.
    case power
    /// The death of the process, at any moment.
    case process
}

/// `journal.db`, opened to be written. One owner, one thread.
final class JournalFile {
    /// About 4 MB: then the log goes into the database.
    static let pagesBeforeCheckpoint = 4000
    /// A reader that never ends keeps the log from starting over; past this the log is cut as soon as it does.
    static let pagesBeforeTruncation = 32_000
    static let pageBytes = JournalSchema.format.pageBytes
    static let mostDeadLetters = 1000
    static let mostAudit = 10_000

    /// What the file held when it was opened.
    struct Contents {
        var series: [SeriesRows.Stored]
        var cursors: [String: Int64]
        var alarms: AlarmMemory
    }

    let contents: Contents
    private(set) var nextSequence: Int64
    private(set) var pagesCheckpointed = 0
    /// Batches up to here are gone for good.
    private(set) var deletedThrough: Int64 = 0

    private let connection: Connection
    private let insertBatch: Statement
    private let putSeries: Statement
    private let putCursor: Statement
    private let putGap: Statement
    private let putDeadLetter: Statement
    private let countDeadLetters: Statement
    private let dropDeadLetters: Statement
    private let insertAudit: Statement
    private let dropAudit: Statement
    private let alarmRows: AlarmRows
    private let deleteBatches: Statement
    private let countUsedPages: Statement
    private var encoder = JournalBatchEncoder()
    private var body: [UInt8] = []

    /// Opens the file, and makes a new one where none is; batches are numbered on from `sequence` at least. An error
    /// that `isDamage` means: set it aside.
    init(
        _ path: String, durability: Durability, vfs: String? = nil, numberingAfter sequence: Int64 = 0
    ) throws(SQLiteError) {
        connection = try JournalSchema.format.open(path, isSynced: durability == .power, vfs: vfs)
        try connection.execute("PRAGMA journal_size_limit = \(Self.pagesBeforeTruncation * Self.pageBytes)")
        insertBatch = try connection.prepare("INSERT INTO batches VALUES(?, ?, ?, ?, ?)")
        putSeries = try connection.prepare(SeriesRows.insertion(into: "series"))
        putCursor = try connection.prepare("INSERT OR REPLACE INTO cursors VALUES(?, ?)")
        putGap = try connection.prepare(
            """
            INSERT INTO gaps VALUES(?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
            first = min(first, excluded.first), last = max(last, excluded.last), count = count + excluded.count
            """)
        putDeadLetter = try connection.prepare(
            """
            INSERT INTO dead_letters VALUES(?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
            detail = excluded.detail, payload = excluded.payload, count = count + excluded.count,
            last = max(last, excluded.last)
            """)
        countDeadLetters = try connection.prepare("SELECT count(*) FROM dead_letters")
        dropDeadLetters = try connection.prepare(
            """
            DELETE FROM dead_letters WHERE (source, topic, reason) IN
            (SELECT source, topic, reason FROM dead_letters ORDER BY last LIMIT ?)
            """)
        insertAudit = try connection.prepare("INSERT INTO audit VALUES(NULL, ?, ?, ?, ?, ?, ?)")
        dropAudit = try connection.prepare("DELETE FROM audit WHERE number <= (SELECT max(number) FROM audit) - ?")
        deleteBatches = try connection.prepare(
            """
            DELETE FROM batches WHERE sequence <= (SELECT max(sequence) FROM
            (SELECT sequence FROM batches WHERE sequence <= ? ORDER BY sequence LIMIT ?))
            RETURNING first, last, count, sequence
            """)
        countUsedPages = try connection.prepare(
            "SELECT page_count - freelist_count FROM pragma_page_count, pragma_freelist_count")
        alarmRows = try AlarmRows(connection)
        contents = try Self.readContents(connection)
        let latest = try connection.prepare("SELECT max(sequence) FROM batches")
        try latest.step()
        nextSequence = max(latest.integer(0), sequence, contents.cursors.values.max() ?? 0) + 1
    }

    private static func readContents(_ connection: Connection) throws(SQLiteError) -> Contents {
        let series = try SeriesRows.read("series", of: connection)
        let rows = try connection.prepare("SELECT reader, sequence FROM cursors")
        var cursors: [String: Int64] = [:]
        while try rows.step() { cursors[rows.text(0) ?? ""] = rows.integer(1) }
        return Contents(series: series, cursors: cursors, alarms: try AlarmRows.read(connection))
    }

    /// All of the entry, or nothing. `now` is wall time in microseconds.
    func commit(_ entry: JournalEntry, at now: Int64) throws(SQLiteError) {
        try connection.transaction { () throws(SQLiteError) in
            for (id, definition) in entry.definitions { try put(definition, as: id) }
            if !entry.readings.isEmpty {
                encoder.encode(entry.readings, sequence: UInt64(nextSequence), into: &body)
                try insert(
                    body, sequence: nextSequence, first: entry.readings.times.min()!, last: entry.readings.times.max()!,
                    count: entry.readings.count)
            }
            for (reader, sequence) in entry.cursors {
                putCursor.bind(0, reader)
                putCursor.bind(1, sequence)
                try putCursor.run()
            }
            for gap in entry.gaps { try put(gap, at: now) }
            try put(Array(entry.deadLetters.values))
            try put(entry.audit)
            if !entry.alarms.isEmpty { try alarmRows.put(entry.alarms) }
        } failed: {
            $0
        }
        if !entry.readings.isEmpty { nextSequence += 1 }
    }

    /// A row as it was found in a damaged file; its sequence stays.
    func insert(
        _ body: [UInt8], sequence: Int64, first: Int64, last: Int64, count: Int
    ) throws(SQLiteError) {
        insertBatch.bind(0, sequence)
        insertBatch.bind(1, first)
        insertBatch.bind(2, last)
        insertBatch.bind(3, Int64(count))
        try insertBatch.run(blob: 4, body)
    }

    /// Used only while a damaged journal is being saved: what its trees still gave comes first.
    func putIfMissing(_ definition: SeriesDefinition, as id: SeriesID) throws(SQLiteError) {
        let known = try connection.prepare("SELECT 1 FROM series WHERE id = ?")
        known.bind(0, Int64(id.rawValue))
        if try !known.step() { try put(definition, as: id) }
    }

    /// What all readers of the journal have passed; 0 where there is none.
    func sequencePassed() throws(SQLiteError) -> Int64 {
        let rows = try connection.prepare("SELECT min(sequence) FROM cursors")
        try rows.step()
        return rows.integer(0)
    }

    /// An empty batch says that the numbers before it are known to be missing.
    func markHole(endingBefore sequence: Int64) throws(SQLiteError) {
        encoder.encode(ReadingBatch(), sequence: UInt64(sequence - 1), into: &body)
        try insert(body, sequence: sequence - 1, first: .max, last: .min, count: 0)
    }

    /// Copies what can be read of a table of the same shape in another file.
    func copy(_ table: String, from other: Connection) throws(SQLiteError) {
        let rows = try other.prepare("SELECT * FROM \(table)")
        let columns = rows.columnNames.indices
        let insert = try connection.prepare(
            "INSERT OR IGNORE INTO \(table) VALUES(\(columns.map { _ in "?" }.joined(separator: ", ")))")
        while try rows.step() {
            for column in columns { insert.bind(column, rows.value(column)) }
            try insert.run()
        }
    }

    func inTransaction(_ body: () throws(SQLiteError) -> Void) throws(SQLiteError) {
        try connection.transaction(body) { $0 }
    }

    func put(_ definition: SeriesDefinition, as id: SeriesID) throws(SQLiteError) {
        try SeriesRows.put(definition, as: id, putSeries)
    }

    /// One row an hour for each source and reason: what goes on for weeks does not fill the table.
    func put(_ gap: Gap, at now: Int64) throws(SQLiteError) {
        putGap.bind(0, gap.source)
        putGap.bind(1, gap.reason.rawValue)
        putGap.bind(2, now / 3_600_000_000)
        putGap.bind(3, gap.first)
        putGap.bind(4, gap.last)
        putGap.bind(5, Int64(gap.count))
        try putGap.run()
    }

    private func put(_ letters: [DeadLetter]) throws(SQLiteError) {
        guard !letters.isEmpty else { return }
        for letter in letters {
            putDeadLetter.bind(0, letter.key.source)
            putDeadLetter.bind(1, letter.key.topic)
            putDeadLetter.bind(2, letter.key.reason)
            putDeadLetter.bind(3, letter.detail)
            putDeadLetter.bind(5, Int64(letter.count))
            putDeadLetter.bind(6, letter.first)
            putDeadLetter.bind(7, letter.last)
            try putDeadLetter.run(blob: 4, letter.payloadHead)
        }
        defer { countDeadLetters.reset() }
        try countDeadLetters.step()
        let excess = countDeadLetters.integer(0) - Int64(Self.mostDeadLetters)
        if excess > 0 {
            dropDeadLetters.bind(0, excess)
            try dropDeadLetters.run()
        }
    }

    private func put(_ audit: [AuditEntry]) throws(SQLiteError) {
        guard !audit.isEmpty else { return }
        for entry in audit {
            insertAudit.bind(0, entry.time)
            let texts = [entry.action, entry.target, entry.value, entry.by, entry.outcome]
            for (column, text) in texts.enumerated() { insertAudit.bind(column + 1, text) }
            try insertAudit.run()
        }
        dropAudit.bind(0, Int64(Self.mostAudit))
        try dropAudit.run()
    }

    /// What is lost with batches that are deleted: those after one, which nobody has who should. Noted under a wall time.
    struct Loss {
        var after: Int64
        var at: Int64
    }

    /// Deletes up to `most` of the oldest batches, none past `sequence`. Returns how many readings were lost with them.
    func deleteOldest(_ most: Int, upTo sequence: Int64, losing loss: Loss? = nil) throws(SQLiteError) -> Int {
        var isNothingLeft = true
        var gone: Gap?
        try connection.transaction { () throws(SQLiteError) in
            deleteBatches.bind(0, sequence)
            deleteBatches.bind(1, Int64(most))
            defer { deleteBatches.reset() }
            while try deleteBatches.step() {
                isNothingLeft = false
                guard let loss, deleteBatches.integer(3) > loss.after else { continue }
                let (first, last) = (deleteBatches.integer(0), deleteBatches.integer(1))
                if gone == nil { gone = Gap(source: "journal", reason: .size, first: first, last: last, count: 0) }
                gone!.first = min(gone!.first, first)
                gone!.last = max(gone!.last, last)
                gone!.count += Int(deleteBatches.integer(2))
            }
            if let loss, let gone { try put(gone, at: loss.at) }
        } failed: {
            $0
        }
        if isNothingLeft { deletedThrough = max(deletedThrough, sequence) }
        return gone?.count ?? 0
    }

    /// Deletes about as many of the oldest batches as it takes, from so many bytes in use to so many, and at most so many
    /// batches; notes the gap, and returns how many readings were lost. The newest stays.
    func shrink(from used: Int, to target: Int, mostBatches: Int, losing loss: Loss) throws(SQLiteError) -> Int {
        let oldest = try connection.prepare("SELECT min(sequence) FROM batches")
        try oldest.step()
        let batches = max(1, nextSequence - oldest.integer(0))
        oldest.reset()
        let share = Double(used - target) / Double(max(1, used))
        let wanted = max(1, min(mostBatches, Int((share * Double(batches)).rounded(.up))))
        return try deleteOldest(wanted, upTo: nextSequence - 2, losing: loss)
    }

    /// Bytes of the database that hold something; the log, some megabytes, comes on top.
    func usedBytes() throws(SQLiteError) -> Int {
        defer { countUsedPages.reset() }
        try countUsedPages.step()
        return Int(countUsedPages.integer(0)) * Self.pageBytes
    }

    /// Moves the log into the database when it has grown enough. A reader in its way only delays that.
    func checkpointIfDue(force: Bool = false) throws(SQLiteError) {
        let pages = connection.pagesInLog
        guard force || pages >= Self.pagesBeforeCheckpoint else { return }
        pagesCheckpointed += try connection.checkpoint(pages >= Self.pagesBeforeTruncation ? .truncate : .passive)
    }

    var pagesInLog: Int { connection.pagesInLog }

    /// Pages given to the disk since the file was opened: by commits into the log, and from the log into the database.
    var bytesWritten: Int { (connection.pagesWritten + pagesCheckpointed) * Self.pageBytes }
}
