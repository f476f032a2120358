import Encoding
import Journal
import Readings
import SQLite

/// Everything that a data directory holds, readable while a gateway writes it, or when none does, from any process.
/// Used by one thread at a time.
///
/// It stands on one moment: what arrives later is seen after `refresh`. Each (series, time) is there once, the last
/// arrival.
public final class StoreReader {
    /// The widths of the rollups that the store keeps, in microseconds, ascending.
    public var widths: [Int64] { view.widths }
    public private(set) var series: [SeriesID: SeriesDefinition] = [:]
    /// All series, ordered by name.
    public private(set) var ids: [SeriesID] = []

    private let directory: String
    private var journal: JournalReader
    private var history: HistoryReading?
    private var view = StoreView(nil, widths: StoreReader.defaultWidths)
    private var idsByName: [SeriesName: SeriesID] = [:]
    /// The tail begins after one batch of the journal and ends with another.
    private var tailAfter: Int64 = -1
    private var tailThrough: Int64 = -1
    private var newest: [SeriesID: Reading] = [:]
    /// The journal's count when its series were taken over.
    private var seriesChanges = 0
    private var notes: [String] = []

    /// Until the gateway has written its own.
    private static let defaultWidths: [Int64] = [60_000_000, 3_600_000_000, 86_400_000_000]

    public init(directory: String) throws {
        self.directory = directory
        journal = try JournalReader(directory: directory)
        try refresh()
    }

    /// What was found damaged and left out, for people.
    public var damages: [String] { journal.damages + notes }

    /// Goes on to the present moment. Scans that are under way end with an error.
    public func refresh() throws {
        view.moment += 1
        try reopenReplaced()
        // The journal's moment first: what has left it since is in a history that is looked at later.
        try journal.hold()
        defer { journal.release() }
        try holdHistory()
        let sealed = history?.state.sealed ?? 0
        if sealed != tailAfter { startTail(after: sealed) }
        try journal.forEachBatch(after: tailThrough) { sequence, batch in
            take(batch)
            tailThrough = sequence
            return true
        }
        tailThrough = max(tailThrough, journal.horizon)
        nameSeries()
    }

    /// Lets go of the moment: until the next `refresh` nothing may be read, and the gateway's log need not grow.
    public func rest() { history?.release() }

    /// A damaged file is saved into a new one while the gateway runs.
    private func reopenReplaced() throws {
        if journal.isReplaced {
            notes += journal.damages
            journal = try JournalReader(directory: directory)
            seriesChanges = 0
            tailAfter = -1
        }
        if history?.isReplaced == true { history = nil }
    }

    private func holdHistory() throws {
        history?.release()
        if history == nil { try openHistory() }
        do throws(SQLiteError) { try history?.hold() } catch {
            throw StoreError.cannotRead(history?.path ?? directory, error.message)
        }
        followWidths()
    }

    private func openHistory() throws {
        guard let opened = try HistoryReading(directory: directory) else { return }
        opened.chunks.onDamage = { [unowned self] in if !notes.contains($0) { notes.append($0) } }
        history = opened
    }

    /// The gateway may have been started with other rollups since.
    private func followWidths() {
        guard let history else { return }
        let widths = history.state.widths.isEmpty ? Self.defaultWidths : history.state.widths
        guard view.chunks !== history.chunks || view.widths != widths else { return }
        let moment = view.moment
        view = StoreView(history.chunks, widths: widths)
        view.moment = moment
        tailAfter = -1
    }

    private func startTail(after sealed: Int64) {
        tailAfter = sealed
        tailThrough = sealed
        view.tail.removeAll()
        newest.removeAll()
        for reading in (try? history?.chunks.latestReadings()) ?? [] { newest[reading.series] = reading }
    }

    private func take(_ batch: borrowing ReadingBatch) {
        var start = 0
        while start < batch.count {
            let id = batch.series[start]
            var end = start + 1
            while end < batch.count, batch.series[end] == id { end += 1 }
            view.tail[id, default: TailRows()].append(start..<end, of: batch)
            for row in start..<end where newest[id].map({ $0.time.microseconds <= batch.times[row] }) ?? true {
                newest[id] = batch[row]
            }
            start = end
        }
    }

    private func nameSeries() {
        guard seriesChanges != journal.seriesChanges else { return }
        seriesChanges = journal.seriesChanges
        series = journal.series
        for (id, definition) in history?.definitions ?? [] where series[id] == nil { series[id] = definition }
        idsByName = Dictionary(series.map { ($0.value.name, $0.key) }, uniquingKeysWith: min)
        ids = series.keys.sorted { (definition(of: $0).name, $0) < (definition(of: $1).name, $1) }
    }

    public func definition(of id: SeriesID) -> SeriesDefinition { series[id] ?? SeriesRows.unnamed(id) }

    public func id(named name: SeriesName) -> SeriesID? { idsByName[name] }

    /// The readings of a series in a range, block by block.
    public func scan(_ series: SeriesID, _ range: TimeRange, descending: Bool = false) throws -> SeriesScan {
        try view.scan(series, range, descending: descending)
    }

    /// Blocks that lie whole in the range are counted without being opened.
    public func count(_ series: SeriesID, _ range: TimeRange) throws -> Int { try view.scan(series, range).count() }

    /// The newest reading of a series, even where retention has taken it from its readings.
    public func latest(_ series: SeriesID) -> Reading? { newest[series] }

    /// The newest reading of a series that is not later than a moment.
    public func reading(of series: SeriesID, asOf time: Int64) throws -> Reading? {
        let scan = try view.newestBlock(of: series, upTo: time)
        return try scan.next() ? scan.batch[scan.rows.upperBound - 1] : nil
    }

    /// What the readings of a range come to in each bucket that has any, ascending. Buckets begin at multiples of the
    /// width; at the ends of the range a bucket holds only what lies in the range. Rollups answer where they can.
    public func buckets(_ series: SeriesID, _ range: TimeRange, width: Int64) throws -> [Rollup] {
        try view.buckets(series, range, width: width)
    }

    /// The rows of one of the small tables, the latest first.
    public func rows(of log: JournalReader.Log) throws -> [[SQLValue]] { try journal.rows(of: log) }
}
