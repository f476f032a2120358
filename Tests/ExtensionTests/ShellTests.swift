import Platform
import TestSupport
import Testing

/// The extension in the shell that comes with SQLite.
@Suite struct ShellTests {
    private let store: Store

    init() throws {
        store = try Store()
        try store.add("a", 0..<100)
        try store.add("b", 50..<60)
        store.stop()
    }

    private var path: String { store.directory.path }

    private func shell(
        _ lines: String..., database: String = ":memory:", environment: [String: String] = [:]
    ) throws -> String {
        try output("sqlite3", ["-batch", database, ".load \(extensionPath)"] + lines, environment: environment)
    }

    @Test func functionsNeedNoStore() throws {
        #expect(
            try shell("SELECT iso(0), micros('1970-01-02'), time_bucket('1h', 5400000000)")
                == "1970-01-01T00:00:00.000000Z|86400000000|3600000000\n")
        let rows = "(SELECT value AS v, value * 1000000 AS t FROM json_each('[1, 2, 9]'))"
        #expect(try shell("SELECT rate(v, t), percentile(v, 50), last(v, t) FROM \(rows)") == "1.0|2.0|9\n")
        #expect(try shell("SELECT * FROM readings").contains("no such table: readings"))
        #expect(try shell("SELECT asof('a', 5)").contains("no such function: asof"))
    }

    @Test func aStoreIsOpenedByItsDirectory() throws {
        let tables = """
            SELECT count(*), sum(value) FROM readings WHERE series = 'a' AND time BETWEEN 10 AND 19;
            SELECT series, unit FROM series; SELECT series, time FROM latest; SELECT time, count, max FROM readings_1m;
            SELECT time, count FROM buckets('b', 0, 100, 50000); SELECT asof('b', 55); SELECT * FROM gaps;
            SELECT count(*) FROM outpost_readings, dead_letters, outpost_audit
            """
        let rows = """
            10|145.0
            a|bar
            b|bar
            a|99
            b|59
            0|100|99.0
            0|10|59.0
            0|10
            55.0
            0

            """
        #expect(try shell("SELECT outpost_open('\(path)')", tables) == "\(path)\n\(rows)")
        #expect(try shell(tables, environment: ["OUTPOST_DATA": path]) == rows)
        #expect(try shell("SELECT count(*) FROM readings", environment: ["OUTPOST_DATA": ""]).contains("no such table"))
    }

    @Test func anErrorSaysWhatIsWrong() throws {
        let missing = "/nowhere/journal.db is not there, or empty"
        #expect(try shell("SELECT outpost_open('/nowhere')").contains("outpost_open: \(missing)"))
        #expect(try shell("SELECT outpost_open(5)").contains("outpost_open: the argument is the path"))
        #expect(try shell("SELECT 1", environment: ["OUTPOST_DATA": "/nowhere"]).contains(missing))
        let twice = try shell("SELECT outpost_open('\(path)')", "SELECT outpost_open('\(path)')")
        #expect(twice.contains("\(path) is open on this connection already"))
        let change = try shell("DELETE FROM readings", environment: ["OUTPOST_DATA": path])
        #expect(change.contains("table readings may not be modified"))
        // A view of a file that somebody else has made may not reach for other files.
        let view = try shell("CREATE VIEW v AS SELECT outpost_open('\(path)')", "SELECT * FROM v")
        #expect(view.contains("unsafe use of outpost_open()"))
    }

    @Test func aDatabaseOfTheStoreShowsTheStore() throws {
        let answer = try shell(
            "SELECT count(*) FROM readings", "SELECT count(*) FROM outpost_series", "SELECT checksum != 0 FROM series",
            database: path + "/journal.db")
        #expect(answer == "110\n2\n1\n1\n")
    }

    @Test func itIsFoundByItsOwnName() throws {
        let directory = TemporaryDirectory()
        try Files.write(try Files.read(extensionPath), to: directory.path + "/outpost_sqlite.so")
        let answer = try output("sqlite3", [":memory:", ".load \(directory.path)/outpost_sqlite", "SELECT iso(0)"])
        #expect(answer == "1970-01-01T00:00:00.000000Z\n")
    }

    @Test func aLimitOfTheHostsHeapIsAnErrorOfTheStatement() throws {
        let answer = try shell(
            "PRAGMA hard_heap_limit = 4000000",
            "SELECT group_concat(a.time * b.value) FROM readings a, readings b, readings c",
            environment: ["OUTPOST_DATA": path])
        #expect(answer.contains("out of memory"))
    }
}
