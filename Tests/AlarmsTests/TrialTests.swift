import Readings
import Testing

@testable import Alarms

/// Alarms that are tried.
@Suite struct TrialTests {
    private static let conditions: [AlarmCondition] =
        [
            .limits(Limits([.init(.warning, above: 10), .init(.emergency, above: 20)], deadband: 5)),
            .limits(Limits([.init(.warning, below: 10), .init(.critical, below: -20)])),
            .limits(Limits([.init(.critical, above: 1e17)])), .limits(Limits([.init(.critical, below: -1e300)])),
            .band(Band(0...10, isOutside: true, level: .critical)), .band(Band(0...10, isOutside: false)),
            .band(Band(-1e300...1e300, isOutside: true)), .band(Band(5...5, isOutside: false)),
            .equality(Equality([.text("FAULT")], level: .emergency)), .equality(Equality([.number(0)])),
            .equality(Equality([.text("a test")], isNegated: true)),
            .equality(Equality([.text("OK"), .number(1)], isNegated: true)),
            .rate(RateLimit(5)), .rate(RateLimit(5, per: .hour, window: 86_400 * second)),
            .rate(RateLimit(5, per: .minute, window: second / 2)), .rate(RateLimit(1e17)), .rate(RateLimit(1e308)),
            .change(ChangeLimit(5, level: .critical)), .change(ChangeLimit(1e17)), .change(ChangeLimit(1e308)),
            .unchanged(Unchanged(3600 * second)), .staleness(Staleness(second, level: .critical)),
            .badQuality(BadQuality(level: .emergency)), .count(CountLimit(above: 5, count: 1000, within: second)),
            .count(CountLimit(below: -1e17, count: 3, within: second)),
            .count(CountLimit(above: 5, count: 1, within: second)),
            .deviation(Deviation(from: SeriesName("b")!, above: 5, level: .critical)),
            .deviation(Deviation(from: SeriesName("b")!, above: 1e17)),
        ]

    private static let hook = ActionTraits("hook", .tells(of: [.raised], isSummarized: true))

    @Test(arguments: 0..<conditions.count) func eachKind(index: Int) {
        let condition = Self.conditions[index]
        let bench = AlarmBench(
            [
                rule("tried", condition) {
                    $0.actions = ["siren", "hook"]
                    $0.onDelay = 3600 * second
                }
            ], actions: [siren, Self.hook])
        for _ in 0..<2 {
            bench.forgetEvents()
            let result = bench.desk.begin(trialOf: "tried", series: nil, by: "anna", now: bench.now, wall: bench.wall)
            guard case .begun(let trial) = result else {
                Issue.record("\(condition): \(result)")
                return
            }
            bench.takeOutbox()
            let worst =
                if case .limits(let limits) = condition { limits.limits.last!.level } else { condition.lowestLevel }
            #expect(trial.event.level == worst, "\(condition)")
            #expect(trial.event.isTest)
            #expect(trial.actions == ["siren", "hook"])
            #expect(bench.isOn("siren"))
            bench.desk.end(trial, now: bench.now + second, wall: bench.wall)
            bench.takeOutbox()
            #expect(bench.moves == ["siren on", "siren off"])
            #expect(bench.events.map(\.change) == [.raised, .cleared])
            #expect(bench.desk.list().isEmpty)
            #expect(bench.desk.holders.values.allSatisfy { $0.isEmpty })
            #expect(bench.saved.isEmpty)
        }
    }

    @Test func votes() {
        let bench = AlarmBench([
            rule("high", above(10)), rule("low", above(1)), rule("all", nil, .vote(Vote(.all, of: ["high", "low"]))),
            rule("two", nil, .vote(Vote(.atLeast(2), of: ["high", "low"], level: .critical))),
            rule("three", nil, .vote(Vote(.atLeast(3), of: ["high", "low"]))),
            rule("none", nil, .vote(Vote(.none, of: ["high"]))),
        ])
        func isRaised(_ name: String) -> Bool {
            let result = bench.desk.begin(trialOf: name, series: nil, by: "", now: bench.now, wall: bench.wall)
            if case .begun = result { return true }
            return false
        }
        #expect(["all", "two", "three", "none", "what"].map(isRaised) == [true, true, false, true, false])
    }

    /// What a real alarm holds stays on.
    @Test func atARealOne() {
        let bench = AlarmBench([rule("high", above(10)) { $0.actions = ["siren"] }], actions: [siren])
        bench.read("a", 20)
        let before = bench.desk.list()
        guard
            case .begun(let trial) = bench.desk.begin(
                trialOf: "high", series: SeriesName("a"), by: "", now: bench.now, wall: bench.wall)
        else { return #expect(Bool(false)) }
        bench.desk.end(trial, now: bench.now, wall: bench.wall)
        bench.takeOutbox()
        #expect(bench.isOn("siren"))
        #expect(bench.desk.list() == before)
        bench.read("a", 1)
        #expect(!bench.isOn("siren"))
    }

    @Test func notForThatSeries() {
        let bench = AlarmBench([rule("high", above(10))])
        let result = bench.desk.begin(
            trialOf: "high", series: SeriesName("b"), by: "", now: bench.now, wall: bench.wall)
        guard case .refused(let reason) = result else { return #expect(Bool(false)) }
        #expect(reason == "high is not for b")
    }
}
