import Platform
import TestSupport
import Testing

/// The extension in a program whose SQLite is linked into it, and nowhere else.
@Suite struct HostTests {
    private let directory = TemporaryDirectory()
    private let host: String

    init() throws {
        host = directory.path + "/host"
        let source = #filePath.split(separator: "/").dropLast().map { "/" + $0 }.joined() + "/host.c"
        let libraries = ["-Wl,-Bstatic", "-lsqlite3", "-Wl,-Bdynamic", "-lm", "-ldl", "-lpthread"]
        #expect(try output("cc", ["-o", host, source] + libraries) == "")
    }

    @Test func aSQLiteOfItsOwnIsTheOneInUse() throws {
        let store = try Store()
        try store.add("a", 0..<100)
        // The gateway is running.
        let answer = try output(
            host,
            [
                extensionPath, "SELECT outpost_open('\(store.directory.path)')",
                "SELECT count(*), avg(value), asof('a', 7) FROM readings WHERE series IN ('a', 'b')",
                "SELECT time_weighted_avg(value, time) FROM readings WHERE series GLOB 'a*' ORDER BY time",
                "SELECT percentile(value, 200) FROM readings",
            ])
        // No libsqlite3 is mapped: its lines would follow.
        #expect(answer == "\(store.directory.path)\n100|49.5|7.0\n49.0\npercentile: p is not a number from 0 to 100\n")
        store.stop()
    }

    @Test func anOldSQLiteIsRefused() throws {
        let refusal = try output(host, ["--version", "3037002", extensionPath])
        #expect(
            refusal.hasPrefix("1 outpost_sqlite needs SQLite 3.38 or later in the program that loads it, which has 3."))
        #expect(try output(host, ["--version", "3038000", extensionPath]) == "0 \n")
    }

    @Test func twoSQLitesInOneProcessAreNotMixed() throws {
        let refusal = try output(host, ["--two", extensionPath])
        #expect(refusal.hasPrefix("1 outpost_sqlite is in use in this process with another SQLite"))
    }
}
