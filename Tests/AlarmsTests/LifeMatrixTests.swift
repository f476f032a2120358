import Readings
import TestSupport
import Testing

@testable import Alarms

/// Every order of what people do and what a condition does, up to a length.
@Suite struct LifeMatrixTests {
    private enum Step: CaseIterable {
        case raise, worsen, end, late, acknowledge, shelve, unshelve, clear, remove, restore, disable, enable, time

        func take(_ bench: AlarmBench) {
            switch self {
            case .raise: bench.read("a", 15, time: bench.wall)
            case .worsen: bench.read("a", 25, time: bench.wall)
            case .end: bench.read("a", 1, time: bench.wall)
            case .late: bench.read("a", 15, time: bench.wall - 300_000_000)
            case .acknowledge: bench.perform(.acknowledge, "high")
            case .shelve: bench.perform(.shelve(30_000_000), "high")
            case .unshelve: bench.perform(.unshelve, "high")
            case .clear: bench.perform(.clear, "high")
            case .remove: bench.perform(.remove, "high")
            case .restore: bench.perform(.restore, "high")
            case .disable: bench.read("running", 0)
            case .enable: bench.read("running", 1)
            case .time: bench.advance(20 * second)
            }
            if self != .late { bench.advance(second / 10) } else { bench.advance(400 * second) }
        }
    }

    private static let lamp = ActionTraits("lamp", .moves(until: .acknowledged))
    private static let hook = ActionTraits(
        "hook", .tells(of: Set(AlarmEvent.Change.allCases), isSummarized: true))

    private static func bench(_ latches: Bool, _ delay: Int64) -> AlarmBench {
        let high = rule("high", .limits(Limits([.init(.warning, above: 10), .init(.critical, above: 20)]))) {
            $0.enabledWhen = EnabledWhen(SeriesName("running")!, .equals([.number(1)]))
            $0.isLatching = latches
            ($0.onDelay, $0.offDelay) = (delay, delay)
            $0.repeatEvery = 15 * second
            $0.actions = ["siren", "lamp", "hook"]
        }
        let vote = rule("vote", nil, .vote(Vote(.atLeast(1), of: ["high"])))
        return AlarmBench([high, vote], actions: [siren, lamp, hook])
    }

    @Test(arguments: [false, true], [0, second / 2, 5 * second] as [Int64]) func allOrders(latches: Bool, delay: Int64)
    {
        let most = delay == 0 && latches ? 4 : 3
        // Only the longest: each has its beginnings within.
        func longest(_ path: [Step]) {
            if path.count == most { return Self.check(path, latches, delay) }
            // Nothing comes of the others while all is well: shorter orders show that.
            let begins: [Step] = [.raise, .worsen, .late, .shelve, .remove, .disable]
            if most == 4, let first = path.first, !begins.contains(first) { return }
            for step in Step.allCases { longest(path + [step]) }
        }
        longest([])
    }

    /// Longer ones, of which there are too many.
    @Test(arguments: 0..<150 as Range<UInt64>) func someOrders(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let path = (0..<60).map { _ in Step.allCases.randomElement(using: &random)! }
        Self.check(path, seed % 2 == 0, [0, second / 2, 5 * second][Int(seed % 3)])
    }

    private static func check(_ path: [Step], _ latches: Bool, _ delay: Int64) {
        let bench = bench(latches, delay)
        bench.read("a", 1, time: bench.wall)
        for (index, step) in path.enumerated() {
            let (events, requests) = (bench.events.count, bench.requests.count)
            let wasShelved = bench.state("high", "a") == .shelved
            step.take(bench)
            if let wrong = wrong(bench, events, requests, step, wasShelved, latches) {
                Issue.record("\(wrong) after \(path[...index]), latches \(latches), delay \(delay): \(bench.steps)")
                return
            }
        }
        checkRestart(bench, path)
    }

    private static func wrong(
        _ bench: AlarmBench, _ events: Int, _ requests: Int, _ step: Step, _ wasShelved: Bool, _ latches: Bool
    ) -> String? {
        guard let alarm = bench.desk.alarms.first(where: { $0.key.rule == "high" }) else { return nil }
        if let alternation = alternation(bench) { return alternation }
        if bench.events.indices.contains(where: { bench.events[$0].number != Int64($0) + 1 }) { return "a gap" }
        let isAside = alarm.aside.isAny
        let (sirenIsOn, lampIsOn) = (bench.isOn("siren"), bench.isOn("lamp"))
        let stands = alarm.life.level != nil || alarm.life.isLatched
        if isAside, sirenIsOn || lampIsOn { return "something is on for what is aside" }
        if !isAside, !alarm.isLate, sirenIsOn != stands { return "the siren is \(sirenIsOn)" }
        if !isAside, !alarm.isLate, lampIsOn != (stands && !alarm.life.isAcknowledged) {
            return "the lamp is \(lampIsOn)"
        }
        if alarm.aside.isIdle, alarm.life.level != nil { return "it is followed" }
        if alarm.life.isLatched, !latches { return "it is latched" }
        if wasShelved, isAside, step != .acknowledge {
            let told = bench.requests[requests...].filter { request in
                request.action == "hook"
                    && [.raised, .level, .cleared, .repeated].contains(request.request.event.change)
                    && request.request.event.key.rule == "high"
            }
            if !told.isEmpty { return "somebody is told of what is aside" }
        }
        return nil
    }

    /// Raised and cleared in turns, where nobody meddles.
    private static func alternation(_ bench: AlarmBench) -> String? {
        var stands = false
        for event in bench.events where event.key.rule == "high" {
            switch event.change {
            case .raised:
                // Told again, of one that was shelved.
                if stands, event.isTest { return "raised twice" }
                stands = true
            case .cleared:
                if !stands { return "cleared twice" }
                stands = false
            case .level, .present, .repeated: if !stands { return "\(event.change) of nothing" }
            case .removed, .suppressed: stands = false
            default: break
            }
        }
        return nil
    }

    private static func checkRestart(_ bench: AlarmBench, _ path: [Step]) {
        // Only that a machine stands still is forgotten, and what was not recorded because all is well.
        guard !bench.desk.alarms.contains(where: { $0.aside.isSuppressed }) else { return }
        let before = bench.desk.list()
        let wereOn = [bench.isOn("siren"), bench.isOn("lamp")]
        let events = bench.events.count
        let isLate = bench.desk.alarms.contains { $0.isLate }
        bench.restart(after: 0)
        let after = bench.desk.list()
        if before.map(still) != after.map(still) {
            Issue.record("\(before.map(still)) became \(after.map(still)) after \(path)")
        }
        if bench.events.count != events { Issue.record("a restart after \(path) led to \(bench.steps[events...])") }
        let areOn = ["siren", "lamp"].map { name in
            bench.desk.holders[name].map { !$0.isEmpty } ?? false
        }
        if wereOn != areOn, !isLate { Issue.record("\(wereOn) became \(areOn) after \(path)") }
    }

    /// What has to be the same; what comes and goes is found out anew.
    private static func still(_ view: AlarmView) -> String {
        "\(view.key) \(view.state) \(view.level) \(view.stands) \(view.isAcknowledged) \(view.message) \(view.since)"
            + " \(view.isLate) \(view.by) \(view.because) \(view.until ?? 0)"
    }
}
