import Journal
import Readings
import TestSupport
import Testing

@testable import StoreSQL

/// The same readings come however few of them fit into memory at a time.
@Suite struct StoredReadingsTests {
    private func arrivals(_ stored: StoredReadings, _ reader: JournalReader) throws -> [Arrival] {
        var arrivals: [Arrival] = []
        try stored.forEachReading { reading in
            arrivals.append(
                Arrival(
                    series: reader.definition(of: reading.series).name.description, time: reading.time.microseconds,
                    value: reading.value, quality: reading.quality))
        }
        return arrivals
    }

    @Test func groupsOfAnySizeGiveTheSame() throws {
        let store = try RandomStore()
        let reader = try JournalReader(directory: store.directory.path)
        for mostRows in [1, 2, 30, 100, 1_000_000] {
            var stored = StoredReadings(reader)
            stored.mostRows = mostRows
            #expect(try arrivals(stored, reader) == store.rows, "seed \(store.seed), \(mostRows) rows")
        }
    }

    @Test func aGroupHasMoreThanItsRowsOnlyWhereItIsOneSeries() throws {
        let bench = try StoreBench()
        for (name, count) in [("a", 5), ("b", 5), ("c", 11), ("d", 1), ("e", 1)] {
            #expect(bench.waitUntilCommitted(bench.submit(name, 0..<Int64(count))))
        }
        #expect(bench.stop())
        let reader = try JournalReader(directory: bench.directory.path)
        var stored = StoredReadings(reader)
        stored.mostRows = 10
        let names = try stored.groups().map { $0.map { reader.definition(of: $0).name.description }.joined() }
        #expect(names == ["ab", "c", "de"])
    }

    @Test func aSelectionNarrowsByNameAndTime() throws {
        let store = try RandomStore()
        let reader = try JournalReader(directory: store.directory.path)
        var generator = SeededGenerator(seed: store.seed)
        for name in RandomStore.names {
            let bounds = [RandomStore.time(using: &generator), RandomStore.time(using: &generator)].sorted()
            let selection = StoredReadings.Selection(
                names: { $0.description.utf8.count <= name.utf8.count },
                range: JournalReader.Range(first: bounds[0], last: bounds[1]))
            let expected = store.rows.filter {
                $0.series.utf8.count <= name.utf8.count && (bounds[0]...bounds[1]).contains($0.time)
            }
            let found = try arrivals(StoredReadings(reader, selection), reader)
            #expect(found == expected, "seed \(store.seed), \(name), \(bounds)")
        }
    }

    @Test func anEmptyJournalHasNothing() throws {
        let bench = try StoreBench()
        #expect(bench.stop())
        let reader = try JournalReader(directory: bench.directory.path)
        #expect(try StoredReadings(reader).groups().isEmpty)
        #expect(try StoredReadings(reader).latest().isEmpty)
        #expect(try bench.ask("SELECT * FROM readings; SELECT * FROM latest; SELECT * FROM series").isEmpty)
    }
}
