import Readings
import TestSupport
import Testing

@testable import Alarms

/// Alarms that come and go, and many at once.
@Suite struct FloodTests {
    private static let all = Set(AlarmEvent.Change.allCases)
    private static let hook = ActionTraits("hook", .tells(of: all, isSummarized: true))
    private static let bus = ActionTraits("bus", .tells(of: all, isSummarized: false))

    private static let limits = Limits([
        .init(.warning, above: 10), .init(.critical, above: 20), .init(.emergency, above: 30),
    ])

    private func told(_ name: String, _ bench: AlarmBench) -> [String] {
        bench.requests.filter { $0.action == name }.map { "\($0.request.event.change.rawValue)" }
    }

    @Test func whatComesAndGoesIsHeld() {
        let bench = AlarmBench([rule("high", .limits(Self.limits)) { $0.actions = ["siren"] }], actions: [siren])
        for step in 0..<40 {
            bench.read("a", step % 2 == 0 ? (step == 20 ? 25 : 15) : 1)
            bench.advance(second)
        }
        let raises = Array(repeating: ["raised 1", "cleared 1"], count: 4).flatMap(\.self)
        #expect(bench.steps == raises + ["raised 1", "chattering 1", "level 2"])
        #expect(bench.isOn("siren"))
        #expect(bench.desk.list().first?.isChattering == true)
        bench.advance(58 * second)
        #expect(bench.isOn("siren"))
        bench.advance(2 * second)
        #expect(bench.steps.suffix(2) == ["settled 2", "cleared 2"])
        #expect(!bench.isOn("siren"))
    }

    @Test func whatIsSlowIsNotHeld() {
        let bench = AlarmBench([rule("high", .limits(Self.limits))])
        for step in 0..<40 {
            bench.read("a", step % 2 == 0 ? 15 : 1)
            bench.advance(8 * second)
        }
        #expect(!bench.steps.contains("chattering 1"))
        #expect(bench.steps.count == 40)
    }

    @Test func manyAreToldOfTogether() {
        let rules = [
            rule("high", "*", .limits(Self.limits)) { $0.actions = ["hook", "bus", "siren"] }
        ]
        let bench = AlarmBench(rules, actions: [Self.hook, Self.bus, siren], floodLimit: 20, tellAll: ["bus"])
        for index in 0..<100 { bench.read("s\(index)", index % 10 == 9 ? 35 : 15) }
        // 20 singly, and of the others the 8 emergencies; the summary begins at once.
        #expect(told("hook", bench).count { $0 == "raised" } == 28)
        #expect(told("hook", bench).count { $0 == "flood" } == 1)
        #expect(told("bus", bench).count { $0 == "raised" } == 100)
        #expect(bench.moves.count == 100)
        bench.advance(59 * second)
        #expect(told("hook", bench).count { $0 == "flood" } == 1)
        bench.advance(2 * second)
        #expect(told("hook", bench).count { $0 == "flood" } == 2)
        #expect(bench.events.last { $0.change == .flood }?.message.hasPrefix("79 more new alarms at once") == true)
        bench.advance(120 * second)
        #expect(told("hook", bench).count { $0 == "flood" } == 2)
        bench.read("new", 15)
        #expect(told("hook", bench).last == "raised")
        #expect(bench.desk.nextDue == .max)
    }

    @Test func aWorseOneIsToldOfInAFlood() {
        let rules = [rule("high", "*", .limits(Self.limits)) { $0.actions = ["hook"] }]
        let bench = AlarmBench(rules, actions: [Self.hook], floodLimit: 5)
        for index in 0..<50 { bench.read("s\(index)", 15) }
        bench.read("s40", 35)
        #expect(told("hook", bench).last == "level")
    }

    /// Once a minute, and not more; however it goes on.
    @Test(arguments: 0..<10 as Range<UInt64>) func summaries(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var flood = Flood(limit: 5)
        var (now, last, alarms, said) = (Int64(0), Int64?.none, 0, 0)
        for _ in 0..<3000 {
            now += .random(in: 0...(20 * second), using: &random) / .random(in: 1...20, using: &random)
            if flood.note(at: now) { alarms += 1 }
            while let due = flood.due, due <= now {
                guard let count = flood.takeSummary(at: now) else { continue }
                #expect(last.map { now - $0 >= Flood.window } ?? true)
                last = now
                said += count
            }
            #expect(alarms == said + flood.count)
        }
        #expect(said > 0)
    }

    /// What moves is on while anybody wants it, and off when the last one lets go.
    @Test(arguments: 0..<20 as Range<UInt64>) func holders(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let rules = [
            rule("high", "*", .limits(Self.limits)) { $0.actions = ["siren", "lamp"] },
            rule("low", "*", .band(Band(-5...(-1), isOutside: false))) {
                ($0.actions, $0.isLatching) = (["siren"], true)
            },
        ]
        let bench = AlarmBench(rules, actions: [siren, ActionTraits("lamp", .moves(until: .acknowledged))])
        for _ in 0..<400 {
            let name = "s\(Int.random(in: 0..<4, using: &random))"
            switch Int.random(in: 0..<10, using: &random) {
            case 0: bench.perform(.acknowledge, "high", name)
            case 1: bench.perform(.clear, "low", name)
            case 2: bench.perform(.shelve(20_000_000), "high", name)
            case 3: bench.perform(.remove, "low", name)
            case 4: bench.perform(.restore, "low", name)
            case 5: bench.restart()
            default: bench.read(name, .random(in: -10...40, using: &random))
            }
            bench.advance(.random(in: 0...(9 * second), using: &random))
            let wanting = bench.desk.alarms.filter {
                !$0.aside.isAny && ($0.life.level != nil || $0.life.isLatched)
            }
            #expect(bench.isOn("siren") == !wanting.isEmpty, "seed \(seed)")
            let lit = wanting.contains { $0.key.rule == "high" && !$0.life.isAcknowledged }
            #expect(bench.isOn("lamp") == lit, "seed \(seed)")
        }
    }
}
