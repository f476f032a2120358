import Alarms
import Readings
import Replay
import TestSupport
import Testing

/// A replay says what a gateway would have said that had been told the same.
@Suite struct LikeLiveTests {
    private static let start: Int64 = 1_700_000_000_000_000
    private static let names = ["a", "b", "b/c", "d", "e"]

    private static func readings(_ count: Int, _ generator: inout SeededGenerator) -> [Past] {
        var readings: [Past] = []
        var levels: [String: Double] = [:]
        var times: [String: Int64] = [:]
        var time = start
        for _ in 0..<count {
            time += Int64.random(in: 0...3, using: &generator) * 400_000
            // Some come later than the others.
            let name = names[Int.random(in: 0..<min(names.count, 1 + readings.count / 20), using: &generator)]
            guard times[name].map({ $0 < time }) ?? true else { continue }
            times[name] = time
            let value = min(20, max(0, (levels[name] ?? 10) + Double(Int.random(in: -3...3, using: &generator))))
            levels[name] = value
            var reading = Past(series: name, time: time, value: .number(value))
            switch Int.random(in: 0..<30, using: &generator) {
            case 0: (reading.value, reading.quality) = (.absent, .communicationError)
            case 1: reading.value = .text("FAULT")
            case 2: reading.value = .number(.nan)
            case 3: reading.quality = .stale
            case 4: time += 20_000_000
            default: break
            }
            readings.append(reading)
        }
        return readings
    }

    private static func conditions(_ generator: inout SeededGenerator) -> [AlarmCondition] {
        let limit = Double(Int.random(in: 8...16, using: &generator))
        let deadband = Double(Int.random(in: 0...3, using: &generator))
        let time = Int64.random(in: 1...15, using: &generator) * second
        let from = SeriesName(names.randomElement(using: &generator)!)!
        return [
            .limits(Limits([.init(.warning, above: limit)], deadband: deadband)),
            .limits(
                Limits(
                    [.init(.warning, above: limit, below: 3), .init(.emergency, above: limit + 2)], deadband: deadband)),
            .band(Band(5...limit, isOutside: Bool.random(using: &generator), deadband: deadband)),
            .equality(
                Equality([.number(limit), .text("FAULT")], isNegated: Int.random(in: 0...3, using: &generator) == 0)),
            .rate(RateLimit(1, window: Int64.random(in: 0...1, using: &generator) * time)), .change(ChangeLimit(2)),
            .unchanged(Unchanged(time, deadband: 1)), .staleness(Staleness(time)), .badQuality(BadQuality()),
            .deviation(Deviation(from: from, above: 5, deadband: deadband)),
            .count(CountLimit(above: limit, count: 3, within: time)),
        ]
    }

    private static func rules(_ generator: inout SeededGenerator) -> [AlarmRule] {
        var rules: [AlarmRule] = []
        for number in 0..<Int.random(in: 1...8, using: &generator) {
            let glob = ["**", "a", "b/**", "?", "d", "not-there"].randomElement(using: &generator)!
            var rule = AlarmRule(
                name: "rule-\(number)", series: SeriesGlob(glob),
                condition: conditions(&generator).randomElement(using: &generator)!)
            let delays: [Int64] = [0, 0, second, 1_500_000_000, 4 * second]
            rule.onDelay = delays.randomElement(using: &generator)!
            rule.offDelay = delays.randomElement(using: &generator)!
            rule.isLatching = Int.random(in: 0...3, using: &generator) == 0
            rule.whenBad = AlarmRule.WhenBad.allCases.randomElement(using: &generator)!
            if Int.random(in: 0...3, using: &generator) == 0 {
                rule.enabledWhen = EnabledWhen(SeriesName("d")!, .above(9))
            }
            rules.append(rule)
        }
        let kinds: [Vote.Kind] = [.all, .none, .atLeast(1), .atLeast(2)]
        let voted = rules.shuffled(using: &generator).prefix(2).map(\.name)
        let vote = Vote(kinds.randomElement(using: &generator)!, of: voted)
        rules.append(AlarmRule(name: "vote", series: nil, condition: .vote(vote)))
        return rules
    }

    @Test(arguments: 0..<60) func theSameEventsAsLive(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        let readings = Self.readings(Int.random(in: 1...600, using: &generator), &generator)
        let rules = Self.rules(&generator)
        let end = readings.last!.time + 30_000_000
        // From somewhere in the middle, or all.
        let first = Bool.random(using: &generator) ? .min : readings.randomElement(using: &generator)!.time
        let store = try PastStore(readings, sealed: Double.random(in: 0...1, using: &generator))
        let watched = readings.filter { reading in
            rules.contains { rule in
                rule.series?.matches(SeriesName(reading.series)!) ?? false
                    || rule.otherSeries.contains(SeriesName(reading.series)!)
            }
        }
        let told = watched.filter { $0.time >= first }
        let before = Set(watched.filter { $0.time < first }.map(\.series))
        let begin = before.isEmpty ? told.first?.time ?? end : first
        let live = LiveAlarms(rules, known: before.sorted(), at: begin)
        for reading in told.sorted(by: { ($0.time, $0.series) < ($1.time, $1.series) }) { live.read(reading) }
        live.wait(until: end)
        for slice in seed % 6 == 0 ? [1, 7, 100, 1_000_000] : [50, 1_000_000] {
            var events: [AlarmEvent] = []
            let replay = Replay(
                rules, over: try store.reader(), in: TimeRange(first: first, last: end), sliceReadings: slice)
            let report = try replay.run { events.append($0) }
            #expect(events.map(Self.step) == live.events.map(Self.step), "seed \(seed), slices of \(slice)")
            #expect(events == live.events, "seed \(seed), slices of \(slice)")
            #expect(report.readings == told.count, "seed \(seed)")
            #expect(report.rules.reduce(0) { $0 + $1.count } == live.events.count { $0.change == .raised })
        }
    }

    private static func step(_ event: AlarmEvent) -> String {
        "\(event.change) \(event.level) \(event.key.rule) \(event.key.series) \(event.decided)"
    }
}
