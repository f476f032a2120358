import Readings
import TestSupport
import Testing

@testable import Alarms

@Suite("Rules with a model") struct ModelRuleTests {
    private let file = "pump.json"

    private func linear(_ weights: [Double]) throws -> Model {
        try Model.linear(ModelInputs(count: weights.count), weights: weights)
    }

    private func bench(
        _ change: (inout ModelRule) -> Void = { _ in }, _ changeRule: (inout AlarmRule) -> Void = { _ in }
    ) -> AlarmBench {
        var model = ModelRule(file: file, inputs: [SeriesName("x")!, SeriesName("y")!], above: 10)
        change(&model)
        return AlarmBench([rule("risk", nil, .model(model), changeRule)])
    }

    private func use(_ model: Model?, _ bench: AlarmBench) {
        bench.desk.setModel(file, model, now: bench.now, wall: bench.wall)
        bench.takeOutbox()
    }

    private func scores(_ bench: AlarmBench) -> [Double] {
        bench.scores.map { if case .number(let number) = $0.value { number } else { .nan } }
    }

    @Test func itScoresWhateverComes() throws {
        let bench = bench { $0.deadband = 1 }
        use(try linear([1, 2]), bench)
        bench.read("x", 1)
        #expect(scores(bench) == [], "y has not come yet")
        bench.read("y", 2)
        bench.read("x", 3)
        bench.read("z", 100)
        bench.read("x", 7)
        #expect(scores(bench) == [5, 7, 11])
        let names = bench.scores.map { bench.catalogue.definition(of: $0.series)?.name.description ?? "" }
        #expect(names == ["risk/score", "risk/score", "risk/score"])
        #expect(bench.steps == ["raised 1"])
        #expect(bench.events[0].message == "scores 11, above 10")
        #expect((bench.events[0].value, bench.events[0].limit) == (.number(11), 10))
        bench.read("x", 5.5)
        #expect(bench.steps == ["raised 1"], "within the deadband")
        bench.read("x", 4.5)
        #expect(bench.steps == ["raised 1", "cleared 1"])
    }

    @Test func onAGrid() throws {
        let bench = bench { $0.every = 10 * second }
        use(try linear([1, 1]), bench)
        bench.read("x", 1)
        bench.read("y", 1)
        for step in 0..<100 {
            bench.advance(second)
            bench.read("x", Double(step))
            bench.read("y", 1)
        }
        // At each tenth second what came in the one before, as the tick comes first.
        var expected = [2] + (1...10).map { Double($0 * 10 - 1) }
        #expect(scores(bench) == expected)
        bench.advance(30 * second)
        expected.append(100)
        #expect(scores(bench) == expected, "nothing new, nothing scored")
    }

    /// Missing from the start, stale, bad, a text: nobody knows that all is well, and the alarm says which input it is.
    @Test func inputsThatAreMissing() throws {
        let bench = bench()
        use(try linear([1, 1]), bench)
        bench.read("x", 1)
        bench.advance(59 * second)
        bench.read("x", 1)
        #expect(bench.steps == [], "y may be on its way")
        bench.advance(2 * second)
        #expect(bench.steps == ["raised 1"])
        #expect(bench.events[0].message == "cannot be told: y has no good value")
        bench.read("y", 1)
        #expect(bench.steps == ["raised 1", "cleared 1"])
        bench.read("y", .number(3), .communicationError)
        #expect(bench.steps.last == "raised 1")
        bench.read("y", 1)
        bench.read("y", .text("3"))
        bench.read("y", 1)
        #expect(bench.steps.count == 6)
        bench.advance(50 * second)
        bench.read("y", 1)
        bench.advance(11 * second)
        #expect(bench.events.last?.message == "cannot be told: x has no good value")
        #expect(bench.steps.last == "raised 1")
    }

    @Test func heldWhereTheRuleSaysSo() throws {
        let bench = bench({ _ in }, { $0.whenBad = .hold })
        use(nil, bench)
        bench.advance(1000 * second)
        #expect(bench.steps == [])
        use(try linear([1, 1]), bench)
        bench.read("x", 6)
        bench.read("y", 6)
        #expect(bench.steps == ["raised 1"])
        bench.read("y", .absent, .stale)
        bench.advance(1000 * second)
        #expect(bench.steps == ["raised 1"])
    }

    @Test func withoutAModel() throws {
        let bench = bench()
        use(nil, bench)
        #expect(bench.events.map(\.message) == ["cannot be told: there is no model from pump.json"])
        bench.read("x", 1)
        bench.read("y", 1)
        use(try linear([1, 1]), bench)
        #expect(bench.steps == ["raised 1", "cleared 1"])
        use(try linear([10, 10]), bench)
        #expect(bench.steps == ["raised 1", "cleared 1", "raised 1"], "another model says another thing at once")
        use(try linear([1, 1, 1]), bench)
        #expect(bench.events.last?.change == .raised, "it takes three inputs: it is none for this rule")
    }

    @Test func aScoreThatIsNoNumber() throws {
        let bench = bench()
        use(try linear([1e308, 1e308]), bench)
        bench.read("x", 1e300)
        bench.read("y", 1e300)
        #expect(bench.steps == ["raised 1"])
        #expect(bench.scores.isEmpty)
    }

    /// Models may look at the scores of others; in a circle, they come to an end.
    @Test func scoresOfScores() throws {
        func model(_ name: String, _ input: String) -> AlarmRule {
            rule(
                name, nil,
                .model(ModelRule(file: file, inputs: [SeriesName(input)!], above: 10, score: SeriesName(name)!)))
        }
        let bench = AlarmBench([model("b", "a"), model("c", "b"), model("d", "e"), model("e", "d")])
        use(try Model.linear(ModelInputs(count: 1), weights: [2]), bench)
        bench.read("a", 3)
        #expect(scores(bench) == [6, 12])
        #expect(bench.state("c") == .unacknowledged)
        bench.read("d", 1)
        #expect(bench.scores.count < 20)
        #expect(scores(bench).allSatisfy { $0 < 1e6 })
    }

    /// What is late says how things were.
    @Test func oldInputs() throws {
        let bench = bench()
        use(try linear([1, 1]), bench)
        for _ in 0..<5 {
            bench.advance(second)
            for name in ["x", "y"] { bench.read(name, .number(1), time: bench.wall) }
        }
        bench.read("x", .number(50), time: bench.wall + 1)
        #expect(bench.steps == ["raised 1"])
        bench.read("x", .number(1), time: bench.wall - 1_000_000)
        #expect(bench.steps == ["raised 1"], "older than what is known")
    }

    @Test func aRestart() throws {
        let bench = bench()
        use(try linear([1, 1]), bench)
        bench.read("x", 9)
        bench.read("y", 9)
        bench.restart()
        use(try linear([1, 1]), bench)
        bench.read("x", 9)
        #expect(bench.steps == ["raised 1"])
        bench.read("y", 0)
        #expect(bench.steps == ["raised 1", "cleared 1"])
    }

    @Test func aTrial() throws {
        let bench = bench()
        guard
            case .begun(let trial) = bench.desk.begin(
                trialOf: "risk", series: nil, by: "anna", now: bench.now, wall: bench.wall)
        else { return #expect(Bool(false)) }
        #expect(trial.event.level == .warning)
    }
}
