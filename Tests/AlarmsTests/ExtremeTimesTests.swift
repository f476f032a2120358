import Readings
import TestSupport
import Testing

@testable import Alarms

/// Whatever a device takes for the time, nothing ends because of it.
@Suite struct ExtremeTimesTests {
    private static let rules = [
        rule("high", above(10)) { $0.onDelay = second },
        rule("rate", .rate(RateLimit(1, window: 5 * second))),
        rule("stuck", .unchanged(Unchanged(5 * second))),
        rule("count", .count(CountLimit(above: 10, count: 3, within: 5 * second))),
        rule("stale", .staleness(Staleness(100 * second))),
        rule("apart", .deviation(Deviation(from: SeriesName("b")!, above: 3))) {
            $0.enabledWhen = EnabledWhen(SeriesName("c")!, .above(0))
        },
    ]

    private static let times: [Int64] = [
        .min, .min + 1, .min + 2_000_000_000, .min / 2, -62_135_596_800_000_000, -1, 0, 1, 1_700_000_000_000_000,
        1_700_000_000_000_000_000, .max / 2, .max - 1, .max,
    ]

    /// The zero of Go's time is the first day of the year 1.
    @Test(arguments: times) func oneReading(time: Int64) {
        let bench = AlarmBench(Self.rules)
        for name in ["a", "b", "c"] { bench.read(name, 20, time: time) }
        bench.advance(10 * second)
        for name in ["a", "b", "c"] { bench.read(name, 20, time: bench.wall) }
        bench.advance(10 * second)
    }

    @Test func anyOrder() {
        for first in Self.times {
            for then in Self.times {
                let bench = AlarmBench(Self.rules)
                for (index, time) in [first, then, first, then, .min &+ bench.now / 1000, .max].enumerated() {
                    for name in ["a", "b", "c"] { bench.read(name, Double(index * 20 % 50), time: time) }
                    bench.advance(70 * second)
                }
            }
        }
    }

    @Test(arguments: 0..<8) func atRandom(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let bench = AlarmBench(Self.rules)
        for _ in 0..<2000 {
            let time = Self.times.randomElement(using: &random)! &+ .random(in: -1_000_000...1_000_000, using: &random)
            bench.read(
                ["a", "b", "c"].randomElement(using: &random)!, .random(in: 0...30, using: &random), time: time,
                share: .random(in: 0...1, using: &random))
            if Int.random(in: 0..<10, using: &random) == 0 {
                bench.advance(.random(in: 0...(70 * second), using: &random))
            }
        }
    }

    @Test func shelvedForEver() {
        let bench = AlarmBench([rule("high", above(10))])
        bench.read("a", 20)
        #expect(bench.perform(.shelve(.max), "high"))
        #expect(bench.state("high", "a") == .shelved)
        #expect(bench.perform(.shelve(.min), "high"))
        bench.advance(second)
        #expect(bench.state("high", "a") == .unacknowledged)
    }
}
