import Encoding
import Platform
import Readings
import TestSupport

@testable import History
@testable import Journal

/// A store that a test drives step by step, without threads, beside dictionaries that should hold the same.
final class ModelStore {
    struct Row: Equatable {
        var value: Value
        var quality: Quality
    }

    static let minute: Int64 = 60_000_000
    static let start: Int64 = 1_700_000_000_000_000
    /// All widths that a run may switch between.
    static let widths = [1, 5, 10, 60, 1440].map { $0 * minute }

    /// Disks of the test's choice for the two files; what is on one of those is synced.
    struct Disks {
        var journal: String?
        var history: String?
    }

    typealias Rows = [SeriesID: [Int64: Row]]

    let directory: TemporaryDirectory
    private let disks: Disks
    /// The last arrival of each moment, whatever became of it.
    private(set) var rows: Rows = [:]
    /// The same, with what a commit brought that has not ended well.
    private(set) var submitted: Rows = [:]
    private(set) var latest: [SeriesID: Int64] = [:]
    let names: [SeriesID: SeriesDefinition]
    private(set) var journal: JournalFile!
    private(set) var history: HistoryFile!
    private(set) var widths = [1, 60, 1440].map { $0 * minute }
    var retention = Retention()
    private(set) var traces: [SeriesID: DeletionTrace] = [:]
    /// Moments that arrived since the last seal, and whether each was known before.
    private var unsealed: [SeriesID: [(time: Int64, isRepeated: Bool)]] = [:]

    init(series: Int = 4, in directory: TemporaryDirectory = TemporaryDirectory(), disks: Disks = Disks()) throws {
        self.directory = directory
        self.disks = disks
        var names: [SeriesID: SeriesDefinition] = [:]
        for number in 0..<series {
            names[SeriesID(UInt32(number))] = SeriesDefinition(name: SeriesName(path: "series/\(number)"))
        }
        self.names = names
        for id in names.keys { traces[id] = DeletionTrace() }
        try reopen()
    }

    /// As after a crash: what was committed is there.
    func reopen() throws {
        close()
        journal = try JournalFile(
            directory.path + "/journal.db", durability: disks.journal == nil ? .process : .power, vfs: disks.journal,
            numberingAfter: History.sealed(in: directory.path))
        history = try HistoryFile(
            directory.path + "/history.db", widths: widths, isSynced: disks.history != nil, vfs: disks.history)
        if history.storedWidths != widths { try history.transaction { try history.note(widths: widths) } }
    }

    func close() {
        journal = nil
        history = nil
    }

    /// As after a change of the configuration.
    func reopen(widths new: [Int64]) throws {
        for level in widths.indices where !new.contains(widths[level]) { try history.retire(level: level) }
        for width in new where !widths.contains(width) {
            for id in ids { traces[id]!.rollupsMayMiss(before: try deleted(id), width: width) }
        }
        widths = new
        try reopen()
    }

    var ids: [SeriesID] { names.keys.sorted() }

    func commit(_ readings: [Reading]) throws {
        var entry = JournalEntry()
        submitted = rows
        var arrivals = unsealed
        for reading in readings {
            entry.readings.append(reading)
            entry.definitions[reading.series] = names[reading.series]
            let time = reading.time.microseconds
            let before = submitted[reading.series, default: [:]].updateValue(
                Row(value: reading.value, quality: reading.quality), forKey: time)
            arrivals[reading.series, default: []].append((time, before != nil))
        }
        try journal.commit(entry, at: Self.start)
        rows = submitted
        unsealed = arrivals
        for id in ids { latest[id] = rows[id]?.keys.max() }
    }

    /// Seals all, so many rows at a time. So many of the sealed batches leave the journal.
    func seal(rows: Int, deleting batches: Int) throws {
        let reader = try JournalReader(directory: directory.path)
        var sealing = Sealing(memory: rows * Sealing.bytesPerRow)
        let policy = SeriesPolicy(definition: { [names] in names[$0]! }, retention: retention)
        while try sealing.seal(reader, into: history, policy: policy) > 0 {}
        _ = try journal.deleteOldest(batches, upTo: history.sealed)
        for id in ids { traces[id] = try traceWithTail(id) }
        unsealed = [:]
    }

    // MARK: Letting go

    func expire(at clock: Int64) throws {
        try history.transaction { try history.move(retentionClock: clock) }
        for series in ids {
            guard let rule = retention.rule(for: names[series]!.name) else { continue }
            if let kept = rule.readings { traces[series]!.readingsMayMiss(before: clock - kept) }
            for (width, kept) in zip(widths, rule.rollups) {
                if let kept { traces[series]!.rollupsMayMiss(before: clock - kept, width: width) }
            }
            while try !history.expire(series, by: rule).isEmpty {}
        }
    }

    /// Returns how many readings and rollups went.
    func shed() throws -> Int {
        let gone = try history.shed(rollups: true)
        for entry in gone {
            let width = entry.label.microseconds
            let end = Buckets.start(after: entry.last, max(1, width))
            if width == 0 {
                traces[entry.label.series]!.readingsMayMiss(before: end)
            } else {
                traces[entry.label.series]!.rollupsMayMiss(before: end, width: width)
            }
        }
        return gone.reduce(0) { $0 + $1.count }
    }

    private func deleted(_ series: SeriesID) throws -> Int64 { try history.chunks.level(.readings(series)).deleted }

    /// With what has not been sealed yet taken for sealed.
    func traceWithTail(_ series: SeriesID) throws -> DeletionTrace {
        var trace = traces[series]!
        let deleted = try deleted(series)
        for (time, isRepeated) in unsealed[series] ?? [] {
            for width in Self.widths where Buckets.start(of: time, width) < deleted {
                trace.note(late: time, isRepeated: isRepeated, width: width)
            }
        }
        return trace
    }

    // MARK: What must be

    func expected(_ series: SeriesID, _ range: TimeRange) -> [Reading] {
        (rows[series] ?? [:]).filter { range.contains($0.key) }.sorted { $0.key < $1.key }.map {
            Reading(
                series: series, time: Timestamp(microseconds: $0.key), value: $0.value.value, quality: $0.value.quality)
        }
    }

    static func buckets(of readings: [Reading], width: Int64) -> [Rollup] {
        var batch = ReadingBatch()
        for reading in readings { batch.append(reading) }
        var builder = RollupBuilder(width: width)
        builder.add(batch, 0..<batch.count)
        builder.finish()
        return builder.rollups
    }
}

/// What a model knows of the readings and rollups of a series that may be gone, and of those that came late for it.
struct DeletionTrace {
    /// Readings before this moment may be there or not.
    private(set) var readings = Int64.min
    private var rollups: [Int64: Int64] = [:]
    /// By width and bucket: late arrivals that were added to a rollup whose readings were gone, the number of those that
    /// were known before. Nobody can tell whether they are among what the rollup counts already.
    private var late: [Int64: [Int64: Int]] = [:]

    func rollups(ofWidth width: Int64) -> Int64 { rollups[width] ?? .min }

    mutating func readingsMayMiss(before time: Int64) { readings = max(readings, time) }

    mutating func rollupsMayMiss(before time: Int64, width: Int64) {
        rollups[width] = max(rollups[width] ?? .min, time)
    }

    mutating func note(late time: Int64, isRepeated: Bool, width: Int64) {
        late[width, default: [:]][Buckets.start(of: time, width), default: 0] += isRepeated ? 1 : 0
    }

    /// Nil where nothing came late; else how many arrivals may have been counted twice.
    func doubtful(_ range: TimeRange, width: Int64) -> Int? {
        let found = (late[width] ?? [:]).filter { range.contains($0.key) }
        return found.isEmpty ? nil : found.values.reduce(0, +)
    }
}
