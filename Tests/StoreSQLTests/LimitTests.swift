import Platform
import SQLite
import StoreSQL
import TestSupport
import Testing

/// Statements that would run for ever, or that nobody waits for any more.
@Suite struct LimitTests {
    private static let endless =
        "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT count(*) FROM r"
    private let bench: StoreBench

    init() throws {
        bench = try StoreBench()
        #expect(bench.waitUntilCommitted(bench.submit("a", 0..<3000)))
        #expect(bench.stop())
    }

    private func refusal(_ store: StoreQuery, _ sql: String) -> SQLiteError? {
        #expect(throws: SQLiteError.self) { try ask(store, sql) }
    }

    @Test(
        arguments: [
            endless, "SELECT count(*) FROM readings a, readings b, readings c",
            "SELECT sum(a.value * b.value) FROM readings a, readings b, readings c ORDER BY a.time",
        ])
    func timeRunsOut(sql: String) throws {
        let brake = StatementBrake()
        let store = try StoreQuery(directory: bench.directory.path, brake: brake)
        brake.limitTime(to: .milliseconds(50))
        let start = Clocks.system.monotonic()
        let error = refusal(store, sql)
        #expect(error?.isTimeUp == true)
        #expect(error?.message == "the time for it is up")
        #expect(Clocks.system.monotonic() - start < .seconds(5))
        // The next one has a time of its own.
        brake.limitTime(to: .seconds(3600))
        #expect(try ask(store, "SELECT count(*) FROM readings") == [[.integer(3000)]])
        brake.limitTime(to: .seconds(Int64.max))
        #expect(try ask(store, "SELECT max(time) FROM readings") == [[.integer(2999)]])
    }

    @Test func anotherThreadEndsAStatement() throws {
        let brake = StatementBrake()
        let store = try StoreQuery(directory: bench.directory.path, brake: brake)
        let thread = try DedicatedThread("interrupt") {
            _ = pollDescriptors([], until: Clocks.system.monotonic() + .milliseconds(100))
            brake.pull()
        }
        let error = refusal(store, Self.endless)
        #expect(error?.isInterrupted == true && error?.isTimeUp == false)
        #expect(error?.message == "interrupted")
        thread.join()
    }
}
