import Alarms
import History
import Journal
import Platform
import Readings
import Replay

/// Rules over a store on the disk: from sealed chunks, through the order of time, to the desk.
struct ReplayRun {
    static let name = "replay of a store, 10 thresholds, 20 series"
    private static let seriesCount = 20
    private static let readings = 2_000_000
    private static let batchRows = 20_000

    private let rules: [AlarmRule]
    private let reader: StoreReader

    /// Makes the store, in an empty directory.
    init(_ rules: [AlarmRule], directory: String) throws {
        self.rules = rules
        try Self.fill(directory)
        reader = try StoreReader(directory: directory)
    }

    /// How many those were.
    func takeAll() throws -> Int { try Replay(rules, over: reader, in: TimeRange()).run().readings }

    private static func fill(_ directory: String) throws {
        let surroundings = Surroundings(log: Log(level: .warning))
        let catalogue = SeriesCatalogue(limit: .max)
        let journal = Journal(
            JournalOptions(directory: directory), catalogue: catalogue, surroundings: surroundings)
        let history = History(HistoryOptions(directory: directory), journal: journal, surroundings: surroundings)
        let deadline = Clocks.system.monotonic() + .seconds(120)
        try journal.start()
        guard try journal.waitUntilOpen(deadline: deadline) else { throw BenchError("the journal does not open") }
        try history.start()
        var random = BenchRandom(seed: 1)
        for first in stride(from: 0, to: readings, by: batchRows) {
            var batch = ReadingBatch()
            for number in first..<first + batchRows {
                let name = SeriesName(path: "plant/series-\(number % seriesCount)")
                guard case .known(let id) = catalogue.resolve(SeriesDefinition(name: name)) else {
                    fatalError("the catalogue has no limit")
                }
                let time = 1_718_000_000_000_000 + Int64(number) * 50_000
                let value = (200 + Double(number % 97) + 10 * random.normal()).rounded() / 10
                batch.append(Reading(series: id, time: Timestamp(microseconds: time), value: .number(value)))
            }
            while journal.submit(batch) == nil { _ = history.drain(deadline: deadline) }
        }
        guard history.drain(deadline: deadline), journal.stop(deadline: deadline), history.stop(deadline: deadline)
        else { throw BenchError("the store does not come to its end") }
    }
}
