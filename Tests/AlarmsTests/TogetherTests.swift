import Readings
import TestSupport
import Testing

@testable import Alarms

/// Rules over several series, and over other rules.
@Suite struct TogetherTests {
    /// A machine stops, and the pressure falls in the same message.
    @Test func whatEnablesIsHeardFirst() {
        let bench = AlarmBench([
            rule("low", .limits(Limits([.init(.warning, below: 10)]))) {
                $0.enabledWhen = EnabledWhen(SeriesName("running")!, .equals([.number(1), .text("RUN")]))
            }
        ])
        bench.read("running", .text("RUN"))
        bench.read("a", 20)
        bench.isHoldingMail = true
        bench.read("a", 1)
        bench.read("running", 0)
        bench.isHoldingMail = false
        bench.flush(0)
        #expect(bench.steps == [])
        bench.advance(second)
        bench.read("running", 1)
        #expect(bench.steps == ["enabled 1", "raised 1"])
    }

    /// What was acknowledged, left aside and is back is repeated again.
    @Test func whatIsBackIsRepeated() {
        let bench = AlarmBench([rule("high", above(10)) { $0.repeatEvery = 10 * second }])
        bench.read("a", 20)
        bench.perform(.acknowledge, "high")
        bench.advance(15 * second)
        bench.perform(.shelve(5_000_000), "high")
        bench.forgetEvents()
        bench.advance(16 * second)
        #expect(bench.steps == ["unshelved 1", "raised 1", "repeated 1"])
    }

    /// A worse level has to be acknowledged anew, and is repeated until it is.
    @Test func whatIsWorseIsRepeated() {
        let limits = Limits([.init(.warning, above: 10), .init(.critical, above: 20)])
        let bench = AlarmBench([rule("high", .limits(limits)) { $0.repeatEvery = 10 * second }])
        bench.read("a", 15)
        bench.perform(.acknowledge, "high")
        bench.advance(15 * second)
        bench.read("a", 25)
        bench.forgetEvents()
        bench.advance(11 * second)
        #expect(bench.steps == ["repeated 2"])
    }

    /// At every moment a vote is what the alarms that it looks at make of it.
    @Test(arguments: 0..<20 as Range<UInt64>) func votes(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let rules = [
            rule("high", "*", above(10)) { $0.onDelay = 2 * second },
            rule("low", "*", .band(Band(-9 ... -1, isOutside: false))),
            rule("all", nil, .vote(Vote(.all, of: ["high"]))),
            rule("two", nil, .vote(Vote(.atLeast(2), of: ["high", "low"]))),
            rule("none", nil, .vote(Vote(.none, of: ["high", "low"]))),
            rule("on", nil, .vote(Vote(.all, of: ["two", "none"]))),
            rule("off", nil, .vote(Vote(.none, of: ["two"]))),
        ]
        let bench = AlarmBench(rules)
        for step in 0..<300 {
            let name = "s\(Int.random(in: 0..<min(4, 1 + step / 50), using: &random))"
            switch Int.random(in: 0..<12, using: &random) {
            case 0: bench.perform(.remove, "high", name)
            case 1: bench.perform(.restore, "high", name)
            case 2: bench.restart()
            default: bench.read(name, .random(in: -12...20, using: &random), time: bench.wall)
            }
            bench.advance(.random(in: 0...(5 * second), using: &random))
            let alarms = Dictionary(grouping: bench.desk.alarms) { bench.rules[$0.rule].name }
            for vote in ["all", "two", "none", "on", "off"] {
                guard case .vote(let rule) = bench.rules.first(where: { $0.name == vote })!.condition else { continue }
                let counts = rule.rules.map { name -> (standing: Int, all: Int) in
                    let members = alarms[name] ?? []
                    return (members.count { $0.followed > 0 }, members.count)
                }
                let raw = alarms[vote]?.first?.condition.raw ?? 0
                #expect((raw > 0) == rule.isRaised(by: counts), "seed \(seed), \(vote), step \(step)")
            }
        }
    }
}
