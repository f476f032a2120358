import Encoding
import Journal
import Readings
import SQLite

/// Looks through a whole store, as it is at one moment: every checksum, and everything that must hold between its
/// parts. It changes nothing, and a gateway may go on writing meanwhile.
public final class StoreVerification {
    public private(set) var batches = 0
    public private(set) var chunks = 0
    public private(set) var readings = 0
    public private(set) var rollups = 0
    public private(set) var problems = 0

    private let journal: JournalReader
    private let history: HistoryReading?
    private let connection: Connection?
    private let report: (String) -> Void
    private let progress: (Int) -> Void
    private var notes: Set<String> = []

    /// `report` is called for each problem, in words; `progress` now and then with the rows that were looked at.
    public init(
        directory: String, report: @escaping (String) -> Void, progress: @escaping (Int) -> Void = { _ in }
    ) throws {
        self.report = report
        self.progress = progress
        journal = try JournalReader(directory: directory)
        do { history = try HistoryReading(directory: directory) } catch let error as StoreError {
            history = nil
            notes = [error.description]
        }
        connection = history?.connection
        history?.chunks.onDamage = { [unowned self] in note($0) }
    }

    public func run() throws {
        for problem in notes {
            problems += 1
            report(problem)
        }
        try journal.hold()
        defer { journal.release() }
        try history?.hold()
        defer { history?.release() }
        try attempt(journal.path) {
            for problem in try journal.integrityProblems() { note("\(journal.path): \(problem)") }
        }
        try verifyBatches()
        guard let history, let connection else { return }
        try attempt(history.path) {
            for problem in try connection.integrityProblems() { note("\(history.path): \(problem)") }
        }
        try attempt(history.path) { try verifyOrphans(connection) }
        let view = StoreView(history.chunks, widths: history.state.widths)
        var series: [SeriesID] = []
        try attempt(history.path) { series = try seriesOfChunks(connection) }
        for series in series { try attempt(history.path) { try verify(series, view) } }
        try attempt(history.path) { try history.chunks.checkDirectory() }
        try attempt(history.path) { try verifyLatest(history, series) }
    }

    private func note(_ problem: String) {
        guard notes.insert(problem).inserted else { return }
        problems += 1
        report(problem)
    }

    /// What is damaged so much that it cannot be read on is a problem, too, and not the end. So are tables that are
    /// defined in another way.
    private func attempt(_ path: String, _ body: () throws -> Void) throws {
        do { try body() } catch let error as SQLiteError where error.isDamage || error.isGenericError {
            note("\(path): \(error.message)")
        }
    }

    private func verifyBatches() throws {
        let sealed = history?.state.sealed ?? 0
        try journal.forEachBatch(after: -1) { sequence, batch in
            batches += 1
            if sequence > sealed { readings += batch.count }
            progress(readings + rollups)
            return true
        }
        for damage in journal.damages { note(damage) }
    }

    private func verifyOrphans(_ connection: Connection) throws(SQLiteError) {
        let rows = try connection.prepare(
            "SELECT id, series, width FROM bodies WHERE id NOT IN (SELECT body FROM chunks) LIMIT 100")
        while try rows.step() {
            note("\(connection.path): body \(rows.integer(0)) of series \(rows.integer(1)) is in no chunk")
        }
    }

    private func seriesOfChunks(_ connection: Connection) throws(SQLiteError) -> [SeriesID] {
        let rows = try connection.prepare("SELECT DISTINCT series FROM chunks WHERE series IS NOT NULL ORDER BY series")
        var series: [SeriesID] = []
        while try rows.step() { series.append(SeriesID(UInt32(truncatingIfNeeded: rows.integer(0)))) }
        return series
    }

    // MARK: One series

    private func verify(_ series: SeriesID, _ view: StoreView) throws {
        readings += try verifyChunks(.readings(series), as: ReadingBatch.self)
        for level in view.widths.indices {
            let label = ChunkLabel(series, width: view.widths[level])
            rollups += try verifyChunks(label, as: RollupRows.self)
            try verifyRollups(series, level, view)
        }
    }

    /// Returns how many rows they have.
    private func verifyChunks<Rows: ChunkRows>(_ label: ChunkLabel, as type: Rows.Type) throws(SQLiteError) -> Int {
        guard let store = history?.chunks else { return 0 }
        var count = 0
        var before: ChunkEntry?
        var rows = Rows()
        for entry in try store.entries(label) {
            let place = "series \(label.series.rawValue) at \(Timestamp(microseconds: entry.first).rfc3339)"
            if entry.count == 0 || entry.first > entry.last { note("\(place): a chunk that says nothing") }
            if let before, before.last >= entry.first { note("\(place): a chunk that overlaps the one before") }
            before = entry
            chunks += 1
            guard try store.read(entry, into: &rows), rows.count > 0 else { continue }
            if rows.time(0) != entry.first || rows.time(rows.count - 1) != entry.last {
                note("\(place): a chunk that does not hold the times that the directory says")
            }
            count += rows.count
            progress(readings + rollups + count)
        }
        return count
    }

    /// Those that are claimed and not deleted yet, beside what the readings come to.
    private func verifyRollups(_ series: SeriesID, _ level: Int, _ view: StoreView) throws {
        let width = view.widths[level]
        let rollups = try view.level(series, width: width)
        let readings = try view.level(series, width: 0)
        let first = Buckets.start(notBefore: max(readings.deleted, rollups.deleted), width)
        guard rollups.claimed > .min, rollups.claimed > first else { return }
        let range = TimeRange(first: first, last: rollups.claimed - 1)
        let stored = try view.rollups(series, range, level: level)
        let made = try view.fromReadings(series, range, width: width)
        let same = zip(stored, made).prefix { $0.isAbout($1) }.count
        guard same < max(stored.count, made.count) else { return }
        let start = same < made.count ? made[same].start : stored[same].start
        note(
            "series \(series.rawValue): the rollup of \(Buckets.name(ofWidth: width)) at "
                + "\(Timestamp(microseconds: start).rfc3339) is not what its readings come to")
    }

    private func verifyLatest(_ history: HistoryReading, _ series: [SeriesID]) throws {
        var latest: [SeriesID: Int64] = [:]
        for reading in try history.chunks.latestReadings() { latest[reading.series] = reading.time.microseconds }
        for series in series {
            guard let last = try history.chunks.lastEntry(.readings(series))?.last else { continue }
            if latest[series].map({ $0 < last }) ?? true {
                note("series \(series.rawValue): its latest reading is not noted")
            }
        }
    }
}

extension Rollup {
    /// The same but for what the order of additions and the steps of coarser widths do.
    package func isAbout(_ other: Rollup) -> Bool {
        var (one, two) = (self, other)
        let size = Swift.max(1, abs(sum), Swift.max(abs(min), abs(max)) * Double(count))
        guard one.sum == two.sum || abs(one.sum - two.sum) <= 1e-9 * size, abs(one.average - two.average) <= 8,
            abs(one.lead - two.lead) <= 1
        else { return false }
        (one.sum, one.average, one.lead) = (0, 0, 0)
        (two.sum, two.average, two.lead) = (0, 0, 0)
        return one == two
    }
}
