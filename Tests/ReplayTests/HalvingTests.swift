import Alarms
import Readings
import Replay
import TestSupport
import Testing

/// What is said of another limit is what comes of it.
@Suite struct HalvingTests {
    private static let start: Int64 = 1_700_000_000_000_000

    /// Quiet, with peaks of all heights and lengths, silences, and rests.
    private static func readings(_ generator: inout SeededGenerator) -> [Past] {
        var readings: [Past] = []
        var time = start
        var (height, left) = (0.0, 0)
        for _ in 0..<2000 {
            time += 1_000_000
            if left == 0, Int.random(in: 0..<40, using: &generator) == 0 {
                left = Int.random(in: 1...20, using: &generator)
                height = Double.random(in: -60...80, using: &generator)
            }
            left = max(0, left - 1)
            let noise = Double.random(in: -1...1, using: &generator)
            if Int.random(in: 0..<100, using: &generator) == 0 {
                time += Int64.random(in: 1...60, using: &generator) * 1_000_000
            }
            readings.append(Past(series: "a", time: time, value: .number((left > 0 ? height : 0) + noise)))
        }
        return readings
    }

    private static let conditions: [AlarmCondition] = [
        .limits(Limits([.init(.warning, above: 10)])),
        .limits(Limits([.init(.warning, above: 10, below: -10), .init(.critical, above: 70)], deadband: 2)),
        .limits(Limits([.init(.critical, below: -5)])), .band(Band(-20...20, isOutside: true)),
        .staleness(Staleness(5 * second)), .unchanged(Unchanged(3 * second, deadband: 1.5)), .change(ChangeLimit(15)),
        .count(CountLimit(above: 10, count: 2, within: 10 * second)), .rate(RateLimit(5)),
        .anomaly(Anomaly(.high, every: 0)), .zscore(ZScore(window: 60 * second, limit: 2)),
        .forecast(Forecast(limit: 30, within: 120 * second, over: 60 * second)),
    ]

    private static func changed(_ rule: AlarmRule, _ setting: Halving.Setting) -> AlarmRule {
        var rule = rule
        switch (setting, rule.condition) {
        case (.limits(let above, let below), .limits(var limits)):
            (limits.limits[0].above, limits.limits[0].below) = (above, below)
            rule.condition = .limits(limits)
        case (.staleAfter(let duration), _): rule.condition = .staleness(Staleness(duration))
        case (.unchangedFor(let duration), .unchanged(var unchanged)):
            unchanged.duration = duration
            rule.condition = .unchanged(unchanged)
        case (.number("change_above", let above), _): rule.condition = .change(ChangeLimit(above))
        case (.number("rate_above", let above), .rate(var rate)):
            rate.number = above
            rule.condition = .rate(rate)
        case (.number("zscore limit", let limit), .zscore(var zscore)):
            zscore.limit = limit
            rule.condition = .zscore(zscore)
        case (.within(let within), .forecast(var forecast)):
            forecast.within = within
            rule.condition = .forecast(forecast)
        case (.sensitivity(let sensitivity), .anomaly(var anomaly)):
            anomaly.sensitivity = sensitivity
            rule.condition = .anomaly(anomaly)
        case (.onDelay(let delay), _), (.badFor(let delay), _): rule.onDelay = delay
        default: Issue.record("\(setting) is none of \(rule.condition)")
        }
        return rule
    }

    @Test(arguments: 0..<8) func aClaimIsTrue(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        let store = try PastStore(Self.readings(&generator))
        var rules = Self.conditions.enumerated().map { number, condition in
            AlarmRule(name: "rule-\(number)", series: SeriesGlob("a"), condition: condition)
        }
        for index in rules.indices {
            rules[index].offDelay = Int64.random(in: 0...1, using: &generator) * second
        }
        rules.append(
            AlarmRule(name: "vote", series: nil, condition: .vote(Vote(.atLeast(1), of: ["rule-0", "rule-3"]))))
        let report = try Replay(rules, over: try store.reader(), in: TimeRange(last: Self.start * 2)).run()
        #expect(report.rules.count { $0.halving != nil } >= 6, "seed \(seed)")
        for (rule, outcome) in zip(rules, report.rules) {
            guard let halving = outcome.halving else { continue }
            #expect(outcome.count >= 4)
            #expect(halving.count * 2 <= outcome.count, "seed \(seed), \(rule.name)")
            let others = rules.filter { $0.name != rule.name }
            let again = try Replay(
                others + [Self.changed(rule, halving.setting)], over: try store.reader(),
                in: TimeRange(last: Self.start * 2)
            ).run()
            #expect(again.rules.last?.count == halving.count, "seed \(seed), \(rule.name): \(halving)")
        }
    }

    @Test func fewAreNoBasis() throws {
        let readings = (0..<6).map {
            Past(series: "a", time: Self.start + Int64($0) * 120_000_000, value: .number($0 % 2 == 0 ? 0 : 20))
        }
        let rule = AlarmRule(
            name: "r", series: SeriesGlob("a"), condition: .limits(Limits([.init(.warning, above: 10)])))
        let store = try PastStore(readings)
        let report = try Replay([rule], over: try store.reader(), in: TimeRange(last: readings[5].time)).run()
        #expect(report.rules[0].count == 3 && report.rules[0].halving == nil)
        let alarm = try #require(report.rules[0].alarms.first)
        #expect(alarm.stands && alarm.longest == 120_000_000 && alarm.total == 240_000_000)
        #expect(alarm.episodes.map(\.ended) == [readings[2].time, readings[4].time, nil])
    }
}
