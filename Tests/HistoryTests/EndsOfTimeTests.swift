import Encoding
import Readings
import TestSupport
import Testing

@testable import History

/// An imported file may say any moment that 64 bits hold; none of them stops the gateway.
@Suite struct EndsOfTimeTests {
    private static let minute = ModelStore.minute
    private static let ends: [Int64] = [.min, .min + 1, .min + minute, -1, 0, .max - minute, .max - 1, .max]
    private let series = SeriesID(0)

    private func readings(_ times: [Int64]) -> [Reading] {
        times.map { Reading(series: series, time: Timestamp(microseconds: $0), value: .number(1)) }
    }

    /// Ten hours of a reading a second, sealed and rolled up.
    private func filledStore() throws -> ModelStore {
        let store = try ModelStore(series: 1)
        try store.commit(readings((0..<36_000).map { ModelStore.start + $0 * 1_000_000 }))
        try store.seal(rows: 50_000, deleting: 0)
        let claimed = try store.history.chunks.level(ChunkLabel(series, width: Self.minute)).claimed
        #expect(claimed > ModelStore.start)
        return store
    }

    /// The first bucket of time begins before it: what comes late for that one its rollups may not count.
    private func expectAll(_ store: ModelStore, counts: Bool = true) throws {
        let reader = try StoreReader(directory: store.directory.path)
        let scan = try reader.scan(series, TimeRange())
        var found: [Reading] = []
        while try scan.next() { found += scan.rows.map { scan.batch[$0] } }
        #expect(found == store.expected(series, TimeRange()))
        for width in store.widths + [7 * Self.minute] where counts {
            #expect(try reader.buckets(series, TimeRange(), width: width).reduce(0) { $0 + $1.count } == found.count)
        }
        #expect(reader.damages.isEmpty)
    }

    @Test(arguments: ends) func oneThatComesLate(time: Int64) throws {
        let store = try filledStore()
        try store.commit(readings([time, ModelStore.start + 1_500_000]))
        let isInWholeBucket = time >= .min + ModelStore.widths.last!
        try expectAll(store, counts: isInWholeBucket)
        try store.seal(rows: 100, deleting: 0)
        try expectAll(store, counts: isInWholeBucket)
    }

    @Test func allOfThemFirstAndLast() throws {
        let store = try ModelStore(series: 1)
        try store.commit(readings(Self.ends))
        try store.seal(rows: 100, deleting: 0)
        try store.commit(readings((0..<36_000).map { ModelStore.start + $0 * 1_000_000 }))
        try store.seal(rows: 10_000, deleting: 0)
        try store.commit(readings(Self.ends.reversed()))
        try expectAll(store)
        try store.seal(rows: 100, deleting: 0)
        try expectAll(store)
        try store.reopen(widths: [60 * Self.minute])
        try expectAll(store)
        store.retention.rules = [Retention.Rule(series: SeriesGlob("**"), readings: 1, rollups: [1])]
        for clock in [.min + 1, ModelStore.start, .max] { try store.expire(at: clock) }
        while try store.shed() > 0 {}
    }
}
