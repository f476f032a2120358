import History
import Platform
import Readings
import SQLite
import StoreSQL

/// How long a store takes to answer: through the program's own reading interface, and in SQL.
public enum QueryBench {
    private static let day: Int64 = 86_400_000_000
    private static let hour: Int64 = 3_600_000_000
    /// Of the densest series so many take turns.
    private static let seriesInTurn = 8

    public static func run(directory: String, rounds: Int) throws -> QueryReport {
        let opening = try opening(directory)
        let reader = try StoreReader(directory: directory)
        let store = try StoreQuery(directory: directory)
        let series = try densest(reader)
        guard let newest = series.compactMap({ reader.latest($0)?.time.microseconds }).max() else {
            throw BenchError("\(directory) has no readings")
        }
        var report = QueryReport(opening: opening)
        try measureReader(reader, series, newest, rounds, &report)
        try measureSQL(store, series.map { reader.definition(of: $0).name.description }, newest, rounds, &report)
        return report
    }

    /// From nothing to the first answer.
    private static func opening(_ directory: String) throws -> Duration {
        let start = Clocks.system.monotonic()
        let store = try StoreQuery(directory: directory)
        try store.run("SELECT * FROM latest LIMIT 1") { while try $0.step() {} }
        return Clocks.system.monotonic() - start
    }

    private static func densest(_ reader: StoreReader) throws -> [SeriesID] {
        let newest = reader.ids.compactMap { reader.latest($0)?.time.microseconds }.max() ?? 0
        let range = TimeRange(first: newest - day, last: newest)
        let counts = try reader.ids.map { ($0, try reader.count($0, range)) }
        return counts.sorted { $0.1 > $1.1 }.prefix(seriesInTurn).map(\.0)
    }

    private static func measureReader(
        _ reader: StoreReader, _ series: [SeriesID], _ newest: Int64, _ rounds: Int, _ report: inout QueryReport
    ) throws {
        try report.measure("24 h of one series", "reader", rounds) { round in
            try reader.refresh()
            let scan = try reader.scan(series[round % series.count], TimeRange(first: newest - day, last: newest))
            var rows = 0
            while try scan.next() { rows += scan.rows.count }
            return rows
        }
        try report.measure("hourly min, mean, max of 7 days", "reader", rounds) { round in
            try reader.refresh()
            let range = TimeRange(first: newest - 7 * day, last: newest)
            return try reader.buckets(series[round % series.count], range, width: hour).count
        }
        try report.measure("latest of all series", "reader", rounds) { _ in
            try reader.refresh()
            return reader.ids.reduce(0) { $0 + (reader.latest($1) == nil ? 0 : 1) }
        }
        try report.measure("count of 3 days of all series", "reader", rounds) { _ in
            try reader.refresh()
            let range = TimeRange(first: newest - 3 * day, last: newest - hour / 2)
            return try reader.ids.reduce(0) { $0 + (try reader.count($1, range)) }
        }
    }

    private static func measureSQL(
        _ store: StoreQuery, _ names: [String], _ newest: Int64, _ rounds: Int, _ report: inout QueryReport
    ) throws {
        func name(_ round: Int) -> String { "'\(names[round % names.count])'" }
        func rows(_ sql: String) throws -> Int {
            var rows = 0
            try store.run(sql) { statement in
                while try statement.step() {
                    _ = statement.value(1)
                    rows += 1
                }
            }
            return rows
        }
        try report.measure("24 h of one series", "SQL", rounds) { round in
            try rows(
                """
                SELECT time, value FROM readings
                WHERE series = \(name(round)) AND time BETWEEN \(newest - day) AND \(newest)
                """)
        }
        try report.measure("hourly min, mean, max of 7 days", "SQL", rounds) { round in
            try rows(
                """
                SELECT time, min, avg, max FROM buckets(\(name(round)), \(newest - 7 * day), \(newest), '1h')
                """)
        }
        try report.measure("latest of all series", "SQL", rounds) { _ in try rows("SELECT series, value FROM latest") }
        try report.measure("count of 3 days of all series", "SQL", min(rounds, 10)) { _ in
            try rows("SELECT count(*), 0 FROM readings WHERE time BETWEEN \(newest - 3 * day) AND \(newest - hour / 2)")
        }
    }
}
