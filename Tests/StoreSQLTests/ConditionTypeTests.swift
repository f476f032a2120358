import Readings
import SQLite
import TestSupport
import Testing

/// Conditions whose right side is of another type than the column, or compared in another way: what a plain table of
/// SQLite's answers is right.
@Suite struct ConditionTypeTests {
    private let bench: StoreBench
    private let plain: Connection

    init() throws {
        bench = try StoreBench()
        plain = try Connection("plain", .memory)
        try plain.execute("CREATE TABLE readings(series TEXT, time INTEGER, value REAL, text TEXT, quality TEXT)")
        for name in ["5", "5.0", "A", "a", "x"] {
            #expect(bench.submit(name, 0..<4) != nil)
            for time in 0..<4 {
                try plain.execute("INSERT INTO readings VALUES('\(name)', \(time), \(time), NULL, 'good')")
            }
        }
        #expect(bench.stop())
        try plain.execute("CREATE VIEW latest AS SELECT * FROM readings WHERE time = 3")
    }

    private func check(_ condition: String) throws {
        for table in ["readings", "latest"] {
            let sql = "SELECT series, time FROM \(table) WHERE \(condition) ORDER BY 1, 2"
            let statement = try plain.prepare(sql)
            var expected: [[SQLValue]] = []
            while try statement.step() { expected.append([statement.value(0), statement.value(1)]) }
            #expect(try bench.ask(sql) == expected, "\(sql)")
        }
    }

    @Test(
        arguments: [
            "series = 5", "series = '5'", "series = 5.0", "series = NULL", "series IS NULL", "series IS 'x'",
            "series = x'78'", "series = time", "series GLOB 5", "series GLOB NULL", "series GLOB x'78'",
            "series GLOB time || '*'", "glob('[5a]*', series)", "series > 'A'", "series = '5' || char(0)",
            "series = CAST(x'78ff' AS TEXT)", "series != 'x' AND series = 'x'", "series = 'a' AND series = 'x'",
            "+series = 'a'", "series = (SELECT 'a' UNION SELECT 'b')", "series IN (5, 'x', NULL)", "series IN ()",
            "series = 'a' OR series = 5 OR series GLOB 'x*'", "series NOT IN ('a', 'x')", "series BETWEEN 'A' AND 'a'",
        ])
    func series(condition: String) throws { try check(condition) }

    @Test(
        arguments: [
            "time = 'x'", "time = '2'", "time = ' 2 '", "time = 2.0", "time = 1.5", "time > 1.5", "time <= 1.5",
            "time < 1e300", "time > -1e300", "time > 9e18", "time = NULL", "time > NULL", "time BETWEEN NULL AND 2",
            "time BETWEEN 1 AND NULL", "time < 'x'", "time > 'x'", "time < x'00'", "time IS 2", "time IN (1, '2', 7)",
            "time = 1 + 1", "time = value", "time < value", "2 <= time", "time + 0 = 2", "time > 1 AND time > 2",
            "time = 2 AND time > 2", "time >= 3 AND time < 3", "time = 3 AND time > 0 AND time >= 3 AND time < 9",
            "time >= -9223372036854775808 AND time <= 9223372036854775807", "time > 9223372036854775807",
            "time = 1 OR time > 2", "NOT time = 1", "time = series", "CAST(time AS TEXT) = '2'",
        ])
    func time(condition: String) throws { try check(condition) }

    /// A comparison that takes capital and small letters for the same must not be narrowed by one that does not.
    @Test(
        arguments: [
            "series = 'A' COLLATE NOCASE", "series COLLATE NOCASE = 'a'", "series COLLATE NOCASE IN ('a', 'X')",
            "series = 'x  ' COLLATE RTRIM", "series LIKE 'A'", "series = 'A' COLLATE BINARY",
        ])
    func collations(condition: String) throws { try check(condition) }

    @Test(
        arguments: [
            "value = 2", "value = '2'", "text IS NULL", "quality = 'good'", "quality = 'bad'",
            "typeof(series) = 'text' AND typeof(time) = 'integer'", "typeof(value) = 'real'",
        ])
    func otherColumns(condition: String) throws { try check(condition) }

    @Test func theOrderIsThatOfTheCollation() throws {
        let rows = try bench.ask("SELECT DISTINCT series FROM readings ORDER BY series COLLATE NOCASE DESC, series")
        #expect(rows == ["x", "A", "a", "5.0", "5"].map { [.text($0)] })
        let last = try bench.ask("SELECT DISTINCT series FROM readings ORDER BY series NULLS LAST")
        #expect(last == ["5", "5.0", "A", "a", "x"].map { [.text($0)] })
    }
}
