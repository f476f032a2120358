import Readings
import TestSupport
import Testing

@testable import Alarms

/// What is so when a gateway begins anew: no all-clear that nobody has given, and no second siren.
@Suite struct RestartTests {
    /// One for each kind that remembers readings, and a stream that raises it.
    private static let remembering: [(AlarmRule, [Double])] = [
        (rule("stuck", .unchanged(Unchanged(5 * second))), Array(repeating: 7, count: 10)),
        (rule("rate", .rate(RateLimit(10))), [0, 20, 40, 60]),
        (rule("slope", .rate(RateLimit(10, window: 5 * second))), [0, 20, 40, 60, 80, 100]),
        (rule("step", .change(ChangeLimit(10))), [0, 20]),
        (rule("often", .count(CountLimit(above: 10, count: 3, within: 5 * second))), [20, 20, 20]),
    ]

    @Test(arguments: 0..<remembering.count) func nothingIsClearBeforeItIsKnown(index: Int) {
        let (rule, stream) = Self.remembering[index]
        let bench = AlarmBench([rule])
        for value in stream {
            bench.read("a", value)
            bench.advance(second)
        }
        #expect(bench.steps == ["raised 1"])
        bench.perform(.acknowledge, rule.name)
        bench.restart()
        let before = bench.desk.list()
        bench.read("a", stream.last! + 0)
        #expect(bench.steps == ["raised 1", "acknowledged 1"], "\(rule.name)")
        #expect(bench.desk.list() == before)
        for step in 0..<20 {
            bench.advance(second)
            bench.read("a", Double(step % 2))
        }
        #expect(bench.steps.last == "cleared 1", "\(rule.name)")
    }

    /// It was raised by old readings, and the present says the same only after the restart.
    @Test(arguments: [above(10), .band(Band(0...10, isOutside: true))]) func theLateIsConfirmed(kind: AlarmCondition) {
        let bench = AlarmBench([rule("high", kind) { $0.actions = ["siren"] }], actions: [siren])
        bench.read("a", 1, time: bench.wall)
        bench.advance(3600 * second)
        bench.read("a", 20, time: bench.wall - 3_000_000_000)
        #expect(bench.steps == ["raised 1 late"])
        bench.restart()
        bench.read("a", 20, time: bench.wall)
        #expect(bench.steps == ["raised 1 late", "present 1"])
        #expect(bench.moves == ["siren on"])
    }

    @Test func whatIsMovedIsMovedAgain() throws {
        let empty = try MessageTemplate("{unit}")
        let rules = [
            rule("quiet", above(10)) { ($0.actions, $0.message) = (["siren"], empty) },
            rule("lamp", above(10)) { $0.actions = ["lamp"] },
        ]
        let bench = AlarmBench(rules, actions: [siren, ActionTraits("lamp", .moves(until: .acknowledged))])
        bench.read("a", 20)
        bench.perform(.acknowledge, "lamp")
        #expect(bench.moves == ["siren on", "lamp on", "lamp off"])
        bench.forgetEvents()
        bench.restart()
        #expect(bench.moves == ["siren on"])
        // It may have been left in its failsafe state.
        #expect(bench.letGo == ["lamp off"])
        bench.read("a", 20)
        #expect(bench.steps == [])
        bench.read("a", 1)
        #expect(bench.moves == ["siren on", "siren off"])
        #expect(bench.saved.values.allSatisfy { !$0.stands })
    }

    @Test func anAlarmWithoutARuleIsOver() {
        let old = AlarmBench([rule("old", "*", above(10))])
        old.read("a", 20)
        old.read("b", 20)
        old.read("b", 1)
        let bench = AlarmBench([rule("new", above(10))], saved: Array(old.saved.values))
        #expect(bench.events.map(\.by) == ["configuration"])
        #expect(bench.events.map(\.key.series) == ["a"])
        #expect(bench.saved.isEmpty)
    }

    /// Silence is told of for a series that came only after the gateway had begun.
    @Test func silenceOfANewcomer() {
        let bench = AlarmBench([rule("stale", "*", .staleness(Staleness(10 * second)))])
        bench.read("a", 1)
        bench.advance(second)
        bench.read("b", 1)
        for _ in 0..<15 { bench.advance(second) }
        #expect(bench.events.map(\.key.series) == ["a", "b"])
    }

    /// A series that is well counts, although nothing has ever been said of it.
    @Test func allMeansThoseThatAreWellToo() {
        let bench = AlarmBench([
            rule("high", "*", above(10)), rule("all", nil, .vote(Vote(.all, of: ["high"], level: .critical))),
        ])
        bench.read("a", 20)
        #expect(bench.steps == ["raised 1", "raised 2"])
        bench.read("b", 1)
        bench.advance(second)
        #expect(bench.steps == ["raised 1", "raised 2", "cleared 2"])
        bench.read("b", 20)
        #expect(bench.steps.last == "raised 2")
    }
}
