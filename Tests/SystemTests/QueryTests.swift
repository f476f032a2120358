import Foundation
import Platform
import TestSupport
import Testing

/// `outpost query` as a person meets it who asks for too much, or changes their mind.
@Suite(.serialized) struct QueryTests {
    private static let endless =
        "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT count(*) FROM r"
    private let directory = TemporaryDirectory()
    private let data: String

    init() throws {
        data = directory.path + "/data"
        let rows = "series,time,value,text,quality\n" + (0..<1000).map { "a,\($0),\($0),,good\n" }.joined()
        try Files.write(Array(rows.utf8), to: directory.path + "/rows.csv")
        #expect(outpost("import", "--data", data, directory.path + "/rows.csv").status == 0)
    }

    @Test func whatTheHelpNamesIsThere() {
        let help = outpost("query", "--help").output
        for table in [
            "readings", "latest", "series", "gaps", "dead_letters", "audit", "readings_1m", "readings_1h",
            "readings_1d",
        ] {
            #expect(help.contains(table))
            #expect(outpost("query", "--data", data, "SELECT * FROM \(table)").status == 0, "\(table)")
        }
        for call in [
            "now()", "ago('1h')", "iso(time)", "micros('2026-11-20')", "time_bucket('15m', time)", "asof(series, time)",
            "first(value, time)", "last(value, time)", "delta(value, time)", "rate(value, time)",
            "percentile(value, 95)",
            "time_weighted_avg(value, time)",
        ] {
            #expect(help.contains(call))
            #expect(outpost("query", "--data", data, "SELECT \(call) FROM readings").status == 0, "\(call)")
        }
        #expect(outpost("query", "--data", data, "SELECT interpolate(value, time, 2.5) FROM readings").status == 0)
        #expect(outpost("query", "--data", data, "SELECT * FROM buckets('a', 0, now(), '1d')").status == 0)
    }

    @Test func timeAndMemoryHaveLimits() {
        let slow = outpost("query", "--data", data, "--timeout", "200ms", Self.endless)
        #expect(slow.status == 1)
        #expect(
            slow.errors.contains("not done after 200ms: narrow it by series or time, or give it a longer --timeout"))
        let large = outpost(
            "query", "--data", data,
            "SELECT length(group_concat(printf('%010000d', a.time))) FROM readings a, readings b")
        #expect(large.status == 1)
        #expect(large.errors.contains("the query needs more than 64 MB: narrow it by series or time"))
        let sorted = outpost("query", "--data", data, "SELECT * FROM readings a, readings b ORDER BY a.value * b.value")
        #expect(sorted.errors.contains("the query needs more than 64 MB"))
        #expect(outpost("query", "--data", data, "--timeout", "soon", "SELECT 1").status == 2)
    }

    private func start(_ sql: String, output: Int32) throws -> ChildProcess {
        try ChildProcess(outpostBinary, ["query", "--data", data, "--timeout", "1h", sql], output: output)
    }

    @Test(arguments: [SIGINT, SIGTERM, SIGHUP]) func aSignalEndsIt(signal: Int32) throws {
        let log = open(directory.path + "/log", O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
        let query = try start("SELECT 'begun'; \(Self.endless)", output: log)
        close(log)
        // It uses the processor for as long as it works.
        #expect(eventually { query.isRunning && processorTicks(of: query.id) > 20 })
        query.send(signal: signal)
        #expect(query.wait().status == 130)
        let lines = String(decoding: try Files.read(directory.path + "/log"), as: UTF8.self)
        #expect(lines.contains("begun"))
        #expect(lines.hasSuffix("outpost query: interrupted\n"))
    }

    @Test func aSignalEndsItWhileNobodyReads() throws {
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        defer { close(ends[0]) }
        let query = try start("SELECT * FROM readings a, readings b", output: ends[1])
        close(ends[1])
        #expect(
            eventually {
                var waiting: Int32 = 0
                return ioctl(ends[0], UInt(FIONREAD), &waiting) == 0 && waiting >= 65_536
            })
        query.send(signal: SIGINT)
        #expect(query.wait().status == 130)
    }

    @Test func aReaderThatHasEnoughEndsItQuietly() throws {
        let log = open(directory.path + "/log", O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
        let command = "'\(outpostBinary)' query --data '\(data)' 'SELECT * FROM readings a, readings b' | head -n 2"
        let shell = try ChildProcess("/bin/sh", ["-c", command], output: log)
        close(log)
        #expect(shell.wait().status == 0)
        let lines = String(decoding: try Files.read(directory.path + "/log"), as: UTF8.self).split(separator: "\n")
        #expect(lines.count == 2)
    }

    /// In hundredths of a second.
    private func processorTicks(of id: Int32) -> Int {
        let stat = String(decoding: (try? Files.read("/proc/\(id)/stat")) ?? [], as: UTF8.self)
        return stat.split(separator: " ").dropFirst(13).prefix(2).compactMap { Int($0) }.reduce(0, +)
    }
}
