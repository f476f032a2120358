import History
import Journal
import Platform
import Readings
import Synchronization

/// The whole way of readings into a store: commits of a given size, sealing, rollups.
public enum StoreBench {
    /// Loads a file into a directory, which must hold no store yet.
    public static func run(input: String, batch: Int, directory: String) throws -> StoreReport {
        try Files.createDirectory(directory)
        guard try Files.list(directory).isEmpty else { throw BenchError("\(directory) is not empty") }
        let before = ProcessFigures()
        let load = try StoreLoad(directory, batch: batch)
        try BenchFile.forEachReading(in: input) { try load.append($0) }
        try load.finish()
        let after = ProcessFigures()
        return try StoreReport(
            readings: load.readings, batch: batch, latencies: load.latencies, used: after.since(before),
            sizes: HistoryFigures(directory: directory), writtenByHistory: load.bytesWrittenByHistory)
    }
}

/// The bench's side of the journal: never more than one commit ahead, so that each has the rows that were asked for.
private final class StoreLoad {
    private(set) var readings = 0
    private let batchRows: Int
    private let journal: Journal
    private let history: History
    private let clocks = Clocks.system
    private let catalogue: SeriesCatalogue
    /// By their numbers in the file, which are small.
    private var series: [SeriesID?] = []
    private var batch = ReadingBatch()
    private let progress: Monitor<Progress>

    private struct Progress {
        /// The journal numbers what others submit as well.
        var waiting: [(ticket: UInt64, since: MonotonicTime)] = []
        var latencies: [Duration] = []
    }

    init(_ directory: String, batch rows: Int) throws {
        batchRows = rows
        catalogue = SeriesCatalogue(limit: .max)
        let surroundings = Surroundings(log: Log(level: .warning))
        var options = JournalOptions(directory: directory)
        options.mostWaiting = .max
        journal = Journal(options, catalogue: catalogue, surroundings: surroundings)
        history = History(HistoryOptions(directory: directory), journal: journal, surroundings: surroundings)
        progress = Monitor(Progress())
        let (journal, progress) = (journal, progress)
        journal.afterCommits { [unowned journal] in
            let now = Clocks.system.monotonic()
            progress.withLock { progress in
                while let first = progress.waiting.first, first.ticket <= journal.committed {
                    progress.latencies.append(now - first.since)
                    progress.waiting.removeFirst()
                }
            }
            progress.notify()
        }
        try journal.start()
        guard try journal.waitUntilOpen(deadline: clocks.monotonic() + .seconds(10)) else {
            throw BenchError("the journal does not open")
        }
        try history.start()
    }

    var latencies: [Duration] { progress.withLock { $0.latencies } }

    var bytesWrittenByHistory: Int { history.metrics.bytesWritten.value }

    func append(_ reading: BenchReading) throws {
        batch.append(
            Reading(
                series: id(reading.series), time: Timestamp(microseconds: reading.milliseconds &* 1000),
                value: .number(reading.value)))
        readings += 1
        if batch.count == batchRows { try commit() }
    }

    private func id(_ number: Int32) -> SeriesID {
        let index = Int(number)
        if index < series.count, let known = series[index] { return known }
        let definition = SeriesDefinition(name: SeriesName(path: "bench/\(number)"))
        guard case .known(let id) = catalogue.resolve(definition) else { fatalError("the catalogue is full") }
        while series.count <= index { series.append(nil) }
        series[index] = id
        return id
    }

    private func commit() throws {
        guard !batch.isEmpty else { return }
        guard progress.wait(until: clocks.monotonic() + .seconds(60), while: { $0.waiting.count > 1 }) else {
            throw BenchError("the journal does not keep up")
        }
        try progress.withLock { progress in
            let now = clocks.monotonic()
            guard let ticket = journal.submit(batch) else { throw BenchError("the journal takes no more") }
            progress.waiting.append((ticket, now))
        }
        journal.hurry()
        batch.removeAll()
    }

    func finish() throws {
        try commit()
        let deadline = clocks.monotonic() + .seconds(600)
        _ = progress.wait(until: deadline) { !$0.waiting.isEmpty }
        guard history.drain(deadline: deadline), journal.stop(deadline: deadline), history.stop(deadline: deadline)
        else { throw BenchError("the store does not come to its end") }
    }
}
