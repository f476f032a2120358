import Journal
import Platform
import Readings
import SQLite
import StoreSQL
import TestSupport
import Testing

/// Queries while a gateway writes.
@Suite struct LiveTests {
    private func count(_ bench: StoreBench, _ what: String) throws -> Int64 {
        guard case .integer(let count) = try bench.ask("SELECT \(what) FROM readings")[0][0] else { return -1 }
        return count
    }

    @Test func countsNeverGoDownAndNoReadingIsThereTwice() throws {
        let bench = try StoreBench()
        var submitted: Int64 = 0
        var last: Int64 = 0
        var seenInBetween = 0
        while submitted < 20_000 {
            let ticket = bench.submit("s\(submitted % 3)", submitted..<submitted + 500)
            submitted += 500
            let isCommitted = ticket.map { bench.journal.committed >= $0 } ?? false
            let rows = try count(bench, "count(*)")
            #expect(rows >= last)
            #expect(rows <= submitted)
            #expect(rows % 500 == 0, "a part of a batch is visible")
            if isCommitted { #expect(rows == submitted) }
            if rows > last, rows < submitted { seenInBetween += 1 }
            #expect(try count(bench, "count(*) - count(DISTINCT time)") == 0)
            last = rows
        }
        #expect(seenInBetween > 0, "no query met the journal while it wrote: the test tests nothing")
        #expect(eventually { (try? count(bench, "count(*)")) == submitted })
        #expect(bench.stop())
        #expect(try count(bench, "count(*)") == submitted)
    }

    @Test func aQueryAnswersFromOneMomentHoweverOftenItLooks() throws {
        let bench = try StoreBench()
        #expect(bench.waitUntilCommitted(bench.submit("a", 0..<100)))
        let store = try StoreQuery(directory: bench.directory.path)
        var rows: [[SQLValue]] = []
        try store.run(
            """
            SELECT (SELECT count(*) FROM readings WHERE time >= t.column1), (SELECT max(time) FROM latest),
            asof('a', 1000) FROM (VALUES (0), (-1)) t
            """
        ) { _ in
        } row: {
            rows.append($0)
            if rows.count == 1 { #expect(bench.waitUntilCommitted(bench.submit("a", 50..<200))) }
        }
        #expect(rows == [[SQLValue]](repeating: [.integer(100), .integer(99), .real(99)], count: 2))
        #expect(try StoreSQLTests.ask(store, "SELECT count(*) FROM readings") == [[.integer(200)]])
        #expect(bench.stop())
    }

    /// A journal is read in pieces, and between two of them the gateway may delete what every uplink has sent.
    @Test func whatLeavesMeanwhileIsNoDamage() throws {
        let bench = try StoreBench()
        var generator = SeededGenerator(seed: 5)
        for batch in Int64(0)..<40 {
            let noise = (0..<10_000).map { row in
                Arrival(
                    series: "noise", time: batch * 10_000 + row, value: .number(Double(generator.next())))
            }
            #expect(bench.waitUntilCommitted(bench.submit(noise)))
        }
        let reader = try JournalReader(directory: bench.directory.path)
        var times: [Int64] = []
        try reader.forEachBatch { batch in
            if times.isEmpty {
                bench.journal.move(cursor: "hq", to: 38)
                #expect(eventually { oldestMoment(in: bench) >= 370_000 })
            }
            times += batch.times
        }
        #expect(reader.damages == [])
        #expect(times.count < 400_000, "all was in one piece: the test tests nothing")
        #expect(times.suffix(20_000) == Array(380_000..<400_000))
        #expect(zip(times, times.dropFirst()).allSatisfy { $0 < $1 })
        #expect(bench.stop())
    }

    private func oldestMoment(in bench: StoreBench) -> Int64 {
        var oldest = Int64.max
        try? JournalReader(directory: bench.directory.path).forEachBatch { oldest = min(oldest, $0.times[0]) }
        return oldest
    }
}
