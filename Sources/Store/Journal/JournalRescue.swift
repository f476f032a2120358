import Encoding
import Platform
import Readings
import SQLite

/// Saves what can be read of a damaged journal into a new one, and sets the damaged file aside under a new name.
///
/// Killed at any moment it is done again, or completed, at the next start: the new journal takes its place only by
/// renames, once it is whole.
enum JournalRescue {
    struct Result {
        var batches = 0
        var readings = 0
        var damagedBatches = 0
        var asidePath = ""
        /// The disk had no room for a copy: everything is in the file set aside, and nowhere else.
        var lackedRoom = false
    }

    /// Batches that were lost at the end may have been read already: their numbers are not given again.
    static let sequenceJump: Int64 = 1_000_000
    /// Rows of one transaction.
    private static let rowsAtOnce = 256

    static func rescue(_ path: String, clocks: Clocks) throws(JournalError) -> Result {
        let damaged = DamagedDatabase(path)
        let stamp = Timestamp(microseconds: clocks.wall()).rfc3339
        var result = Result()
        try system { () throws(SystemError) in try damaged.removeUnfinished() }
        do throws(SQLiteError) {
            try copyAll(from: path, to: damaged.unfinishedPath, at: clocks.wall(), &result)
        } catch {
            guard error.isNoSpace else { throw .cannotRescue(path, error.message) }
            result = Result(lackedRoom: true)
        }
        try system { () throws(SystemError) in
            if result.lackedRoom { try damaged.removeUnfinished() }
            result.asidePath = try result.lackedRoom ? damaged.setAside(at: stamp) : damaged.replace(at: stamp)
        }
        return result
    }

    private static func system(_ body: () throws(SystemError) -> Void) throws(JournalError) {
        do throws(SystemError) { try body() } catch { throw .cannotRescue(error.subject, error.reason) }
    }

    private static func copyAll(
        from path: String, to unfinished: String, at now: Int64, _ result: inout Result
    ) throws(SQLiteError) {
        let new = try JournalFile(unfinished, durability: .process)
        let pages: DatabasePages
        do throws(SystemError) { pages = try DatabasePages(path, pageBytes: JournalFile.pageBytes) } catch {
            throw SQLiteError(code: SQLiteError.damaged, message: error.reason, subject: path)
        }
        try copySmallTables(from: path, to: new)
        try copyBatches(pages, to: new, at: now, &result)
        try new.checkpointIfDue(force: true)
    }

    /// Completes a rescue that was cut short between its renames.
    static func finishInterrupted(_ path: String, clocks: Clocks) throws(JournalError) {
        try system { () throws(SystemError) in
            try DamagedDatabase(path).finishInterrupted(at: Timestamp(microseconds: clocks.wall()).rfc3339)
        }
    }

    /// What the trees still give: they are small, and often whole.
    private static func copySmallTables(from path: String, to new: JournalFile) throws(SQLiteError) {
        guard let old = try? Connection(path, .readOnly) else { return }
        let series = (try? SeriesRows.read("series", of: old)) ?? []
        try new.inTransaction { () throws(SQLiteError) in
            for stored in series {
                if let definition = stored.definition { try new.put(definition, as: stored.id) }
            }
        }
        for table in ["cursors", "gaps", "dead_letters", "audit"] + AlarmRows.names { try? new.copy(table, from: old) }
    }

    private static func copyBatches(
        _ pages: DatabasePages, to new: JournalFile, at now: Int64, _ result: inout Result
    ) throws(SQLiteError) {
        let copy = BatchCopy(new)
        try pages.forEachRow { (_, rowID, columns) throws(SQLiteError) in try copy.take(rowID, columns) }
        try copy.flush()
        result.batches = copy.found.count
        result.readings = copy.readings
        let lost = copy.damaged.filter { !copy.found.contains($0.key) }
        result.damagedBatches = lost.count
        let passed = try new.sequencePassed()
        try new.inTransaction { () throws(SQLiteError) in
            for (sequence, gap) in lost where sequence > passed { try new.put(gap, at: now) }
            // So that no new series gets the number of one whose name is lost.
            for id in copy.usedSeries { try new.putIfMissing(SeriesRows.unnamed(id), as: id) }
            try markHoles(copy.found, in: new)
            if copy.highest > 0 { try new.markHole(endingBefore: copy.highest + sequenceJump) }
        }
    }

    /// Rows as they are found, checked and gathered for one transaction after the other.
    private final class BatchCopy {
        private(set) var found: Set<Int64> = []
        /// What they held, as far as their rows say it.
        private(set) var damaged: [Int64: Gap] = [:]
        private(set) var usedSeries: Set<SeriesID> = []
        private(set) var highest: Int64 = 0
        private(set) var readings = 0

        private struct Row {
            var sequence: Int64
            var first: Int64
            var last: Int64
            var count: Int
            var body: [UInt8]
        }

        private let new: JournalFile
        private var rows: [Row] = []
        private var definitions: [SeriesID: SeriesDefinition] = [:]
        private var decoder = JournalBatchDecoder()
        private var batch = ReadingBatch()

        init(_ new: JournalFile) { self.new = new }

        func take(_ rowID: Int64, _ columns: [DatabasePages.Column]) throws(SQLiteError) {
            if columns.count == 5, case .blob(let body) = columns[4] {
                takeBatch(rowID, columns, body)
            } else if let definition = SeriesRows.definition(rowID, columns) {
                definitions[SeriesID(UInt32(rowID))] = definition
            }
            if rows.count + definitions.count >= JournalRescue.rowsAtOnce { try flush() }
        }

        private func takeBatch(_ sequence: Int64, _ columns: [DatabasePages.Column], _ body: ArraySlice<UInt8>) {
            guard !found.contains(sequence) else { return }
            highest = max(highest, sequence)
            let decoded = body.withUnsafeBytes { bytes in
                JournalBatch.looksLikeJournalBatch(bytes) ? try? decoder.decode(bytes, into: &batch) : nil
            }
            guard let decoded, decoded == UInt64(bitPattern: sequence) else {
                damaged[sequence] = Self.gap(columns)
                return
            }
            // A marker of an earlier rescue: the holes are marked anew.
            if batch.isEmpty { return }
            found.insert(sequence)
            usedSeries.formUnion(batch.series)
            readings += batch.count
            rows.append(
                Row(
                    sequence: sequence, first: batch.times.min()!, last: batch.times.max()!, count: batch.count,
                    body: Array(body)))
        }

        private static func gap(_ columns: [DatabasePages.Column]) -> Gap {
            func number(_ column: Int) -> Int64 { if case .integer(let number) = columns[column] { number } else { 0 } }
            return Gap(
                source: "journal", reason: .damage, first: number(1), last: number(2),
                count: Int(truncatingIfNeeded: number(3)))
        }

        func flush() throws(SQLiteError) {
            try new.inTransaction { () throws(SQLiteError) in
                for row in rows {
                    try new.insert(
                        row.body, sequence: row.sequence, first: row.first, last: row.last, count: row.count)
                }
                for (id, definition) in definitions { try new.putIfMissing(definition, as: id) }
            }
            rows.removeAll(keepingCapacity: true)
            definitions.removeAll(keepingCapacity: true)
            try new.checkpointIfDue()
        }
    }

    /// Readers take a missing number for damage, unless the row after it says that it is known.
    private static func markHoles(_ found: Set<Int64>, in new: JournalFile) throws(SQLiteError) {
        let sorted = found.sorted()
        for (sequence, next) in zip(sorted, sorted.dropFirst()) where next > sequence + 1 {
            try new.markHole(endingBefore: next)
        }
    }
}
