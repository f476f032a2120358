import Platform
import SQLite
import StoreSQL
import TestSupport
import Testing

/// Nothing that is asked changes the store, and what SQLite has against a statement is said in its own words.
@Suite struct RefusalTests {
    private let bench: StoreBench
    private let before: [UInt8]

    init() throws {
        bench = try StoreBench()
        #expect(bench.waitUntilCommitted(bench.submit("a", 0..<100)))
        #expect(bench.stop())
        before = try Files.read(bench.directory.path + "/journal.db")
    }

    /// SQLite may leave an empty log beside the file, and nothing else.
    private func checkThatNothingHasChanged(_ sql: String) throws {
        let (directory, log) = (bench.directory.path, bench.directory.path + "/journal.db-wal")
        #expect(try Files.read(directory + "/journal.db") == before, "\(sql)")
        #expect(
            try Set(Files.list(directory)).isSubset(of: ["journal.db", "journal.db-wal", "journal.db-shm"]), "\(sql)")
        #expect((Files.size(log) ?? 0) == 0, "\(sql)")
    }

    private func refusal(of sql: String) -> String? {
        #expect(throws: SQLiteError.self, "\(sql)") { try bench.ask(sql) }?.message
    }

    @Test(
        arguments: [
            ("INSERT INTO readings VALUES('a', 1, 1, NULL, 'good')", "table readings may not be modified"),
            ("UPDATE readings SET value = 0", "table readings may not be modified"),
            ("DELETE FROM latest WHERE series = 'a'", "table latest may not be modified"),
            ("DELETE FROM gaps", "table gaps may not be modified"),
            ("REPLACE INTO series VALUES('a', 'b', 'c')", "table series may not be modified"),
            ("DROP TABLE readings", "table readings may not be dropped"),
            ("CREATE TABLE x(a)", "attempt to write a readonly database"),
            ("CREATE TEMP TABLE x(a)", "attempt to write a readonly database"),
            ("CREATE VIRTUAL TABLE x USING fts5(a)", "attempt to write a readonly database"),
            ("CREATE VIEW x AS SELECT 1", "attempt to write a readonly database"),
            ("DROP TABLE buckets", "table buckets may not be dropped"),
            ("PRAGMA user_version = 7", "PRAGMA user_version is none of those that only read"),
            ("PRAGMA query_only = OFF", "PRAGMA query_only is none of those that only read"),
            ("PRAGMA writable_schema = ON", "PRAGMA writable_schema is none of those that only read"),
            ("PRAGMA journal_mode", "PRAGMA journal_mode is none of those that only read"),
            ("SELECT * FROM pragma_temp_store_directory", "no such table: pragma_temp_store_directory"),
            ("SELECT * FROM pragma_journal_mode", "PRAGMA journal_mode is none of those that only read"),
            ("SELECT load_extension('x')", "not authorized"),
            ("ATTACH ':memory:' AS m", "no other file can be opened or written here"),
            ("VACUUM INTO '/tmp/copy.db'", "no other file can be opened or written here"),
            ("VACUUM", "no other file can be opened or written here"),
        ])
    func writesAreRefused(sql: String, message: String) throws {
        #expect(refusal(of: sql) == message)
        try checkThatNothingHasChanged(sql)
        #expect(try bench.ask("SELECT count(*) FROM readings") == [[.integer(100)]])
    }

    /// The journal is a file that SQL could open by its name, and others could be made.
    @Test func noOtherFileIsOpened() throws {
        let path = bench.directory.path + "/journal.db"
        for sql in [
            "ATTACH \(quoted(path)) AS j; DELETE FROM j.batches",
            "ATTACH \(quoted(path)) AS j; PRAGMA j.journal_mode = DELETE",
            "ATTACH \(quoted(bench.directory.path + "/new.db")) AS n; CREATE TABLE n.x(a)",
            "VACUUM INTO \(quoted(bench.directory.path + "/copy.db"))",
            "SELECT load_extension('x')", "SELECT writefile('x', 'y')", "SELECT fts3_tokenizer('x', x'00')",
        ] {
            #expect(throws: SQLiteError.self, "\(sql)") { try bench.ask(sql) }
            try checkThatNothingHasChanged(sql)
        }
        #expect(try bench.ask("SELECT count(*) FROM readings") == [[.integer(100)]])
    }

    @Test func queriesLeaveTheDirectoryAsItWas() throws {
        for sql in [
            "SELECT * FROM readings", "SELECT * FROM latest, series, gaps, dead_letters, audit",
            "SELECT value FROM readings ORDER BY value DESC", "PRAGMA integrity_check",
            "EXPLAIN SELECT * FROM readings",
        ] {
            _ = try bench.ask(sql)
            try checkThatNothingHasChanged(sql)
        }
    }

    @Test(
        arguments: [
            ("SELEC 1", "near \"SELEC\": syntax error"), ("SELECT x FROM readings", "no such column: x"),
            ("SELECT * FROM readngs", "no such table: readngs"), ("SELECT", "incomplete input"),
            ("SELECT abs(-9223372036854775808)", "integer overflow"), ("SELECT 'a", "unrecognized token: \"'a\""),
            ("SELECT 1; SELECT y", "no such column: y"), ("SELECT nonsense(1)", "no such function: nonsense"),
            ("SELECT batches.body FROM batches", "no such table: batches"),
        ])
    func errorsAreInSQLitesWords(sql: String, message: String) {
        #expect(refusal(of: sql) == message)
    }

    @Test func whatPrecedesAMistakeHasBeenAnswered() throws {
        let store = try StoreQuery(directory: bench.directory.path)
        var rows: [[SQLValue]] = []
        #expect(throws: SQLiteError.self) {
            try store.run("SELECT 1; SELECT x; SELECT 2") { _ in
            } row: {
                rows.append($0)
            }
        }
        #expect(rows == [[.integer(1)]])
        // And the store can go on being asked.
        try store.run("SELECT max(time) FROM readings") { _ in
        } row: {
            rows.append($0)
        }
        #expect(rows == [[.integer(1)], [.integer(99)]])
    }

    @Test func anErrorOfWhoTakesTheRowsEndsTheQuery() throws {
        struct Full: Error {}
        let store = try StoreQuery(directory: bench.directory.path)
        var count = 0
        #expect(throws: Full.self) {
            try store.run("SELECT * FROM readings") { _ in
            } row: { _ in
                count += 1
                if count == 3 { throw Full() }
            }
        }
        #expect(count == 3)
    }

    /// Each statement with its columns, then its rows.
    private func tell(_ sql: String) throws -> [String] {
        var told: [String] = []
        try StoreQuery(directory: bench.directory.path).run(sql) {
            told.append($0.joined(separator: ","))
        } row: { row in
            told.append("\(row.count)")
        }
        return told
    }

    @Test(
        arguments: [
            ("", []), (" \n\t", []), (";", []), (" ; ;; ", []), ("-- a comment", []), ("/* ä */ -- b", []),
            ("/* no end", []), ("SELECT 1 AS a", ["a", "1"]), ("SELECT 1 AS a;", ["a", "1"]),
            ("-- first\nSELECT 1 AS a; /* then */ ; SELECT 2 AS \"ä;b\", 3 AS c -- end", ["a", "1", "ä;b,c", "2"]),
            (
                "SELECT * FROM readings WHERE time < 2; SELECT * FROM gaps",
                ["series,time,value,text,quality", "5", "5", "source,reason,first,last,count"]
            ),
            ("SELECT * FROM audit", ["time,action,target,value,by,outcome"]),
            ("SELECT * FROM dead_letters", ["source,topic,reason,detail,payload,count,first,last"]),
            ("SELECT '; -- not a comment' AS x;;SELECT 2 AS y", ["x", "1", "y", "1"]),
        ] as [(String, [String])])
    func severalStatementsInOneText(sql: String, told: [String]) throws {
        #expect(try tell(sql) == told)
    }

    @Test func withoutAJournalTheErrorSaysSo() {
        let directory = TemporaryDirectory()
        let error = #expect(throws: (any Error).self) { try StoreQuery(directory: directory.path) }
        #expect(
            error.map { "\($0)" }
                == "\(directory.path)/journal.db is not there, or empty: has a gateway run with this data directory?")
    }
}
