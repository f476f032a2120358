import Readings
import Testing

@testable import Alarms

/// What readings of a backlog may do, and what not.
@Suite struct OldReadingTests {
    private func bench(_ rules: [AlarmRule]) -> AlarmBench {
        AlarmBench(
            rules.map { rule in
                var rule = rule
                rule.actions = ["siren"]
                return rule
            }, actions: [siren])
    }

    private func minutesAgo(_ minutes: Int64, _ bench: AlarmBench) -> Int64 { bench.wall - minutes * 60_000_000 }

    @Test func theyAreRecordedAndMoveNothingUntilThePresentSaysTheSame() {
        let bench = bench([Self.high])
        bench.read("a", 1, time: bench.wall)
        bench.advance(3600 * second)
        bench.read("a", 20, time: minutesAgo(50, bench))
        bench.read("a", 21, time: minutesAgo(40, bench))
        #expect(bench.steps == ["raised 1 late"])
        #expect(bench.moves == [])
        bench.read("a", 22, time: bench.wall)
        #expect(bench.steps == ["raised 1 late", "present 1"])
        #expect(bench.moves == ["siren on"])
    }

    /// The condition is over, and only its delay is not.
    @Test func aDelayIsNoConfirmation() {
        var high = Self.high
        high.offDelay = 60 * second
        let bench = bench([high])
        bench.read("a", 1, time: bench.wall)
        bench.advance(3600 * second)
        bench.read("a", 20, time: minutesAgo(50, bench))
        bench.read("a", 1, time: bench.wall)
        bench.advance(120 * second)
        #expect(bench.steps == ["raised 1 late", "cleared 1"])
        #expect(bench.moves == [])
    }

    @Test func aLatchIsNoConfirmation() {
        var high = Self.high
        high.isLatching = true
        high.onDelay = 60 * second
        let bench = bench([high])
        bench.read("a", 1, time: bench.wall)
        bench.advance(3600 * second)
        bench.read("a", 20, time: minutesAgo(50, bench))
        bench.read("a", 1, time: minutesAgo(40, bench))
        bench.read("a", 20, time: bench.wall)
        bench.perform(.acknowledge, "high")
        #expect(bench.steps == ["raised 1 late", "cleared 1 late", "acknowledged 1 late"])
        #expect(bench.moves == [])
        bench.advance(61 * second)
        #expect(bench.moves == ["siren on"])
    }

    /// What sounds goes on until it is known that all is well at present.
    @Test func theySilenceNothing() {
        let bench = bench([Self.high])
        bench.read("a", 20, time: bench.wall)
        bench.advance(3600 * second)
        bench.read("a", 1, time: minutesAgo(50, bench))
        #expect(bench.isOn("siren"))
        bench.read("a", 20, time: minutesAgo(40, bench))
        bench.read("a", 1, time: minutesAgo(30, bench))
        #expect(bench.isOn("siren"))
        bench.read("a", 1, time: bench.wall)
        #expect(!bench.isOn("siren"))
        #expect(bench.moves == ["siren on", "siren off"])
    }

    @Test func unlessTheRuleSaysSo() {
        var high = Self.high
        high.late = .act
        let bench = bench([high])
        bench.read("a", 1, time: bench.wall)
        bench.advance(3600 * second)
        bench.read("a", 20, time: minutesAgo(50, bench))
        #expect(bench.isOn("siren"))
        bench.read("a", 1, time: minutesAgo(30, bench))
        #expect(!bench.isOn("siren"))
    }

    @Test func votesOverThemAreAsOld() {
        let bench = bench([
            Self.high, rule("low", .limits(Limits([.init(.critical, above: 15)]))),
            rule("both", nil, .vote(Vote(.all, of: ["high", "low"], level: .emergency))),
        ])
        bench.read("a", 1, time: bench.wall)
        bench.advance(3600 * second)
        bench.read("a", 20, time: minutesAgo(50, bench))
        #expect(bench.steps == ["raised 1 late", "raised 2 late", "raised 3 late"])
        #expect(bench.moves == [])
        bench.read("a", 20, time: bench.wall)
        #expect(bench.steps.suffix(3).sorted() == ["present 1", "present 2", "present 3"])
        #expect(bench.isOn("siren"))
    }

    /// What it is compared with may have been said long ago; it may not.
    @Test func aDeviationIsAsOldAsItsOwnSeries() {
        let bench = bench([
            rule("apart", .deviation(Deviation(from: SeriesName("b")!, above: 5)))
        ])
        bench.read("a", 1, time: bench.wall)
        bench.read("b", 1, time: bench.wall)
        bench.advance(3600 * second)
        bench.read("a", 20, time: minutesAgo(50, bench))
        #expect(bench.steps == ["raised 1 late"])
        bench.read("b", 2, time: bench.wall)
        #expect(bench.steps == ["raised 1 late"])
        bench.read("a", 20, time: bench.wall)
        #expect(bench.steps == ["raised 1 late", "present 1"])
        #expect(bench.moves == ["siren on"])
    }

    /// The delay is that of the readings, although they all come at once.
    @Test func delaysRunInTheTimeOfTheReadings() {
        var high = Self.high
        high.onDelay = 300 * second
        high.repeatEvery = 60 * second
        let bench = bench([high])
        bench.read("a", 20, time: bench.wall)
        bench.advance(600 * second)
        bench.read("a", 1, time: bench.wall)
        bench.forgetEvents()
        bench.advance(7200 * second)
        for minute in stride(from: Int64(100), through: 10, by: -1) {
            let isHigh = (50...56).contains(minute) || (20...22).contains(minute)
            bench.read("a", isHigh ? 20 : 1, time: minutesAgo(minute, bench))
        }
        #expect(bench.steps == ["raised 1 late", "cleared 1 late"])
    }

    /// A timer that went off meanwhile is no reason for all of a backlog to have happened at once.
    @Test func timersDoNotHideWhatABacklogTells() {
        var high = Self.high
        high.onDelay = 300 * second
        high.repeatEvery = 60 * second
        high.isLatching = true
        let bench = bench([high])
        bench.read("a", 20, time: bench.wall)
        bench.advance(600 * second)
        bench.forgetEvents()
        bench.advance(7200 * second)
        bench.forgetEvents()
        for minute in stride(from: Int64(100), through: 10, by: -1) {
            bench.read("a", (50...56).contains(minute) ? 20 : 1, time: minutesAgo(minute, bench))
        }
        #expect(bench.steps == ["cleared 1 late", "raised 1 late", "cleared 1 late"])
    }

    /// Whether a machine runs is known from the latest that it has said, however long ago that was.
    @Test func oldNewsOfAMachineIsNews() {
        var low = Self.high
        low.enabledWhen = EnabledWhen(SeriesName("running")!, .equals([.number(1)]))
        let bench = bench([low])
        bench.read("running", 0, time: bench.wall)
        bench.read("a", 20, time: bench.wall)
        #expect(bench.steps == [])
        bench.advance(7200 * second)
        bench.read("running", 1, time: minutesAgo(60, bench))
        bench.read("a", 20, time: bench.wall)
        #expect(bench.isOn("siren"))
    }

    private static let high = rule("high", above(10))
}
