import Readings
import Testing

@testable import Alarms

/// Ten thousand series under one pattern: nothing may take longer than in proportion.
@Suite struct ManySeriesTests {
    private static let count = 10_000

    private static func bench(_ rules: [AlarmRule]) -> AlarmBench {
        let bench = AlarmBench(rules, actions: [siren], floodLimit: 20)
        bench.isHoldingMail = true
        for index in 0..<count { bench.read("s/\(index)", 1) }
        bench.isHoldingMail = false
        bench.flush(0)
        return bench
    }

    private func time(_ what: String, _ body: () -> Void) -> Duration {
        let time = ContinuousClock().measure(body)
        print("\(what): \(time)")
        return time
    }

    private func raiseAll(_ bench: AlarmBench, _ value: Double) {
        bench.isHoldingMail = true
        for index in 0..<Self.count { bench.read("s/\(index)", value) }
        bench.isHoldingMail = false
        bench.flush(0)
    }

    @Test func raisesAndARestart() {
        let bench = Self.bench([
            rule("high", "s/*", above(10)) {
                ($0.actions, $0.repeatEvery, $0.group) = (["siren"], 600 * second, "hall")
            }
        ])
        #expect(time("10,000 raises") { raiseAll(bench, 20) } < .seconds(20))
        #expect(bench.events.count { $0.change == .raised } == Self.count)
        #expect(bench.desk.list().count == Self.count)
        #expect(time("a restart with 10,000 alarms") { bench.restart() } < .seconds(20))
        #expect(bench.desk.list().count == Self.count)
        #expect(bench.saved.count == Self.count)
        let before = bench.events.count
        raiseAll(bench, 20)
        #expect(bench.events.count == before)
        let ticks = time("1,000 looks at what is due") {
            for _ in 0..<1000 { bench.desk.tick(now: bench.now, wall: bench.wall) }
        }
        #expect(ticks < .seconds(20))
        #expect(time("10,000 clears") { raiseAll(bench, 1) } < .seconds(20))
        #expect(bench.moves.last == "siren off")
    }

    @Test func silence() {
        let bench = Self.bench([rule("stale", "s/*", .staleness(Staleness(10 * second)))])
        #expect(time("10,000 silences") { bench.advance(11 * second) } < .seconds(20))
        #expect(bench.events.count { $0.change == .raised } == Self.count)
        // In the order in which they came, whatever memory looks like.
        #expect(bench.events.prefix(3).map(\.key.series) == ["s/0", "s/1", "s/2"])
    }

    @Test func aVoteOverThem() {
        let bench = Self.bench([
            rule("high", "s/*", above(10)),
            rule("many", nil, .vote(Vote(.atLeast(5000), of: ["high"], level: .critical))),
        ])
        #expect(time("10,000 raises under a vote") { raiseAll(bench, 20) } < .seconds(20))
        #expect(bench.events.count { $0.key.rule == "many" } == 1)
    }

    @Test func aReferenceOfThem() {
        let bench = Self.bench([
            rule("apart", "s/*", .deviation(Deviation(from: SeriesName("set")!, above: 5)))
        ])
        #expect(time("a reference of 10,000") { bench.read("set", 100) } < .seconds(20))
        #expect(bench.events.count { $0.change == .raised } == Self.count)
        #expect(bench.events.prefix(3).map(\.key.series) == ["s/0", "s/1", "s/2"])
        #expect(time("once more") { bench.read("set", 101) } < .seconds(5))
        #expect(bench.events.count == Self.count + bench.events.count { $0.change == .flood })
    }

    @Test func twoThreadsBringAll() {
        let bench = Self.bench([rule("high", "s/*", above(10)), rule("slope", "s/*", .rate(RateLimit(1000)))])
        let handover = time("a handover of 10,000") {
            bench.isHoldingMail = true
            for index in 0..<Self.count { bench.read("s/\(index)", 20, share: 1) }
            bench.isHoldingMail = false
            bench.flush(1)
        }
        #expect(handover < .seconds(60))
        #expect(bench.events.count { $0.change == .raised } == Self.count)
    }
}
