import Readings
import SQLite
import TestSupport
import Testing

/// What the store answers beside what an array of the same readings answers.
@Suite struct ModelTests {
    private static let columns = "series, time, value, text, quality"
    private let store: RandomStore

    init() throws { store = try RandomStore() }

    /// To the byte: `String` takes both spellings of café for the same.
    private func exact(_ rows: [[SQLValue]]) -> [ExactText] {
        rows.map { ExactText($0.map(\.literal).joined(separator: ", ")) }
    }

    /// In an order that does not matter.
    private func sorted(_ rows: [[SQLValue]]) -> [ExactText] { exact(rows).sorted() }

    /// The rows that a query gives are those for which a condition holds, whatever the order.
    private func check(_ condition: Where, of table: String = "readings", among rows: [Arrival]? = nil) throws {
        let sql = "SELECT \(Self.columns) FROM \(table) WHERE \(condition.sql)"
        let expected = (rows ?? store.rows).filter(condition.holds).map(\.row)
        #expect(sorted(try store.ask(sql)) == sorted(expected), "seed \(store.seed): \(sql)")
    }

    @Test func theWholeTableIsInItsOrder() throws {
        #expect(try exact(store.ask("SELECT * FROM readings")) == exact(store.rows.map(\.row)), "seed \(store.seed)")
        #expect(try exact(store.ask("SELECT * FROM latest")) == exact(store.latest.map(\.row)), "seed \(store.seed)")
    }

    @Test func everySeriesByItsName() throws {
        for name in RandomStore.names {
            try check(.series(name))
            try check(.series(name), of: "latest", among: store.latest)
        }
        try check(.series("no such series"))
    }

    @Test func patternsOfBothKinds() throws {
        var generator = SeededGenerator(seed: store.seed)
        for name in RandomStore.names {
            for _ in 0..<5 {
                let pattern = Pattern(of: name, using: &generator)
                try check(.glob(pattern))
                try check(.like(pattern))
                try check(.glob(pattern), of: "latest", among: store.latest)
            }
        }
    }

    @Test(
        arguments: [
            ("[a-c]*", ["a*b?[c]", "cafe\u{301}/bar", "caf\u{E9}/bar", "cafe"]),
            ("[^a-z]", ["5", "\u{1F600}", "\u{FFFD}"]),
            ("*[[]*", ["a*b?[c]"]), ("[*", []), ("", []), ("cafe", ["cafe"]),
            ("caf[e\u{E9}]*bar", ["cafe\u{301}/bar", "caf\u{E9}/bar"]),
        ] as [(String, [String])])
    func classesOfCharacters(pattern: String, names: [String]) throws {
        let expected = names.filter { name in store.rows.contains { ExactText($0.series) == ExactText(name) } }
        let found = try store.ask("SELECT DISTINCT series FROM readings WHERE series GLOB \(quoted(pattern))")
        #expect(sorted(found) == sorted(expected.map { [.text($0)] }), "seed \(store.seed)")
    }

    /// Every comparison of the time beside every other, and beside a series.
    @Test func allCombinationsOfTimes() throws {
        var generator = SeededGenerator(seed: store.seed)
        func bounds() -> [Where] {
            func time() -> Int64 {
                Bool.random(using: &generator)
                    ? store.rows.randomElement(using: &generator)!.time : RandomStore.time(using: &generator)
            }
            return ["=", "<", "<=", ">", ">="].map { .time($0, time()) } + [.between(time(), time())]
        }
        for first in bounds() {
            try check(first)
            try check(first, of: "latest", among: store.latest)
            for second in bounds() {
                let name = store.rows.randomElement(using: &generator)!.series
                try check(first && second)
                try check(.series(name) && first && second)
                try check(.glob(Pattern(of: name, using: &generator)) && first && second)
                try check(.series(name) || first || second)
            }
        }
    }

    @Test func anyConditionAtAll() throws {
        var generator = SeededGenerator(seed: store.seed)
        for number in 0..<200 {
            let condition = Where.random(depth: number % 4, using: &generator)
            try check(condition)
            try check(condition, of: "latest", among: store.latest)
        }
    }

    /// Where only series and times are asked for, rows are counted before any is read.
    @Test func countsAndKeysUnderAnyCondition() throws {
        var generator = SeededGenerator(seed: store.seed)
        for number in 0..<100 {
            let condition = Where.random(depth: number % 3, using: &generator)
            let expected = store.rows.filter(condition.holds)
            let found = try store.ask("SELECT count(*) FROM readings WHERE \(condition.sql)")
            #expect(found == [[.integer(Int64(expected.count))]], "seed \(store.seed): \(condition.sql)")
            let keys = try store.ask(
                "SELECT series, time FROM readings WHERE \(condition.sql) ORDER BY series, time LIMIT 9 OFFSET \(number)"
            )
            let expectedKeys = expected.dropFirst(number).prefix(9).map { Array($0.row.prefix(2)) }
            #expect(exact(keys) == exact(expectedKeys), "seed \(store.seed): \(condition.sql)")
        }
    }

    @Test func valuesAsOfAnyMoment() throws {
        var generator = SeededGenerator(seed: store.seed)
        for name in RandomStore.names + ["no such series"] {
            for _ in 0..<10 {
                let time = RandomStore.time(using: &generator)
                let last = store.rows.last { ExactText($0.series) == ExactText(name) && $0.time <= time }?.row
                let expected = last.map { $0[2] == .null ? $0[3] : $0[2] } ?? .null
                let found = try store.ask("SELECT asof(\(quoted(name)), \(time))")
                #expect(exact(found) == exact([[expected]]), "seed \(store.seed): \(name) at \(time)")
            }
        }
    }

    @Test func ordersOfBothDirections() throws {
        let rows = store.rows
        func name(_ row: Arrival) -> ExactText { ExactText(row.series) }
        let orders: [(String, (Arrival, Arrival) -> Bool)] = [
            ("series, time", { (name($0), $0.time) < (name($1), $1.time) }),
            ("series ASC, time DESC", { (name($0), $1.time) < (name($1), $0.time) }),
            ("series DESC, time DESC", { (name($1), $1.time) < (name($0), $0.time) }),
            ("time, series", { ($0.time, name($0)) < ($1.time, name($1)) }),
            ("time DESC, series", { ($1.time, name($0)) < ($0.time, name($1)) }),
        ]
        for (order, isBefore) in orders {
            let found = try store.ask("SELECT * FROM readings ORDER BY \(order)")
            #expect(exact(found) == exact(rows.sorted(by: isBefore).map(\.row)), "seed \(store.seed): \(order)")
            let part = try store.ask("SELECT * FROM readings WHERE time >= 10 ORDER BY \(order) LIMIT 7 OFFSET 2")
            let expected = rows.filter { $0.time >= 10 }.sorted(by: isBefore).dropFirst(2).prefix(7).map(\.row)
            #expect(exact(part) == exact(expected), "seed \(store.seed): \(order)")
        }
        let names = try store.ask("SELECT series FROM readings ORDER BY series")
        #expect(exact(names) == exact(rows.map { [.text($0.series)] }), "seed \(store.seed)")
    }

    @Test(arguments: [(true, ""), (false, " DESC")]) func byValue(ascends: Bool, direction: String) throws {
        func number(_ row: Arrival) -> Double? {
            guard case .real(let number) = row.row[2] else { return nil }
            return number
        }
        let numbers = store.rows.compactMap(number).sorted { ascends ? $0 < $1 : $0 > $1 }.map(SQLValue.real)
        let nulls = [SQLValue](repeating: .null, count: store.rows.count - numbers.count)
        let found = try store.ask("SELECT value FROM readings ORDER BY value\(direction)").map { $0[0] }
        #expect(found == (ascends ? nulls + numbers : numbers + nulls), "seed \(store.seed)")
    }

    @Test func someSeriesInTheirOrder() throws {
        var generator = SeededGenerator(seed: store.seed)
        for _ in 0..<20 {
            let names = RandomStore.names.shuffled(using: &generator).prefix(3)
            let list = names.map(quoted).joined(separator: ", ")
            let found = try store.ask("SELECT * FROM readings WHERE series IN (\(list)) ORDER BY series, time")
            let wanted = Set(names.map { ExactText($0) })
            let expected = store.rows.filter { wanted.contains(ExactText($0.series)) }.map(\.row)
            #expect(
                exact(found) == exact(expected),
                "seed \(store.seed): \(list)")
        }
    }

    @Test func countsAndGroups() throws {
        #expect(try store.ask("SELECT count(*) FROM readings") == [[.integer(Int64(store.rows.count))]])
        #expect(try store.ask("SELECT count(*) FROM latest") == [[.integer(Int64(store.latest.count))]])
        let groups = Dictionary(grouping: store.rows) { ExactText($0.series) }.sorted { $0.key < $1.key }
        let found = try store.ask(
            "SELECT series, count(*), min(time), max(time) FROM readings GROUP BY series")
        let expected = groups.map { name, rows -> [SQLValue] in
            [.text(name.string), .integer(Int64(rows.count)), .integer(rows[0].time), .integer(rows.last!.time)]
        }
        #expect(sorted(found) == sorted(expected), "seed \(store.seed)")
        let qualities = Dictionary(grouping: store.rows, by: \.quality).map { quality, rows -> [SQLValue] in
            [.text(quality.name), .integer(Int64(rows.count))]
        }
        let byQuality = try store.ask("SELECT quality, count(*) FROM readings GROUP BY quality")
        #expect(sorted(byQuality) == sorted(qualities), "seed \(store.seed)")
        let distinct = try store.ask("SELECT DISTINCT series FROM readings ORDER BY series")
        #expect(exact(distinct) == exact(groups.map { [.text($0.key.string)] }), "seed \(store.seed)")
    }

    @Test func aTableReadTwiceInOneStatement() throws {
        let pairs = try store.ask(
            "SELECT a.series, a.time, b.time FROM readings a JOIN readings b ON a.series = b.series AND b.time < a.time"
        )
        let groups = Dictionary(grouping: store.rows) { ExactText($0.series) }.values
        let expected = groups.flatMap { rows in
            rows.indices.flatMap { later in
                rows[..<later].map { [.text($0.series), .integer(rows[later].time), .integer($0.time)] as [SQLValue] }
            }
        }
        #expect(sorted(pairs) == sorted(expected), "seed \(store.seed)")
    }

    @Test func theLatestIsTheLatestOfTheReadings() throws {
        let found = try store.ask(
            """
            SELECT * FROM readings r WHERE time = (SELECT max(time) FROM readings WHERE series = r.series)
            EXCEPT SELECT * FROM latest
            """)
        #expect(found.isEmpty, "seed \(store.seed)")
    }
}
