import Readings
import SQLite
import TestSupport
import Testing

@Suite struct JoinTests {
    private let bench: StoreBench

    init() throws {
        bench = try StoreBench()
        _ = bench.series("a", unit: "bar", tags: ["line": "A", "say \"so\"": "ä\n\\"])
        _ = bench.series("b", unit: "°C")
        _ = bench.series("silent", unit: "bar")
        #expect(bench.waitUntilCommitted(bench.submit("a", 0..<5)))
        #expect(bench.waitUntilCommitted(bench.submit("b", 2..<4)))
        #expect(bench.stop())
    }

    private func texts(_ rows: [[SQLValue]]) -> [String] {
        rows.map { row in
            row.map {
                switch $0 {
                case .null: "-"
                case .integer(let number): "\(number)"
                case .real(let number): "\(number)"
                case .text(let text): text
                case .blob: "blob"
                }
            }.joined(separator: " ")
        }
    }

    @Test func seriesTellsUnitAndTags() throws {
        let rows = try bench.ask("SELECT * FROM series ORDER BY series")
        #expect(rows.map { $0[0] } == [.text("a"), .text("b"), .text("silent")])
        #expect(rows.map { $0[1] } == [.text("bar"), .text("°C"), .text("bar")])
        #expect(rows[1][2] == .text("{}"))
        let tags = try bench.ask(#"SELECT key, value FROM series, json_each(tags) ORDER BY key"#)
        #expect(tags == [[.text("line"), .text("A")], [.text("say \"so\""), .text("ä\n\\")]])
        #expect(try bench.ask("SELECT tags ->> 'line' FROM series WHERE series = 'a'") == [[.text("A")]])
    }

    @Test func readingsWithTheirSeries() throws {
        let rows = try bench.ask(
            "SELECT r.series, time, unit FROM readings r JOIN series USING(series) WHERE time >= 3 ORDER BY series, time"
        )
        #expect(texts(rows) == ["a 3 bar", "a 4 bar", "b 3 °C"])
        let counts = try bench.ask(
            """
            SELECT s.series, count(r.time) FROM series s LEFT JOIN readings r ON r.series = s.series AND r.time > 2
            GROUP BY s.series ORDER BY s.series
            """)
        #expect(texts(counts) == ["a 2", "b 1", "silent 0"])
    }

    /// The right side is gone through once for each row of the left, and what was never met comes at the end.
    @Test func theOtherSideOfAnOuterJoin() throws {
        let rows = try bench.ask(
            """
            SELECT s.unit, r.series, r.time FROM series s
            RIGHT JOIN readings r ON r.series = s.series AND s.series = 'b' ORDER BY r.series, r.time
            """)
        #expect(texts(rows) == ["- a 0", "- a 1", "- a 2", "- a 3", "- a 4", "°C b 2", "°C b 3"])
        let full = try bench.ask(
            "SELECT l.series, r.time FROM latest l FULL JOIN readings r ON r.series = l.series AND r.time = l.time")
        #expect(texts(full).sorted() == ["- 0", "- 1", "- 2", "- 2", "- 3", "a 4", "b 3"])
    }

    /// Both conditions narrow what is read, each to rows that begin to count anew.
    @Test func eitherConditionIsEnough() throws {
        let rows = try bench.ask("SELECT series, time FROM readings WHERE series = 'b' OR time = 0 OR time > 3")
        #expect(texts(rows).sorted() == ["a 0", "a 4", "b 2", "b 3"])
    }

    @Test func aMomentOfOneSeriesLooksUpAnother() throws {
        let rows = try bench.ask(
            "SELECT a.value, b.value FROM readings a, readings b WHERE a.series = 'a' AND b.series = 'b' AND b.time = a.time"
        )
        #expect(texts(rows).sorted() == ["2.0 2.0", "3.0 3.0"])
    }

    @Test func compoundsAndSubqueries() throws {
        let union = try bench.ask("SELECT series FROM readings UNION ALL SELECT series FROM latest")
        #expect(union.count == 9)
        let rows = try bench.ask(
            "WITH late AS (SELECT * FROM readings WHERE time > 2) SELECT count(*) FROM late WHERE series IN (SELECT series FROM series WHERE unit = 'bar')"
        )
        #expect(texts(rows) == ["2"])
    }
}
