import History
import Journal
import Platform
import Readings
import TestSupport

/// A journal on a disk of the test's choice, and what should be in it.
final class JournalBench {
    let directory: TemporaryDirectory
    let scene = Scene()
    let catalogue: SeriesCatalogue
    let journal: Journal

    init(
        in directory: TemporaryDirectory = TemporaryDirectory(), durability: Durability = .power,
        maxSize: Int = 1 << 30,
        mostWaiting: Int = 200_000, vfs: String? = nil, maxSeries: Int = 1000
    ) throws {
        self.directory = directory
        catalogue = SeriesCatalogue(limit: maxSeries)
        var options = JournalOptions(
            directory: directory.path, durability: durability, commitEvery: .milliseconds(5), maxSize: maxSize)
        options.mostWaiting = mostWaiting
        options.vfs = vfs
        journal = Journal(options, catalogue: catalogue, surroundings: scene.surroundings)
        try journal.start()
    }

    func waitUntilOpen() throws -> Bool { try journal.waitUntilOpen(deadline: Clocks.farAway) }

    func series(_ name: String, unit: String? = nil, tags: [String: String] = [:]) -> SeriesID {
        let definition = SeriesDefinition(name: SeriesName(path: name), unit: unit, tags: tags)
        guard case .known(let id) = catalogue.resolve(definition) else { fatalError("the catalogue is full") }
        return id
    }

    /// One batch of readings of one series at the given moments; the value is the moment.
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

    func stop() -> Bool { journal.stop(deadline: Clocks.farAway) }
}

struct Stored: Hashable {
    var series: String
    var time: Int64
    var value: Value
    var quality: Quality
}

/// Everything that a reader finds.
func stored(in directory: TemporaryDirectory) throws -> (readings: [Stored], damages: [String]) {
    let reader = try StoreReader(directory: directory.path)
    var readings: [Stored] = []
    for id in reader.ids {
        let name = reader.definition(of: id).name.description
        let scan = try reader.scan(id, TimeRange())
        while try scan.next() {
            for reading in scan.rows.map({ scan.batch[$0] }) {
                readings.append(
                    Stored(
                        series: name, time: reading.time.microseconds, value: reading.value, quality: reading.quality))
            }
        }
    }
    return (readings, reader.damages)
}

func moments(_ readings: [Stored]) -> [Int64] { readings.map(\.time) }
