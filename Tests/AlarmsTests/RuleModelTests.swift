import Readings
import TestSupport
import Testing

@testable import Alarms

/// A rule on one series, too slow and too plain to be wrong: it keeps all readings and begins anew with each.
private struct SlowRule {
    let rule: AlarmRule
    /// In nanoseconds, in order.
    var readings: [(time: Int64, value: Value, quality: Quality)] = []

    private func isBad(_ value: Value, _ quality: Quality) -> Bool {
        if ![.good, .uncertain, .substituted].contains(quality) { return true }
        switch value {
        case .number(let number): return number.isNaN
        case .text: return false
        case .absent: return true
        }
    }

    private func number(_ index: Int) -> Double? {
        guard !isBad(readings[index].value, readings[index].quality), case .number(let number) = readings[index].value
        else { return nil }
        return number
    }

    /// What the condition says now.
    var raw: UInt8 = 0

    mutating func take(_ time: Int64, _ value: Value, _ quality: Quality) {
        readings.append((time, value, quality))
        raw = raw(readings.count - 1, raw)
    }

    private func raw(_ index: Int, _ before: UInt8) -> UInt8 {
        let (_, value, quality) = readings[index]
        let lowest = rule.condition.lowestLevel.rawValue
        let isBad = isBad(value, quality)
        if case .badQuality = rule.condition { return isBad ? lowest : 0 }
        if !isBad {
            if case .equality(let equality) = rule.condition {
                return equality.values.contains { same($0, value) } != equality.isNegated ? lowest : 0
            }
            if case .unchanged(let unchanged) = rule.condition { return isStuck(index, unchanged) ? lowest : 0 }
        }
        guard let number = number(index) else {
            switch rule.whenBad {
            case .hold: return before
            case .alarm: return max(before, lowest)
            case .clear: return 0
            }
        }
        switch rule.condition {
        case .limits(let limits):
            return limits.limits.filter { limit in
                let margin = before >= limit.level.rawValue ? limits.deadband : 0
                return limit.above.map { number > $0 - margin } ?? false
                    || limit.below.map { number < $0 + margin } ?? false
            }.map(\.level.rawValue).max() ?? 0
        case .band(let band):
            let margin = before > 0 ? band.deadband : 0
            let (low, high) = (band.range.lowerBound, band.range.upperBound)
            if band.isOutside { return number >= low + margin && number <= high - margin ? 0 : lowest }
            return number >= low - margin && number <= high + margin ? lowest : 0
        case .rate(let rate): return isFast(index, rate, before > 0) ?? (before > 0) ? lowest : 0
        case .change(let change):
            let last = (0..<index).last { self.number($0) != nil }
            return last.map { abs(number - self.number($0)!) > change.above } ?? false ? lowest : 0
        case .count(let count):
            let recent = readings.indices.filter {
                $0 <= index && readings[$0].time >= readings[index].time - count.window
            }
            let counted = recent.compactMap(self.number).filter { value in
                count.above.map { value > $0 } ?? false || count.below.map { value < $0 } ?? false
            }
            return counted.count >= count.count ? lowest : 0
        default: return 0
        }
    }

    private func same(_ left: Value, _ right: Value) -> Bool {
        if case .number(let a) = left, case .number(let b) = right { return a == b }
        return left == right
    }

    /// Back to the first of the run of values that are no news.
    private func isStuck(_ index: Int, _ rule: Unchanged) -> Bool {
        var reference: (value: Value, time: Int64)?
        for reading in readings[...index] where !isBad(reading.value, reading.quality) {
            guard let known = reference else {
                reference = (reading.value, reading.time)
                continue
            }
            let isNear: Bool
            if case .number(let a) = known.value, case .number(let b) = reading.value {
                isNear = a == b || abs(a - b) <= rule.deadband
            } else {
                isNear = known.value == reading.value
            }
            if !isNear { reference = (reading.value, reading.time) }
        }
        return readings[index].time - reference!.time >= rule.duration
    }

    private func isFast(_ index: Int, _ rate: RateLimit, _ stands: Bool) -> Bool? {
        let numbers = (0..<index).filter { number($0) != nil }
        let now = readings[index].time
        let limit = rate.number - (stands ? rate.deadband : 0)
        let oldest: Int
        let span: Int64
        if rate.window == 0 {
            guard let last = numbers.last else { return false }
            guard readings[last].time < now else { return nil }
            (oldest, span) = (last, now - readings[last].time)
        } else {
            guard let first = numbers.first(where: { readings[$0].time >= now - rate.window }) else { return false }
            (oldest, span) = (first, rate.window)
        }
        return abs(number(index)! - number(oldest)!) / (Double(span) / 1e9) * rate.unit.seconds > limit
    }
}

@Suite struct RuleModelTests {
    private static let kinds: [AlarmCondition] = [
        .limits(Limits([.init(.warning, above: 10, below: -10)], deadband: 2)),
        .limits(
            Limits(
                [.init(.warning, above: 5), .init(.critical, above: 10, below: -10), .init(.emergency, above: 14)],
                deadband: 3)),
        .limits(Limits([.init(.warning, above: 5), .init(.emergency, below: -12)])),
        .band(Band(-5...5, isOutside: true, deadband: 1)), .band(Band(2...8, isOutside: false, deadband: 1)),
        .equality(Equality([.number(0), .text("FAULT")])),
        .equality(Equality([.number(3), .text("RUN")], isNegated: true, level: .critical)),
        .rate(RateLimit(4, deadband: 1)), .rate(RateLimit(90, per: .minute, window: 5 * second, deadband: 10)),
        .change(ChangeLimit(9)), .unchanged(Unchanged(3 * second)), .unchanged(Unchanged(4 * second, deadband: 2)),
        .badQuality(BadQuality(level: .emergency)), .count(CountLimit(above: 6, count: 3, within: 6 * second)),
        .count(CountLimit(below: -6, count: 2, within: 3 * second)),
    ]

    private static func value(_ random: inout SeededGenerator, _ walk: inout Double) -> (Value, Quality) {
        walk = max(-16, min(16, (walk + .random(in: -6...6, using: &random)).rounded()))
        switch Int.random(in: 0..<40, using: &random) {
        case 0: return (.number(.nan), .good)
        case 1: return (.number(.infinity), .good)
        case 2: return (.number(-.infinity), .uncertain)
        case 3: return (.number(-0.0), .good)
        case 4: return (.text("FAULT"), .good)
        case 5: return (.text("RUN"), .good)
        case 6: return (.absent, .communicationError)
        case 7: return (.number(walk), .outOfRange)
        case 8: return (.absent, .good)
        default: return (.number(walk), .substituted)
        }
    }

    /// What the condition says, for readings with times of their own that come late, twice and in any order.
    @Test(arguments: 0..<15, 0..<30 as Range<UInt64>) func conditions(kind: Int, seed: UInt64) {
        var random = SeededGenerator(seed: seed &* 977 &+ UInt64(kind))
        var rule = rule("r", Self.kinds[kind])
        rule.whenBad = AlarmRule.WhenBad.allCases.randomElement(using: &random)!
        let bench = AlarmBench([rule])
        var slow = SlowRule(rule: rule)
        var (walk, newest) = (0.0, Int64.min)
        for step in 0..<100 {
            let (value, quality) = Self.value(&random, &walk)
            bench.advance([0, 100, 500, 1000, 1000, 1000, 4000].randomElement(using: &random)! * millisecond)
            let age = [0, 0, 0, 0, 0, 500_000, 2_000_000].randomElement(using: &random)! as Int64
            let time = bench.wall - age
            bench.read("a", value, quality, time: time)
            guard time > newest else { continue }
            newest = time
            slow.take(time * 1000, value, quality)
            let raw = bench.desk.alarms.first?.condition.raw ?? 0
            #expect(raw == slow.raw, "kind \(kind), seed \(seed), step \(step), \(rule.whenBad)")
            guard raw == slow.raw else { return }
        }
    }

    /// All the way to the events, with delays, and with restarts where nothing has to be remembered. Slow enough for
    /// nothing to chatter.
    @Test(arguments: 0..<15, 0..<15 as Range<UInt64>) func events(kind: Int, seed: UInt64) {
        var random = SeededGenerator(seed: seed &* 571 &+ UInt64(kind))
        let tick = 16 * second
        var rule = rule("r", Self.kinds[kind])
        rule.whenBad = AlarmRule.WhenBad.allCases.randomElement(using: &random)!
        let (on, off) = (Int.random(in: 0...4, using: &random), Int.random(in: 0...4, using: &random))
        (rule.onDelay, rule.offDelay) = (Int64(on) * tick, Int64(off) * tick)
        let bench = AlarmBench([rule])
        var slow = SlowRule(rule: rule)
        var delayed = SlowDelayedLevel(onDelay: on, offDelay: off)
        let restarts = [0, 1, 2, 3, 4, 5, 6, 12].contains(kind)
        var walk = 0.0
        for _ in 0..<120 {
            bench.advance(tick)
            if restarts, Int.random(in: 0..<20, using: &random) == 0 {
                bench.restart(after: tick)
                delayed.pass(slow.raw)
                let standing = delayed.standing.last ?? 0
                delayed.begin(standing)
                slow.raw = standing
                bench.advance(tick)
                delayed.pass(standing)
            }
            if Bool.random(using: &random) {
                let (value, quality) = Self.value(&random, &walk)
                bench.read("a", value, quality)
                slow.take(bench.wall * 1000, value, quality)
            }
            delayed.pass(slow.raw)
        }
        var expected: [String] = []
        var before: UInt8 = 0
        for level in delayed.all where level != before {
            let change = before == 0 ? "raised" : level == 0 ? "cleared" : "level"
            expected.append("\(change) \((level == 0 ? before : level) - 1)")
            before = level
        }
        #expect(bench.steps == expected, "kind \(kind), seed \(seed), \(rule.whenBad), delays \(on) \(off)")
    }
}
