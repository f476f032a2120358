import Journal
import Platform
import Readings
import SQLite
import TestSupport
import Testing

/// What was done, and by whom.
@Suite struct AuditTests {
    private func entry(_ number: Int) -> AuditEntry {
        AuditEntry(
            time: Int64(number), action: "modbus write", target: "pump/speed", value: "\(number)", by: "anna",
            outcome: "written")
    }

    private func rows(_ directory: TemporaryDirectory) throws -> [[SQLValue]] {
        try JournalReader(directory: directory.path).rows(of: .audit)
    }

    @Test func theNewestRowsAreKept() throws {
        let bench = try JournalBench()
        #expect(try bench.waitUntilOpen())
        for round in 0..<15 {
            for number in 0..<800 { bench.journal.submit(entry(round * 800 + number)) }
            #expect(bench.waitUntilCommitted(bench.submit("a", 1...1)))
        }
        #expect(bench.stop())
        let rows = try rows(bench.directory)
        #expect(rows.map { $0[0] } == (2000..<12_000).reversed().map { .integer(Int64($0)) })
        let newest: [SQLValue] = [
            .integer(11_999), .text("modbus write"), .text("pump/speed"), .text("11999"), .text("anna"),
            .text("written"),
        ]
        #expect(rows.first == newest)
    }

    @Test func longTextsKeepTheirBeginning() {
        let long = String(repeating: "ä", count: 60_000)
        let entry = AuditEntry(time: 1, action: "a", target: "t", value: long, by: long, outcome: long)
        for text in [entry.value, entry.by, entry.outcome] {
            #expect(text == String(repeating: "ä", count: 256) + "...")
        }
    }

    /// Nobody can fill the memory while the disk takes nothing.
    @Test func whatWaitsHasAnEnd() throws {
        let directory = TemporaryDirectory()
        let path = directory.path + "/data"
        let scene = Scene()
        let journal = Journal(
            JournalOptions(directory: path), catalogue: SeriesCatalogue(limit: 10), surroundings: scene.surroundings)
        for number in 0..<1003 { journal.submit(entry(number)) }
        let lost = scene.surroundings.metrics.entries.first { $0.name == "outpost_journal_audit_lost_total" }
        guard case .computed(let count) = lost?.instrument else {
            Issue.record("it is not counted")
            return
        }
        #expect(count() == 3)
        try Files.createDirectory(path)
        try journal.start()
        #expect(journal.stop(deadline: Clocks.farAway))
        let rows = try JournalReader(directory: path).rows(of: .audit)
        #expect(rows.map { $0[0] } == (3..<1003).reversed().map { .integer(Int64($0)) })
    }

    @Test func aJournalFromBeforeTheAuditGetsIt() throws {
        let bench = try JournalBench()
        #expect(try bench.waitUntilOpen())
        #expect(bench.waitUntilCommitted(bench.submit("a", 1...20)))
        #expect(bench.stop())
        do {
            let connection = try Connection(bench.directory.path + "/journal.db", .readWrite)
            // Alarms came after it.
            for table in ["audit", "alarm_events", "alarm_actions", "alarms"] {
                try connection.execute("DROP TABLE \(table)")
            }
        }
        let again = try JournalBench(in: bench.directory)
        #expect(try again.waitUntilOpen())
        again.journal.submit(entry(7))
        #expect(again.stop())
        #expect(!again.scene.logged("damaged"), "\(again.scene.log)")
        #expect(try rows(bench.directory).map { $0[0] } == [.integer(7)])
        #expect(moments(try stored(in: bench.directory).readings) == Array(1...20))
    }

    @Test func itIsSavedFromADamagedJournal() throws {
        let bench = try JournalBench()
        #expect(try bench.waitUntilOpen())
        for number in 0..<5 { bench.journal.submit(entry(number)) }
        #expect(bench.waitUntilCommitted(bench.submit("a", 1...20)))
        #expect(bench.stop())
        do {
            // A table that is not one of a journal's.
            let connection = try Connection(bench.directory.path + "/journal.db", .readWrite)
            try connection.execute("CREATE TABLE stranger(a)")
        }
        let again = try JournalBench(in: bench.directory)
        #expect(try again.waitUntilOpen())
        #expect(again.scene.logged("is damaged: its tables are not those of a journal"))
        #expect(again.stop())
        #expect(try rows(bench.directory).map { $0[0] } == (0..<5).reversed().map { .integer(Int64($0)) })
    }
}
