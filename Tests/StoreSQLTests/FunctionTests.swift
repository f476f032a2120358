import SQLite
import Testing

@testable import StoreSQL

/// The functions, on tables that are no store's.
@Suite struct FunctionTests {
    private static let now: Int64 = 1_700_000_000_000_000
    private let connection: Connection

    init() throws {
        connection = try Connection("functions", .memory)
        try StoreTables.registerFunctions(on: connection) { FunctionTests.now }
    }

    private func ask(_ sql: String) throws -> [[SQLValue]] {
        let statement = try connection.prepare(sql)
        var rows: [[SQLValue]] = []
        while try statement.step() { rows.append(statement.columnNames.indices.map { statement.value($0) }) }
        return rows
    }

    private func value(_ expression: String) throws -> SQLValue { try ask("SELECT \(expression)")[0][0] }

    /// Over rows of (v, t, w), in the order given.
    private func value(_ expression: String, of rows: String) throws -> SQLValue {
        try value("(SELECT \(expression) FROM (SELECT column1 AS v, column2 AS t, column3 AS w FROM (VALUES \(rows))))")
    }

    private func refusal(_ expression: String) -> String? {
        #expect(throws: SQLiteError.self, "\(expression)") { try value(expression) }?.message
    }

    @Test(
        arguments: [
            ("time_bucket('1h', 7199999999)", .integer(3_600_000_000)),
            ("time_bucket('1m', -1)", .integer(-60_000_000)),
            ("time_bucket('1m', -60000000)", .integer(-60_000_000)), ("time_bucket(7, 20)", .integer(14)),
            ("time_bucket('1h30m', 5400000001)", .integer(5_400_000_000)), ("time_bucket('1d', 0)", .integer(0)),
            ("time_bucket('500ms', '1970-01-01T00:00:01.7Z')", .integer(1_500_000)), ("time_bucket('1m', NULL)", .null),
            ("time_bucket(NULL, 5)", .null), ("time_bucket(10, 12.9)", .integer(10)),
            ("time_bucket(10, -0.5)", .integer(-10)),
            ("time_bucket(1, -9223372036854775808)", .integer(.min)),
            ("time_bucket('1us', 9223372036854775807)", .integer(.max)),
            ("now()", .integer(now)), ("ago('1m')", .integer(now - 60_000_000)), ("ago(5)", .integer(now - 5)),
            ("ago('1y2w')", .integer(now - (365 + 14) * 86_400_000_000)), ("ago(NULL)", .null),
            ("iso(0)", .text("1970-01-01T00:00:00.000000Z")), ("iso(now())", .text("2023-11-14T22:13:20.000000Z")),
            ("iso(NULL)", .null), ("iso('2024-02-24')", .text("2024-02-24T00:00:00.000000Z")),
            ("micros('1970-01-01T00:00:01.5+00:00')", .integer(1_500_000)),
            ("micros('1970-01-02')", .integer(86_400_000_000)),
            ("micros(iso(-5))", .integer(-5)), ("micros(7)", .integer(7)), ("micros(NULL)", .null),
        ] as [(String, SQLValue)])
    func timesBecomeOthers(expression: String, expected: SQLValue) throws {
        #expect(try value(expression) == expected, "\(expression)")
    }

    @Test(
        arguments: [
            ("time_bucket('x', 1)", "time_bucket: width is not a length of time: 'x'; '15m', '1h30m' and '1d' are"),
            ("time_bucket('', 1)", "width is not"), ("time_bucket(0, 1)", "width is not a length of time: '0'"),
            ("time_bucket(-5, 1)", "width is not"), ("time_bucket('0s', 1)", "width is not"),
            ("time_bucket('5', 1)", "width is not"), ("time_bucket('30m1h', 1)", "width is not"),
            ("time_bucket('1h1h', 1)", "width is not"), ("time_bucket('h', 1)", "width is not"),
            ("time_bucket('1h ', 1)", "width is not"), ("time_bucket('300000y', 1)", "width is not"),
            ("time_bucket('99999999999999999999s', 1)", "width is not"), ("time_bucket(1.5, 1)", "width is not"),
            ("time_bucket(x'31', 1)", "width is not a length of time: 'a blob'"),
            ("time_bucket('1m', 'soon')", "time_bucket: time is not a moment: 'soon'; microseconds since 1970 are"),
            ("time_bucket('1m', x'00')", "time is not a moment: a blob"),
            ("time_bucket('1m', 1e300)", "lies outside of all times"),
            ("time_bucket('1m', -9223372036854775808)", "begins before all times"),
            ("ago('tomorrow')", "ago: length is not"), ("micros('24.12.2024')", "micros: time is not a moment"),
            ("iso(9e18 * 2)", "iso: time is 1.8e+19, which lies outside of all times"),
        ])
    func mistakesGetASentence(expression: String, message: String) throws {
        #expect(refusal(expression)?.contains(message) == true, "\(expression)")
    }

    @Test(
        arguments: [
            // In order, out of order, with NULLs, with texts, at one moment, and of nothing.
            ("first(v, t)", "(5, 1, 0), (6, 2, 0)", .integer(5)), ("first(v, t)", "(5, 2, 0), (6, 1, 0)", .integer(6)),
            ("first(v, t)", "(NULL, 0, 0), ('OPEN', 1, 0), (2, 2, 0)", .text("OPEN")),
            ("first(v, t)", "(5, NULL, 0), (6, 9, 0)", .integer(6)),
            ("first(v, t)", "(1, 4, 0), (2, 4, 0)", .integer(1)),
            ("last(v, t)", "(1, 4, 0), (2, 4, 0)", .integer(2)), ("last(v, t)", "(x'00', 4, 0), (2, 3, 0)", .blob([0])),
            ("last(v, t)", "(NULL, 4, 0)", .null), ("delta(v, t)", "(7.5, 9, 0), (1, 1, 0), (100, 5, 0)", .real(6.5)),
            ("delta(v, t)", "(3, 1, 0)", .real(0)), ("delta(v, t)", "(NULL, 1, 0)", .null),
            // A counter that starts over at 10 rises by 10 - 4, then by 3, then by 2.
            ("rate(v, t)", "(4, 0, 0), (10, 1000000, 0), (3, 2000000, 0), (5, 3000000, 0)", .real(11.0 / 3)),
            ("rate(v, t)", "(5, 3000000, 0), (4, 0, 0), (3, 2000000, 0), (10, 1000000, 0)", .real(11.0 / 3)),
            ("rate(v, t)", "(4, 0, 0)", .null), ("rate(v, t)", "(4, 0, 0), (5, 0, 0)", .null),
            ("rate(v, t)", "(4, 0, 0), (NULL, 5, 0), (6, 2000000, 0)", .real(1)),
            ("percentile(v, 50)", "(3, 0, 0), (1, 0, 0), (2, 0, 0)", .real(2)),
            ("percentile(v, 50)", "(3, 0, 0), (1, 0, 0), (NULL, 0, 0), (2, 0, 0), (10, 0, 0)", .real(2.5)),
            ("percentile(v, 0)", "(3, 0, 0), (1, 0, 0)", .real(1)),
            ("percentile(v, 100)", "(3, 0, 0), (1, 0, 0)", .real(3)),
            ("percentile(v, 90)", "(0, 0, 0), (10, 0, 0)", .real(9)), ("percentile(v, 50)", "(NULL, 0, 0)", .null),
            ("percentile(v, 50)", "(9e999, 0, 0), (9e999, 0, 0)", .real(.infinity)),
            ("time_weighted_avg(v, t)", "(0, 0, 0), (10, 9, 0), (100, 10, 0)", .real(1)),
            ("time_weighted_avg(v, t)", "(100, 10, 0), (10, 9, 0), (0, 0, 0)", .real(1)),
            ("time_weighted_avg(v, t)", "(7, 5, 0)", .real(7)), ("time_weighted_avg(v, t)", "(NULL, 5, 0)", .null),
            ("interpolate(v, t, 15)", "(20, 20, 0), (0, 0, 0), (10, 10, 0)", .real(15)),
            ("interpolate(v, t, 10)", "(20, 20, 0), (3, 10, 0)", .real(3)),
            ("interpolate(v, t, 21)", "(20, 20, 0), (10, 10, 0)", .null),
            ("interpolate(v, t, 9)", "(20, 20, 0), (10, 10, 0)", .null),
            ("interpolate(v, t, NULL)", "(20, 20, 0), (10, 10, 0)", .null),
            ("interpolate(v, t, '1970-01-01T00:00:00.000012Z')", "(20, 20, 0), (10, 10, 0)", .real(12)),
        ] as [(String, String, SQLValue)])
    func groupsComeToAValue(expression: String, rows: String, expected: SQLValue) throws {
        #expect(try value(expression, of: rows) == expected, "\(expression) of \(rows)")
    }

    @Test func nothingComesToNull() throws {
        for aggregate in [
            "first(v, v)", "last(v, v)", "delta(v, v)", "rate(v, v)", "percentile(v, 5)", "time_weighted_avg(v, v)",
            "interpolate(v, v, 5)",
        ] {
            #expect(try ask("SELECT \(aggregate) FROM (SELECT 1 AS v) WHERE v > 1") == [[.null]], "\(aggregate)")
            let groups = "SELECT \(aggregate) FROM (SELECT 1 AS v) WHERE v > 1 GROUP BY v"
            #expect(try ask(groups) == [], "\(aggregate)")
        }
    }

    @Test(
        arguments: [
            ("percentile(5, 101)", "p is not a number from 0 to 100"), ("percentile(5, NULL)", "p is not a number"),
            ("percentile(5, 'x')", "percentile: p is not a number: 'x'"),
            ("percentile('x', 5)", "value is not a number: 'x'"),
            ("rate('on', 1)", "rate: value is not a number: 'on'"), ("delta(x'00', 1)", "delta: value is not a number"),
            ("rate(1, 'x')", "rate: time is not a moment: 'x'"), ("first(1, 'x')", "first: time is not a moment"),
            ("(SELECT percentile(5, column1) FROM (VALUES (5), (6)))", "p is not the same in the whole group"),
            ("(SELECT interpolate(5, 5, column1) FROM (VALUES (5), (6)))", "\"at\" is not one moment in the group"),
        ])
    func mistakesInAGroupGetASentence(expression: String, message: String) {
        #expect(refusal(expression)?.contains(message) == true, "\(expression)")
    }

    /// What slides along comes to the same as each window by itself.
    @Test(arguments: ["rate(v, t)", "percentile(v, 25)", "time_weighted_avg(v, t)"])
    func windowsMove(aggregate: String) throws {
        let rows = (0..<200).map { "(\($0 % 7 == 3 ? "NULL" : "\(($0 * 37) % 101)"), \($0 * 10))" }.joined(
            separator: ", ")
        let table = "WITH r(v, t) AS (VALUES \(rows))"
        let sliding = try ask(
            "\(table) SELECT \(aggregate) OVER (ORDER BY t ROWS BETWEEN 9 PRECEDING AND CURRENT ROW) FROM r")
        let alone = try ask(
            "\(table) SELECT (SELECT \(aggregate) FROM r s WHERE s.t BETWEEN r.t - 90 AND r.t) FROM r ORDER BY t")
        #expect(sliding == alone)
        #expect(Set(alone.map { "\($0)" }).count > 50)
    }

    @Test func aGroupHasALimit() throws {
        var gathered = Gathered<Int>()
        for element in 0..<Gathered<Int>.limit { try gathered.append(element) }
        #expect(throws: SQLProblem.self) { try gathered.append(0) }
        gathered.removeFirst()
        try gathered.append(7)
        #expect(gathered.all.first == 1)
        #expect(gathered.all.last == 7)
    }

    @Test func oneMomentIsNowForAStatement() throws {
        nonisolated(unsafe) var calls: Int64 = 0
        let connection = try Connection("clock", .memory)
        try connection.register(
            Now {
                calls += 1
                return calls
            })
        let statement = try connection.prepare(
            "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 50) SELECT DISTINCT now() FROM r")
        for run in 1...3 {
            #expect(try statement.step())
            #expect(statement.integer(0) == Int64(run))
            #expect(try !statement.step())
            statement.reset()
        }
    }

    @Test func statesEndWithTheirStatement() throws {
        final class Counted: Aggregate {
            static let name = "counted"
            static let argumentCount = 1
            nonisolated(unsafe) static var alive = 0
            init() { Self.alive += 1 }
            deinit { Self.alive -= 1 }
            func add(_ arguments: SQLArguments) throws { if arguments[0].integer == 5 { throw SQLProblem("five") } }
            func result(_ result: SQLResult) { result.integer(Int64(Self.alive)) }
        }
        let connection = try Connection("states", .memory)
        try connection.register(Counted.self)
        let rows = "(SELECT value AS v FROM json_each('[1, 2, 3, 4, 5]'))"
        let whole = try connection.prepare("SELECT counted(v) FROM \(rows) WHERE v < 5 GROUP BY v % 2")
        while try whole.step() { #expect(whole.integer(0) >= 1) }
        #expect(Counted.alive == 0)
        let broken = try connection.prepare("SELECT counted(v), counted(v + 1) FROM \(rows)")
        #expect(throws: SQLiteError.self) { try broken.step() }
        broken.reset()
        let abandoned = try connection.prepare("SELECT counted(v) FROM \(rows) WHERE v < 5 GROUP BY v")
        #expect(try abandoned.step())
        abandoned.reset()
        #expect(Counted.alive == 0)
    }
}

@Suite struct IntervalTests {
    private func parse(_ text: String) -> Int64? {
        Array(text.utf8).withUnsafeBufferPointer { Interval.parse($0) }
    }

    @Test func everyUnitCounts() {
        #expect(parse("1y1w1d1h1m1s1ms1us") == 32_230_861_001_001)
        #expect(parse("90m") == 5_400_000_000)
        #expect(parse("0s") == 0)
        #expect(parse("292471y") == 9_223_365_456_000_000_000)
        #expect(parse("292472y") == nil)
    }

    @Test(
        arguments: [
            (60_000_000, "1m"), (3_600_000_000, "1h"), (86_400_000_000, "1d"), (300_000_000, "5m"), (30_000_000, "30s"),
            (90_000_000, "90s"), (129_600_000_000, "36h"), (604_800_000_000, "7d"), (1_500_000, "1500ms"), (7, "7us"),
        ] as [(Int64, String)])
    func namesAreShort(microseconds: Int64, name: String) {
        #expect(Interval.name(microseconds) == name)
        #expect(parse(name) == microseconds)
    }
}
