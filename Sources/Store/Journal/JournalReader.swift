import Encoding
import Platform
import Readings
import SQLite

/// Reads a journal while a gateway writes it, or when none does, from any process.
///
/// It never holds the file for longer than a piece of about a megabyte: a slow reader does not keep the gateway's
/// write-ahead log from starting over.
public final class JournalReader {
    /// What a query may skip whole batches by.
    public struct Range: Sendable {
        public var first: Int64
        public var last: Int64

        public init(first: Int64 = .min, last: Int64 = .max) {
            self.first = first
            self.last = last
        }
    }

    private static let pieceBytes = 1 << 20

    public let path: String
    /// Batches up to here are read; later ones were not there when the reader came.
    public let horizon: Int64
    public let series: [SeriesID: SeriesDefinition]
    /// What was found damaged and left out, for people.
    public private(set) var damages: [String] = []

    private let connection: Connection
    private var decoder = JournalBatchDecoder()
    private var batch = ReadingBatch()

    public init(directory: String) throws(JournalError) {
        path = directory + "/" + JournalSchema.fileName
        guard (Files.size(path) ?? 0) > 0 else { throw .missing(path) }
        do throws(SQLiteError) {
            connection = try Self.open(path)
            let latest = try connection.prepare("SELECT max(sequence) FROM batches")
            try latest.step()
            horizon = latest.integer(0)
            latest.reset()
            var series: [SeriesID: SeriesDefinition] = [:]
            for stored in try JournalSchema.readSeries(connection) {
                if let definition = stored.definition {
                    series[stored.id] = definition
                } else {
                    damages.append("\(path): the name of series \(stored.id.rawValue) is damaged")
                }
            }
            self.series = series
        } catch {
            let hint = error.isDamage ? "; the gateway saves what can be read when it starts" : ""
            throw .cannotRead(path, error.message + hint)
        }
    }

    private static func open(_ path: String) throws(SQLiteError) -> Connection {
        do throws(SQLiteError) {
            let connection = try Connection(path, .readOnly)
            _ = try connection.prepare("SELECT 1 FROM batches").step()
            return connection
        } catch {
            // Where nothing can be written SQLite cannot coordinate with a gateway; without a log, or with an empty one
            // whose index nobody shares, there is none.
            let log = Files.size(path + "-wal")
            guard log == nil || (log == 0 && !Files.exists(path + "-shm")) else { throw error }
            return try Connection(path, .readOnlyUnchanging)
        }
    }

    public func definition(of id: SeriesID) -> SeriesDefinition {
        series[id] ?? JournalSchema.unnamed(id)
    }

    /// Calls for each batch in the order of arrival that can hold readings of the range.
    public func forEachBatch(in range: Range = Range(), _ body: (borrowing ReadingBatch) throws -> Void) throws {
        var position: Int64 = -1
        do {
            while try readPiece(after: &position, range, body) {}
        } catch let error as SQLiteError where error.isDamage {
            note("\(path): \(error.message) after batch \(position); reading its pages one by one")
            try readPages(position + 1...max(horizon, position + 1), range, body)
        }
    }

    private struct StoredBatch {
        var sequence: Int64
        /// Nil where the range has no part in it.
        var body: [UInt8]?
        var endsHole: Bool
    }

    private func readPiece(
        after position: inout Int64, _ range: Range, _ body: (borrowing ReadingBatch) throws -> Void
    ) throws -> Bool {
        let piece = try loadPiece(after: position, range)
        for batch in piece {
            if position >= 0, batch.sequence > position + 1, !batch.endsHole, try isAnythingLeft(before: batch.sequence)
            {
                note(
                    "\(path): batches \(position + 1) to \(batch.sequence - 1) are missing; looking for them page by page"
                )
                try readPages(position + 1...batch.sequence - 1, range, body)
            }
            position = batch.sequence
            if let bytes = batch.body, bytes.withUnsafeBytes({ decode($0, batch.sequence) }) { try body(self.batch) }
        }
        return !piece.isEmpty
    }

    /// A gateway deletes its oldest batches, also while they are read: then there are none before the next.
    private func isAnythingLeft(before sequence: Int64) throws(SQLiteError) -> Bool {
        let older = try connection.prepare("SELECT 1 FROM batches WHERE sequence < ? LIMIT 1")
        older.bind(0, sequence)
        return try older.step()
    }

    private func loadPiece(after position: Int64, _ range: Range) throws(SQLiteError) -> [StoredBatch] {
        let statement = try connection.prepare(
            """
            SELECT sequence, count = 0, iif(first <= ? AND last >= ?, body, NULL) FROM batches
            WHERE sequence > ? AND sequence <= ? ORDER BY sequence
            """)
        statement.bind(0, range.last)
        statement.bind(1, range.first)
        statement.bind(2, position)
        statement.bind(3, horizon)
        var piece: [StoredBatch] = []
        var bytes = 0
        while bytes < Self.pieceBytes, try statement.step() {
            let body: [UInt8]? = statement.isNull(2) ? nil : statement.blob(2) { Array($0) }
            piece.append(
                StoredBatch(sequence: statement.integer(0), body: body, endsHole: statement.integer(1) != 0))
            bytes += (body?.count ?? 0) + MemoryLayout<StoredBatch>.stride
        }
        return piece
    }

    /// The way through a file whose trees are broken: slower, and it finds what they have lost.
    private func readPages(
        _ sequences: ClosedRange<Int64>, _ range: Range, _ body: (borrowing ReadingBatch) throws -> Void
    ) throws {
        let pages = try DatabasePages(path)
        var places: [Int64: DatabasePages.Place] = [:]
        pages.forEachRow { place, rowID, columns in
            if sequences.contains(rowID), Self.body(columns) != nil { places[rowID] = place }
        }
        for (sequence, place) in places.sorted(by: { $0.key < $1.key }) {
            guard let bytes = pages.columns(at: place).flatMap(Self.body),
                bytes.withUnsafeBytes({ decode($0, sequence) }),
                batch.times.contains(where: { $0 >= range.first && $0 <= range.last })
            else { continue }
            try body(batch)
        }
    }

    private static func body(_ columns: [DatabasePages.Column]) -> ArraySlice<UInt8>? {
        guard columns.count == 5, case .blob(let bytes) = columns[4],
            bytes.withUnsafeBytes(JournalBatch.looksLikeJournalBatch)
        else { return nil }
        return bytes
    }

    /// The tables that tell of what went wrong; they are small.
    public enum Log: String, CaseIterable, Sendable {
        case gaps
        case deadLetters = "dead_letters"

        public var columns: [String] {
            switch self {
            case .gaps: ["source", "reason", "first", "last", "count"]
            case .deadLetters: ["source", "topic", "reason", "detail", "payload", "count", "first", "last"]
            }
        }
    }

    /// The latest first.
    public func rows(of log: Log) throws(SQLiteError) -> [[SQLValue]] {
        let columns = log.columns.map { $0 == "payload" ? "CAST(payload AS TEXT)" : $0 }
        let statement = try connection.prepare(
            "SELECT \(columns.joined(separator: ", ")) FROM \(log.rawValue) ORDER BY last DESC")
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
