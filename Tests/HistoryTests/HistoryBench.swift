import History
import Journal
import Platform
import Readings
import TestSupport

/// Journal and history with their threads, as a gateway starts them.
final class HistoryBench: Sendable {
    let directory: TemporaryDirectory
    let scene: Scene
    let catalogue = SeriesCatalogue(limit: 20_000)
    let journal: Journal
    let history: History

    init(
        in directory: TemporaryDirectory = TemporaryDirectory(), scene: Scene = Scene(),
        journal change: (inout JournalOptions) -> Void = { _ in },
        history alter: (inout HistoryOptions) -> Void = { _ in }
    ) throws {
        self.directory = directory
        self.scene = scene
        var options = JournalOptions(
            directory: directory.path, durability: .process, commitEvery: .milliseconds(5))
        options.numberingAfter = History.sealed(in: directory.path)
        change(&options)
        journal = Journal(options, catalogue: catalogue, surroundings: scene.surroundings)
        var historyOptions = HistoryOptions(directory: directory.path)
        alter(&historyOptions)
        history = History(historyOptions, journal: journal, surroundings: scene.surroundings)
        try journal.start()
        guard try journal.waitUntilOpen(deadline: Clocks.farAway) else { return }
        catalogue.restore(History.definitions(in: directory.path), isStored: false)
        try history.start()
    }

    func series(_ name: String) -> SeriesID {
        guard case .known(let id) = catalogue.resolve(SeriesDefinition(name: SeriesName(path: name))) else {
            fatalError("the catalogue is full")
        }
        return id
    }

    /// Readings of one series at the given moments; the value is the moment.
    func submit(_ name: String, _ moments: some Sequence<Int64>) -> UInt64? {
        var batch = ReadingBatch()
        let id = series(name)
        for moment in moments {
            batch.append(Reading(series: id, time: Timestamp(microseconds: moment), value: .number(Double(moment))))
        }
        return journal.submit(batch)
    }

    func waitUntilCommitted(_ ticket: UInt64?) -> Bool {
        guard let ticket else { return false }
        return eventually { journal.committed >= ticket }
    }

    func drain() -> Bool { history.drain(deadline: Clocks.farAway) }

    /// As a gateway stops them.
    func stop() -> Bool {
        let isCommitted = journal.stop(deadline: Clocks.farAway)
        return history.stop(deadline: Clocks.farAway) && isCommitted
    }
}
