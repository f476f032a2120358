import Encoding
import Platform
import Readings
import SQLite

/// Reads a journal while a gateway writes it, or when none does, from any process.
///
/// It never holds the file for longer than a piece of about a megabyte: a slow reader does not keep the gateway's
/// write-ahead log from starting over.
public final class JournalReader {
    private static let pieceBytes = 1 << 20

    public let path: String
    /// Batches up to here are read; later ones were not there when the reader came.
    public private(set) var horizon: Int64 = 0
    public private(set) var series: [SeriesID: SeriesDefinition] = [:]
    /// How often they were found changed.
    package private(set) var seriesChanges = 0
    /// What was found damaged and left out, for people.
    public private(set) var damages: [String] = []
    /// What the damaged batches held, by their numbers, as far as their rows say it.
    package private(set) var losses: [Int64: Gap] = [:]

    private let connection: Connection
    private let identity: [UInt]?
    private var decoder = JournalBatchDecoder()
    private var batch = ReadingBatch()
    /// What the table of series came to when it was read.
    private var seriesState: [Int64] = []
    private var isHeld = false

    public init(directory: String) throws(JournalError) {
        path = directory + "/" + JournalSchema.fileName
        guard (Files.size(path) ?? 0) > 0 else { throw .missing(path) }
        identity = Files.identity(path)
        do throws(SQLiteError) { connection = try Connection(reading: path, table: "batches") } catch {
            throw Self.cannotRead(path, error)
        }
        try refresh()
    }

    /// Goes on to the present moment.
    public func refresh() throws(JournalError) {
        do throws(SQLiteError) {
            let latest = try connection.prepare(
                "SELECT (SELECT max(sequence) FROM batches), count(*), total(checksum & 0xFFFFFFFF) FROM series")
            try latest.step()
            horizon = latest.integer(0)
            let state = [latest.integer(1), latest.integer(2)]
            latest.reset()
            if state != seriesState {
                try readSeries()
                seriesChanges += 1
            }
            seriesState = state
        } catch {
            throw Self.cannotRead(path, error)
        }
    }

    private func readSeries() throws(SQLiteError) {
        for stored in try SeriesRows.read("series", of: connection) {
            if stored.definition == nil { note("\(path): the name of series \(stored.id.rawValue) is damaged") }
            series[stored.id] = stored.definition
        }
    }

    /// Whether another file has taken the place of this one: a damaged journal was replaced.
    package var isReplaced: Bool { Files.identity(path).map { $0 != identity } ?? false }

    /// From here until `release` it sees one moment, whatever the gateway writes or deletes. To be held for
    /// milliseconds: the gateway's log grows meanwhile.
    public func hold() throws(JournalError) {
        guard !isHeld else { return }
        do throws(SQLiteError) { try connection.execute("BEGIN") } catch { throw Self.cannotRead(path, error) }
        isHeld = true
        try refresh()
    }

    public func release() {
        if isHeld { try? connection.execute("COMMIT") }
        isHeld = false
    }

    private static func cannotRead(_ path: String, _ error: SQLiteError) -> JournalError {
        .cannotRead(path, error.message + (error.isDamage ? "; the gateway saves what can be read when it starts" : ""))
    }

    public func definition(of id: SeriesID) -> SeriesDefinition {
        series[id] ?? SeriesRows.unnamed(id)
    }

    /// Calls for each batch in the order of arrival that can hold readings of the range.
    public func forEachBatch(
        in range: TimeRange = TimeRange(), _ body: (borrowing ReadingBatch) throws -> Void
    ) throws {
        try forEachBatch(after: -1, in: range) { _, batch in
            try body(batch)
            return true
        }
    }

    /// The same for those that arrived after one, until `body` says false.
    public func forEachBatch(
        after sequence: Int64, in range: TimeRange = TimeRange(),
        _ body: (_ sequence: Int64, borrowing ReadingBatch) throws -> Bool
    ) throws {
        var position = sequence
        do {
            while try readPiece(after: &position, range, body) {}
        } catch let error as SQLiteError where error.isDamage {
            note("\(path): \(error.message) after batch \(position); reading its pages one by one")
            _ = try readPages(position + 1...max(horizon, position + 1), range, body)
        }
    }

    private struct StoredBatch {
        var sequence: Int64
        /// Nil where the range has no part in it.
        var body: [UInt8]?
        var first: Int64
        var last: Int64
        var count: Int

        var endsHole: Bool { count == 0 }
        var gap: Gap { Gap(source: "journal", reason: .damage, first: first, last: last, count: count) }
    }

    /// False when there is no more to read.
    private func readPiece(
        after position: inout Int64, _ range: TimeRange,
        _ body: (_ sequence: Int64, borrowing ReadingBatch) throws -> Bool
    ) throws -> Bool {
        let piece = try loadPiece(after: position, range)
        for batch in piece {
            if position >= 0, batch.sequence > position + 1, !batch.endsHole, try isAnythingLeft(before: batch.sequence)
            {
                note(
                    "\(path): batches \(position + 1) to \(batch.sequence - 1) are missing; looking for them page by page"
                )
                guard try readPages(position + 1...batch.sequence - 1, range, body) else { return false }
            }
            position = batch.sequence
            guard let bytes = batch.body else { continue }
            guard bytes.withUnsafeBytes({ decode($0, batch.sequence) }) else {
                losses[batch.sequence] = batch.gap
                continue
            }
            guard try body(batch.sequence, self.batch) else { return false }
        }
        return !piece.isEmpty
    }

    package static let pageBytes = JournalFile.pageBytes

    package func copy(to path: String, progress: (Int) -> Void) throws(SQLiteError) {
        try connection.copy(to: path, progress: progress)
    }

    package func integrityProblems() throws(SQLiteError) -> [String] { try connection.integrityProblems() }

    /// Readings that arrived after a batch.
    package func count(after sequence: Int64) throws -> Int {
        do throws(SQLiteError) {
            let rows = try connection.prepare("SELECT total(count) FROM batches WHERE sequence > ?")
            rows.bind(0, sequence)
            try rows.step()
            return Int(rows.integer(0))
        } catch {
            guard error.isDamage else { throw error }
        }
        var count = 0
        try forEachBatch(after: sequence) { _, batch in
            count += batch.count
            return true
        }
        return count
    }

    /// A gateway deletes its oldest batches, also while they are read: then there are none before the next.
    private func isAnythingLeft(before sequence: Int64) throws(SQLiteError) -> Bool {
        let older = try connection.prepare("SELECT 1 FROM batches WHERE sequence < ? LIMIT 1")
        older.bind(0, sequence)
        return try older.step()
    }

    private func loadPiece(after position: Int64, _ range: TimeRange) throws(SQLiteError) -> [StoredBatch] {
        let statement = try connection.prepare(
            """
            SELECT sequence, first, last, count, iif(first <= ? AND last >= ?, body, NULL) FROM batches
            WHERE sequence > ? AND sequence <= ? ORDER BY sequence
            """)
        statement.bind(0, range.last)
        statement.bind(1, range.first)
        statement.bind(2, position)
        statement.bind(3, horizon)
        var piece: [StoredBatch] = []
        var bytes = 0
        while bytes < Self.pieceBytes, try statement.step() {
            let body: [UInt8]? = statement.isNull(4) ? nil : statement.blob(4) { Array($0) }
            piece.append(
                StoredBatch(
                    sequence: statement.integer(0), body: body, first: statement.integer(1),
                    last: statement.integer(2), count: Int(statement.integer(3))))
            bytes += (body?.count ?? 0) + MemoryLayout<StoredBatch>.stride
        }
        return piece
    }

    /// The way through a file whose trees are broken: slower, and it finds what they have lost.
    private func readPages(
        _ sequences: ClosedRange<Int64>, _ range: TimeRange,
        _ body: (_ sequence: Int64, borrowing ReadingBatch) throws -> Bool
    ) throws -> Bool {
        let pages = try DatabasePages(path, pageBytes: JournalFile.pageBytes)
        var places: [Int64: DatabasePages.Place] = [:]
        pages.forEachRow { place, rowID, columns in
            if sequences.contains(rowID), Self.body(columns) != nil { places[rowID] = place }
        }
        for (sequence, place) in places.sorted(by: { $0.key < $1.key }) {
            guard let bytes = pages.columns(at: place).flatMap(Self.body),
                bytes.withUnsafeBytes({ decode($0, sequence) }),
                batch.times.contains(where: { $0 >= range.first && $0 <= range.last })
            else { continue }
            guard try body(sequence, batch) else { return false }
        }
        return true
    }

    private static func body(_ columns: [DatabasePages.Column]) -> ArraySlice<UInt8>? {
        guard columns.count == 5, case .blob(let bytes) = columns[4],
            bytes.withUnsafeBytes(JournalBatch.looksLikeJournalBatch)
        else { return nil }
        return bytes
    }

    /// The tables that tell of what went wrong, and of what was done; they are small.
    public enum Log: String, CaseIterable, Sendable {
        case gaps
        case deadLetters = "dead_letters"
        case audit
        case alarmEvents = "alarm_events"
        case alarmActions = "alarm_actions"
        case alarms

        public var columns: [String] {
            switch self {
            case .gaps: ["source", "reason", "first", "last", "count"]
            case .deadLetters: ["source", "topic", "reason", "detail", "payload", "count", "first", "last"]
            case .audit: ["time", "action", "target", "value", "by", "outcome"]
            case .alarmEvents: AlarmRows.eventColumns
            case .alarmActions: ["number", "action", "task", "outcome", "attempts", "completed"]
            case .alarms:
                [
                    "alarm", "series", "state", "level", "message", "since", "aside_by", "aside_because", "aside_until",
                    "number",
                ]
            }
        }

        fileprivate var newest: String {
            switch self {
            case .gaps, .deadLetters: "last"
            case .audit, .alarmEvents, .alarmActions, .alarms: "number"
            }
        }
    }

    /// The latest first.
    public func rows(of log: Log) throws(SQLiteError) -> [[SQLValue]] {
        let columns = log.columns.map { $0 == "payload" ? "CAST(payload AS TEXT)" : $0 }
        let statement = try connection.prepare(
            "SELECT \(columns.joined(separator: ", ")) FROM \(log.rawValue) ORDER BY \(log.newest) DESC")
        var rows: [[SQLValue]] = []
        while try statement.step() { rows.append(log.columns.indices.map { statement.value($0) }) }
        return rows
    }

    private func decode(_ bytes: UnsafeRawBufferPointer, _ sequence: Int64) -> Bool {
        do throws(DamagedBatch) {
            let found = try decoder.decode(bytes, into: &batch)
            if found == UInt64(bitPattern: sequence) { return true }
            note("\(path): batch \(sequence) says that it is \(found); left out")
        } catch {
            note("\(path): batch \(sequence): \(error.reason); left out")
        }
        return false
    }

    private func note(_ damage: String) {
        if !damages.contains(damage) { damages.append(damage) }
    }
}
