import Readings
import SQLite
import StoreSQL
import TestSupport
import Testing

/// What SQLite leaves to the tables: shown by its plans, and by what its machine still does for each row.
@Suite struct PlanTests {
    private let store: StoreQuery

    init() throws {
        let bench = try StoreBench()
        for name in ["a", "a/b", "b", "7", "7.0", " 7"] {
            #expect(bench.waitUntilCommitted(bench.submit(name, 0..<50)))
        }
        #expect(bench.stop())
        store = try StoreQuery(directory: bench.directory.path)
    }

    private func isSorted(_ sql: String) throws -> Bool {
        try ask(store, "EXPLAIN QUERY PLAN \(sql)").contains { row in
            if case .text(let detail) = row[3] { detail.contains("TEMP B-TREE") } else { false }
        }
    }

    @Test(
        arguments: [
            "series", "series, time", "series DESC", "series DESC, time DESC", "series, time DESC", "series DESC, time",
            "time", "time DESC", "time, series", "time DESC, series DESC",
        ])
    func ordersCostNoSorting(order: String) throws {
        for table in ["readings", "latest"] {
            #expect(try !isSorted("SELECT * FROM \(table) ORDER BY \(order)"))
            #expect(try !isSorted("SELECT * FROM \(table) WHERE series IN ('a', 'b') AND time < 5 ORDER BY \(order)"))
        }
        #expect(try !isSorted("SELECT * FROM readings_1m WHERE series = 'a' ORDER BY \(order)"))
    }

    @Test(
        arguments: [
            "SELECT * FROM readings ORDER BY series, time DESC, value, quality",
            "SELECT * FROM readings_1h ORDER BY series DESC, time", "SELECT * FROM series ORDER BY series DESC, unit",
            "SELECT * FROM buckets('a', 0, 100, '1m') ORDER BY time DESC",
            "SELECT DISTINCT series FROM readings ORDER BY series",
            "SELECT series, count(*) FROM readings GROUP BY series",
            "SELECT max(time) FROM readings WHERE series = 'a'",
        ])
    func othersDoNotEither(sql: String) throws { #expect(try !isSorted(sql)) }

    @Test(
        arguments: [
            "SELECT * FROM readings ORDER BY value", "SELECT * FROM readings ORDER BY value, time",
            "SELECT * FROM readings_1m ORDER BY time", "SELECT * FROM series ORDER BY unit",
            "SELECT * FROM readings ORDER BY series COLLATE NOCASE",
        ])
    func whatATableHasNotIsSorted(sql: String) throws { #expect(try isSorted(sql)) }

    /// Which of SQLite's operations compare, in the loop over the rows.
    private func checks(_ condition: String) throws -> Int {
        let program = try ask(store, "EXPLAIN SELECT value FROM readings WHERE \(condition)").map { $0[1] }
        let loop = program.drop { $0 != .text("VFilter") }.prefix { $0 != .text("VNext") }
        let comparing: Set<String> = ["Eq", "Ne", "Lt", "Le", "Gt", "Ge", "Function", "NotFound", "Found"]
        return loop.filter { if case .text(let name) = $0 { comparing.contains(name) } else { false } }.count
    }

    @Test(
        arguments: [
            "time > 5", "time BETWEEN 5 AND ?", "time = ?", "time < 'x' AND time >= 2.5", "series = 'a'",
            "series = 'a' AND time > ago('1h')", "series GLOB 'a*'", "series GLOB '*[ab]?'",
            "series > 'a' AND series <= 'b'",
        ])
    func whatIsExactIsNotCheckedAgain(condition: String) throws { #expect(try checks(condition) == 0) }

    @Test(arguments: [
        "series = ?", "series = 7", "series LIKE 'a%'", "series IN ('a', 'b')", "series GLOB ?", "value > 5",
    ])
    func whatMayNotBeIs(condition: String) throws { #expect(try checks(condition) > 0) }

    /// A name equals a number by its digits or by its value, as SQLite sees it, and then the times of several series
    /// are one sequence.
    @Test func namesThatAreNumbersInOneOrder() throws {
        let byValue = """
            SELECT r.time, r.series FROM readings r
            WHERE r.series = (SELECT CAST(value AS INTEGER) FROM json_each('[7]')) ORDER BY r.time
            """
        let rows = try ask(store, byValue)
        let expected = (0..<50).flatMap { time in
            [" 7", "7", "7.0"].map { [SQLValue.integer(Int64(time)), .text($0)] }
        }
        #expect(rows == expected)
        let byDigits = try ask(store, "SELECT DISTINCT series FROM readings WHERE series = 7 ORDER BY time")
        #expect(byDigits == [[.text("7")]])
    }

    @Test func theSmallTableLeads() throws {
        for join in ["series s JOIN readings r USING (series)", "readings r JOIN series s USING (series)"] {
            let plan = try ask(store, "EXPLAIN QUERY PLAN SELECT s.unit, r.value FROM \(join)").map { "\($0[3])" }
            #expect(plan[0].contains("SCAN s"))
            #expect(plan[1].contains("SCAN r VIRTUAL TABLE INDEX 0:="))
        }
        let one = try ask(
            store,
            "EXPLAIN QUERY PLAN SELECT b.value FROM readings b, readings a WHERE a.series = 'a' AND b.series = 'b' AND a.time < 9 AND b.time = a.time"
        ).map { "\($0[3])" }
        #expect(one[0].contains("SCAN a"))
    }
}
