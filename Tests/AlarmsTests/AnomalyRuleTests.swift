import Readings
import Synchronization
import TestSupport
import Testing

@testable import Alarms

private let every = Anomaly(every: 0)

/// A sine with noise, and now and then something else.
private func values(_ count: Int, seed: UInt64) -> [Double] {
    var random = SeededGenerator(seed: seed)
    var shift = 0.0
    return (0..<count).map { number in
        if Int.random(in: 0..<200, using: &random) == 0 { shift = Double.random(in: -30...30, using: &random) }
        shift *= 0.8
        return Double(number % 60) / 10 + Double.random(in: -0.5...0.5, using: &random) + shift
    }
}

@Suite("Rules that learn") struct AnomalyRuleTests {
    private func hour(_ time: Int64) -> HourOfDay { HourOfDay(at: time, offset: 7200) }

    /// What the rule is to be at after each of the numbers, by the words of ANOMALY.md and nothing else.
    private func levels(_ numbers: [(value: Double, time: Int64)], _ rule: Anomaly) -> [UInt8] {
        var detector = AnomalyDetector()
        var level: UInt8 = 0
        return numbers.map { number in
            let verdict = detector.take(number.value, at: number.time, hour: hour(number.time))
            if level > 0 || verdict.isAlert {
                let told = [.low: 0.9, .normal: 0.8, .high: 0.5][rule.sensitivity]!
                let listed = [.low: 0.8, .normal: 0.5, .high: 0.5][rule.sensitivity]!
                level = verdict.rawScore >= told ? rule.level.rawValue : verdict.rawScore >= listed ? 1 : 0
            }
            return level
        }
    }

    private func expectedSteps(_ levels: [UInt8]) -> [String] {
        zip([0] + levels, levels).filter { $0 != $1 }.map { before, level in
            before == 0 ? "raised \(level - 1)" : level == 0 ? "cleared \(before - 1)" : "level \(level - 1)"
        }
    }

    @Test(arguments: [Anomaly.Sensitivity.low, .normal, .high], 0..<3 as Range<UInt64>)
    func itStandsAsTheDetectorSays(sensitivity: Anomaly.Sensitivity, seed: UInt64) {
        let rule = Anomaly(sensitivity, every: 0, level: .critical)
        let bench = AlarmBench([AlarmsTests.rule("odd", .anomaly(rule)) { $0.whenBad = .hold }])
        var given: [(value: Double, time: Int64)] = []
        for (number, value) in values(3000, seed: seed).enumerated() {
            bench.advance(10 * second)
            given.append((value, bench.wall))
            bench.read("a", value)
            // None of these is learnt from.
            if number % 7 == 0 { bench.read("a", .number(.infinity)) }
            if number % 11 == 0 { bench.read("a", .number(1e9), .communicationError) }
            if number % 13 == 0 { bench.read("a", .absent, .stale) }
            if number % 17 == 0 { bench.read("a", .text("1e9")) }
        }
        let expected = expectedSteps(levels(given, rule))
        #expect(bench.steps == expected, "seed \(seed)")
        #expect(sensitivity == .low || expected.count > 1)
        let message = bench.events.first { $0.change == .raised }?.message ?? "outside ..: not as usual"
        #expect(message.contains("not as usual: ") && message.contains(" outside "), "\(message)")
    }

    @Test(arguments: 0..<4 as Range<UInt64>) func itLooksAtTheMeansOfMinutes(seed: UInt64) {
        let bench = AlarmBench([rule("odd", .anomaly(Anomaly(.high, hasScore: true)))])
        var random = SeededGenerator(seed: seed)
        var minutes: [Int64: [Double]] = [:]
        for value in values(1500, seed: seed) {
            for _ in 0..<6 {
                bench.advance(10 * second)
                let noisy = value + Double.random(in: -0.1...0.1, using: &random)
                minutes[bench.wall / 60_000_000 * 60_000_000, default: []].append(noisy)
                bench.read("a", noisy)
            }
        }
        // The last one is not over.
        let times = minutes.keys.sorted().dropLast()
        let given = times.map { time in
            let first = minutes[time]![0]
            let count = Double(minutes[time]!.count)
            return (value: first + minutes[time]!.reduce(0) { $0 + ($1 - first) } / count, time: time)
        }
        #expect(bench.steps == expectedSteps(levels(given, Anomaly(.high))), "seed \(seed)")
        #expect(bench.scores.map(\.time.microseconds) == Array(times))
        let names = Set(bench.scores.compactMap { bench.catalogue.definition(of: $0.series)?.name.description })
        #expect(names == ["a/anomaly"])
        let worst = bench.events.first { $0.change == .raised }
        #expect(given.contains { worst == nil || worst!.value == .number($0.value) }, "the mean is what is shown")
    }

    /// A reading that comes every five minutes is not kept waiting for the next one.
    @Test func readingsThatComeSeldomAreLookedAtAtOnce() {
        let bench = AlarmBench([rule("odd", .anomaly(Anomaly()))])
        var given: [(value: Double, time: Int64)] = []
        for number in 0..<300 {
            bench.advance(300 * second)
            let value = Double(number % 5)
            // The first waits for the second: nobody knows yet how often they come.
            given.append((value, number == 0 ? bench.wall / 60_000_000 * 60_000_000 : bench.wall))
            bench.read("a", value)
        }
        #expect(bench.events.isEmpty)
        bench.advance(300 * second)
        bench.read("a", 500)
        #expect(bench.steps == ["raised 1"])
        #expect(bench.events.last?.message.hasPrefix("a is 500, not as usual: ") ?? false)
        #expect(bench.events.last?.time == bench.wall)
        let detector = bench.board.learned()[0].detector
        #expect(detector.readings == 301)
    }

    @Test func stuckIsSaid() {
        let bench = AlarmBench([rule("odd", .anomaly(Anomaly(.high, every: 0)))])
        var random = SeededGenerator(seed: 5)
        for _ in 0..<2000 {
            bench.advance(60 * second)
            bench.read("a", Double.random(in: 0...1, using: &random))
        }
        bench.forgetEvents()
        for _ in 0..<200 {
            bench.advance(60 * second)
            bench.read("a", 0.5)
        }
        let messages = bench.events.map(\.message)
        #expect(messages.contains { $0.contains("activity ") && $0.hasSuffix(": stuck?") }, "\(messages)")
    }

    /// Stopped and begun anew at any time, and read by two threads from some moment on: as if nothing had been.
    @Test(arguments: 0..<4 as Range<UInt64>) func aRestartForgetsNothing(seed: UInt64) {
        let rules = [rule("odd", .anomaly(Anomaly(.high, every: 0)))]
        let (steady, other) = (AlarmBench(rules), AlarmBench(rules))
        var random = SeededGenerator(seed: seed)
        for (number, value) in values(2500, seed: seed).enumerated() {
            for bench in [steady, other] { bench.advance(60 * second) }
            if other.board.learned().isEmpty == false, Int.random(in: 0..<97, using: &random) == 0 {
                other.restart(after: 0)
            }
            steady.read("a", value)
            other.read("a", value, share: number > 1500 ? number % 2 : 0)
        }
        #expect(steady.board.learned()[0].detector.state == other.board.learned()[0].detector.state)
        #expect(steady.events.map(\.message) == other.events.map(\.message), "seed \(seed)")
        #expect(steady.events.map(\.time) == other.events.map(\.time))
    }

    @Test func scoresAreReadingsForOtherRules() {
        let bench = AlarmBench([
            rule("odd", "**", .anomaly(Anomaly(every: 0, hasScore: true)), { _ in }),
            rule("score", "*/anomaly", above(0.4), { _ in }),
        ])
        for number in 0..<300 {
            bench.advance(60 * second)
            bench.read("a", Double(number % 3))
        }
        bench.advance(60 * second)
        bench.read("a", 100)
        #expect(bench.state("odd", "a") == .unacknowledged)
        #expect(bench.state("score", "a/anomaly") == .unacknowledged)
        #expect(bench.scores.count == 301)
        #expect(bench.catalogue.count == 2, "no scores of scores")
        #expect(bench.scores.last?.value.isOver(0.8) ?? false)
    }

    @Test func aTrialRaisesIt() {
        for (number, condition) in [
            .anomaly(Anomaly()), .anomaly(every), .zscore(ZScore(window: 3600 * second, limit: 3)),
            .forecast(Forecast(limit: 90, within: 14_400 * second, over: 3600 * second)),
            .forecast(Forecast(limit: -5, within: 600 * second, over: 86_400 * second, direction: .falling)),
            .forecast(Forecast(limit: 0, within: 600 * second, over: 600 * second, direction: .rising)),
        ].enumerated() as EnumeratedSequence<[AlarmCondition]> {
            let bench = AlarmBench([rule("odd", condition)])
            guard
                case .begun(let trial) = bench.desk.begin(
                    trialOf: "odd", series: nil, by: "anna", now: bench.now, wall: bench.wall)
            else {
                Issue.record("no trial of \(number)")
                continue
            }
            #expect(trial.event.level == .warning, "\(number)")
        }
    }

    /// The hours of the place, over the nights on which its clocks are put forward and back.
    @Test func hoursAcrossAChangeOfTheClocks() {
        // Central European time in 2026: forward on 29 March at 01:00 UTC, back on 25 October at 01:00 UTC.
        let (forward, back): (Int64, Int64) = (1_774_746_000_000_000, 1_792_890_000_000_000)
        let calls = Calls()
        var hours = LocalHours { time in
            calls.note()
            return time >= forward && time < back ? 7200 : 3600
        }
        let hour: Int64 = 3_600_000_000
        #expect(hours.hour(at: forward - 1).number == 1)
        #expect(hours.hour(at: forward).number == 3)
        #expect(hours.hour(at: back - hour).number == 2)
        #expect(hours.hour(at: back - 1).number == 2)
        #expect(hours.hour(at: back).number == 2)
        #expect(hours.hour(at: back + hour).number == 3)
        let before = calls.count
        for step in 0..<(900 as Int64) { #expect(hours.hour(at: forward + step * 1_000_000).number == 3) }
        #expect(calls.count == before + 1, "asked once for a quarter of an hour")
        #expect(hours.hour(at: -1).number == 0)
    }
}

private final class Calls: Sendable {
    private let number = Mutex(0)
    var count: Int { number.withLock { $0 } }
    func note() { number.withLock { $0 += 1 } }
}

extension Value {
    fileprivate func isOver(_ limit: Double) -> Bool {
        if case .number(let number) = self { number > limit } else { false }
    }
}

@Suite("Notices") struct NoticeTests {
    private let office = ActionTraits("office", .tells(of: Set(AlarmEvent.Change.allCases), isSummarized: true))
    private let bus = ActionTraits("bus", .tells(of: Set(AlarmEvent.Change.allCases), isSummarized: false))

    private func bench(_ change: (inout AlarmRule) -> Void = { _ in }) -> AlarmBench {
        AlarmBench(
            [
                rule("a", .limits(Limits([.init(.notice, above: 10), .init(.warning, above: 20)]))) {
                    $0.actions = ["office", "bus", "siren"]
                    $0.repeatEvery = 600 * second
                    change(&$0)
                }
            ], actions: [office, bus, siren])
    }

    private func told(_ bench: AlarmBench, _ name: String) -> [String] {
        bench.requests.filter { $0.action == name && $0.request.task == .tell }
            .map { "\($0.request.event.change.rawValue) \($0.request.event.level.name)" }
    }

    @Test func nobodyIsToldAndNothingMoves() {
        let bench = bench()
        bench.read("a", 15)
        bench.advance(3600 * second)
        #expect(bench.steps == ["raised 0"])
        #expect(bench.state("a", "a") == .acknowledged)
        bench.read("a", 5)
        #expect(bench.steps == ["raised 0", "cleared 0"])
        #expect(bench.state("a", "a") == .normal)
        #expect(told(bench, "office") == [])
        #expect(told(bench, "bus") == ["raised notice", "cleared notice"], "who keeps a picture of all is told")
        #expect(bench.moves == [])
        #expect(bench.saved.isEmpty)
    }

    @Test func worseIsToldToItsEnd() {
        let bench = bench()
        for value in [15, 25, 15, 5, 15, 5] as [Double] { bench.read("a", value) }
        #expect(
            told(bench, "office") == ["raised notice", "level warning", "level notice", "cleared notice"].dropFirst()
                + [])
        #expect(bench.moves == ["siren on", "siren off"])
        #expect(bench.state("a", "a") == .returned, "the warning was not acknowledged")
    }

    @Test func itDoesNotLatch() {
        let bench = bench { $0.isLatching = true }
        for value in [15, 5] as [Double] { bench.read("a", value) }
        #expect(bench.state("a", "a") == .normal)
        for value in [25, 15, 5] as [Double] { bench.read("a", value) }
        #expect(bench.state("a", "a") == .latched)
    }

    /// While `off_delay` holds a level, what is said of it is what led to it.
    @Test func whatIsHeldKeepsItsMessage() {
        let bench = AlarmBench([
            rule("a", .limits(Limits([.init(.warning, above: 20), .init(.critical, above: 30)]))) {
                $0.offDelay = 60 * second
            }
        ])
        bench.read("a", 35)
        bench.read("a", 5)
        bench.advance(30 * second)
        bench.read("a", 25)
        bench.advance(100 * second)
        bench.read("a", 7)
        bench.advance(100 * second)
        #expect(
            bench.events.map(\.message) == [
                "a is 35, above 30", "a is 25, above 20", "a is well again: 7",
            ])
    }
}
