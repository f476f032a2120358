import Readings
import SQLite
import TestSupport
import Testing

@testable import StoreSQL

/// Tables of rollups and the function `buckets`, beside what an array of the same readings comes to.
@Suite struct BucketTests {
    private static let columns = "time, count, texts, bad, min, max, first, last, sum, avg"
    private let store: RandomStore

    init() throws { store = try RandomStore() }

    /// A bucket as SQL shows it: all but the last two to the bit.
    private struct Bucket {
        var start: Int64
        var numbers: [Double] = []
        var texts: Int64 = 0
        var bad: Int64 = 0

        mutating func add(_ arrival: Arrival) {
            let isGood = arrival.quality == .good || arrival.quality == .uncertain
            switch arrival.value {
            case .number(let number) where isGood && number.isFinite: numbers.append(number)
            case .text where isGood: texts += 1
            default: bad += 1
            }
        }

        var readings: Int { numbers.count + Int(texts + bad) }

        var exact: [SQLValue] {
            let ends = [numbers.min(), numbers.max(), numbers.first, numbers.last]
            return [.integer(start), .integer(Int64(numbers.count)), .integer(texts), .integer(bad)]
                + ends.map { $0.map(SQLValue.real) ?? .null }
        }
    }

    private func buckets(_ name: String, _ range: ClosedRange<Int64>, width: Int64) -> [Bucket] {
        var buckets: [Bucket] = []
        for arrival in store.rows where ExactText(arrival.series) == ExactText(name) && range.contains(arrival.time) {
            // Before the first multiple that can be counted there is none.
            let start = TimeBucket.start(of: arrival.time, width: width) ?? arrival.time - arrival.time % width
            if buckets.last?.start != start { buckets.append(Bucket(start: start)) }
            buckets[buckets.count - 1].add(arrival)
        }
        return buckets
    }

    private func check(_ sql: String, _ expected: [Bucket]) throws {
        let found = try store.ask(sql)
        let isSame = found.map { Array($0.prefix(8)) } == expected.map(\.exact)
        #expect(isSame, "seed \(store.seed): \(sql): \(found) is not \(expected)")
        for (row, bucket) in zip(found, expected) where isSame {
            guard case .real(let sum) = row[8], case .real(let average) = row[9] else {
                #expect(bucket.numbers.isEmpty)
                continue
            }
            let scale = bucket.numbers.reduce(0) { $0 + $1.magnitude } + 1
            #expect(abs(sum - bucket.numbers.reduce(0, +)) / scale < 1e-12, "seed \(store.seed): \(sql)")
            #expect((bucket.numbers.min()!...bucket.numbers.max()!).contains(average), "seed \(store.seed): \(sql)")
        }
    }

    private func randomRange(_ generator: inout SeededGenerator) -> ClosedRange<Int64> {
        // The end of a range of buckets is left out: the very last moment cannot be in one.
        let ends = (0..<2).map { _ in min(RandomStore.time(using: &generator), .max - 1) }
        return min(ends[0], ends[1])...max(ends[0], ends[1])
    }

    @Test(arguments: [("1m", 60_000_000), ("1h", 3_600_000_000), ("1d", 86_400_000_000)] as [(String, Int64)])
    func tablesOfRollups(name: String, width: Int64) throws {
        for series in RandomStore.names {
            let all = buckets(series, .min ... .max, width: width)
            let table = "SELECT \(Self.columns) FROM readings_\(name) WHERE series = \(quoted(series))"
            try check(table, all)
            try check("\(table) ORDER BY time DESC", all.reversed())
            for bound in all.prefix(3).map(\.start) + [0, 1_700_000_000_000_001, .min, .max] {
                try check("\(table) AND time = \(bound)", all.filter { $0.start == bound })
                try check("\(table) AND time < \(bound)", all.filter { $0.start < bound })
                try check("\(table) AND time >= \(bound)", all.filter { $0.start >= bound })
                try check(
                    "\(table) AND time > \(bound) AND time <= 1700000000000000",
                    all.filter { $0.start > bound && $0.start <= 1_700_000_000_000_000 })
            }
        }
    }

    @Test(arguments: [5000, 1_000_000, 7_000_000, 60_000_000, 5_400_000_000, 86_400_000_000, 604_800_000_000, 1 << 50])
    func bucketsOfAnyWidth(width: Int64) throws {
        var generator = SeededGenerator(seed: store.seed)
        for series in RandomStore.names {
            for _ in 0..<4 {
                let range = randomRange(&generator)
                let arguments = "\(quoted(series)), \(range.lowerBound), \(range.upperBound + 1), \(width)"
                let expected = buckets(series, range, width: width)
                try check("SELECT \(Self.columns) FROM buckets(\(arguments))", expected)
                try check("SELECT \(Self.columns) FROM buckets(\(arguments)) ORDER BY time DESC", expected.reversed())
            }
        }
    }

    @Test func allSeriesInOneTable() throws {
        let expected = store.rows.map(\.series).reduce(into: [String]()) { names, name in
            if names.last.map({ ExactText($0) != ExactText(name) }) ?? true { names.append(name) }
        }
        let found = try store.ask("SELECT series, count(*) FROM readings_1d GROUP BY series ORDER BY series")
        #expect(found.map { $0[0] } == expected.map { .text($0) }, "seed \(store.seed)")
        let sums = try store.ask("SELECT sum(count + texts + bad) FROM readings_1h")
        #expect(sums == [[.integer(Int64(store.rows.count))]], "seed \(store.seed)")
    }

    @Test func eitherOfTwoSeries() throws {
        for (one, other) in [("5", "NULL"), ("5", "5"), ("plant", "no such series")] {
            let expected = try [one, other].map {
                try store.ask("SELECT count FROM buckets('\($0)', 0, 40, 5000)").count
            }
            let found = try store.ask(
                """
                SELECT series, time FROM buckets
                WHERE (series = '\(one)' OR series = '\(other)') AND "from" = 0 AND "to" = 40 AND width = 5000
                """)
            #expect(found.count == (one == other ? expected[0] : expected[0] + expected[1]), "seed \(store.seed)")
        }
    }

    @Test func argumentsComeFromOtherTables() throws {
        let found = try store.ask(
            """
            SELECT s.series, b.time, b.count + b.texts + b.bad, b."from", b."to", b.width, b.series
            FROM series s, buckets(s.series, 0, '1970-01-02', '1d') b ORDER BY s.series
            """)
        let counts = RandomStore.names.map { name in
            (ExactText(name), buckets(name, 0...86_399_999_999, width: 86_400_000_000).reduce(0) { $0 + $1.readings })
        }
        let expected = counts.filter { $0.1 > 0 }.sorted { $0.0 < $1.0 }.map { name, count -> [SQLValue] in
            let text = SQLValue.text(name.string)
            return [text, .integer(0), .integer(Int64(count)), .integer(0), .text("1970-01-02"), .text("1d"), text]
        }
        #expect(found.map { $0.map(\.literal) } == expected.map { $0.map(\.literal) }, "seed \(store.seed)")
    }

    @Test(
        arguments: [
            ("buckets", "buckets(series, from, to, width) is called without \"series\""),
            ("buckets('a', 0, 1)", "buckets(series, from, to, width) is called without \"width\""),
            ("buckets('a', 0, 1, 'x')", "width is not a length of time: 'x'"),
            ("buckets('a', 0, 1, 1)", "width is 1 us: buckets have widths from 5 ms to 35 years"),
            ("buckets('a', 0, 1, '36y')", "buckets have widths from 5 ms to 35 years"),
            ("buckets('a', 'x', 1, '1d')", "from is not a moment: 'x'"),
            ("buckets('a', 0, 1, '1d', 5)", "too many arguments on buckets() - max 4"),
        ])
    func mistakesGetASentence(table: String, message: String) {
        let error = #expect(throws: SQLiteError.self) { try store.ask("SELECT * FROM \(table)") }
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    }

    @Test(arguments: [
        "NULL, 0, 9, '1d'", "'a', NULL, 9, '1d'", "'a', 0, 9, NULL", "'no such', 0, 9, '1d'", "'5', 9, 9, 5000",
    ])
    func nothingIsAskedFor(arguments: String) throws {
        #expect(try store.ask("SELECT * FROM buckets(\(arguments))") == [])
    }

    /// What is too much for one look is taken window by window, and no bucket is in two of them.
    @Test func windowsCoverWhatThereIs() {
        var generator = SeededGenerator(seed: store.seed)
        for _ in 0..<200 {
            let widest = Int64(86_400_000_000)
            let width = Int64.random(in: 5000...40_000_000_000, using: &generator)
            let range = randomRange(&generator)
            let starts = Set((0..<20).map { _ in Int64.random(in: range, using: &generator) / widest * widest })
                .sorted()
            let windows = BucketRows.windows(
                of: TimeRange(first: range.lowerBound, last: range.upperBound), width: width, around: starts,
                widest: widest)
            #expect(zip(windows, windows.dropFirst()).allSatisfy { $0.last < $1.first })
            for window in windows {
                #expect(window.first <= window.last && range.contains(window.first) && range.contains(window.last))
                let isAtEnd =
                    window.last == range.upperBound
                    || TimeBucket.start(of: window.last + 1, width: width) == window.last + 1
                #expect(isAtEnd, "seed \(store.seed)")
            }
            for start in starts {
                // The last bucket before the end of time is shorter.
                let room = min(widest - 1, .max - max(0, start))
                let moments = (0..<10).map { _ in start + Int64.random(in: 0...room, using: &generator) }
                for moment in moments where range.contains(moment) {
                    #expect(windows.contains { $0.contains(moment) }, "seed \(store.seed)")
                }
            }
        }
    }
}
