import Readings
import TestSupport
import Testing

@testable import Alarms

@Suite("A limit that will be reached") struct ForecastTests {
    private func bench(_ forecast: Forecast) -> AlarmBench { AlarmBench([rule("f", .forecast(forecast))]) }

    private func forecast(_ direction: Forecast.Direction = .either) -> Forecast {
        Forecast(limit: 90, within: 4 * 3600 * second, over: 3600 * second, direction: direction)
    }

    /// A line with noise, and one value in twenty-four anywhere: raised when the line itself is four hours from the limit, give or
    /// take what the noise is worth.
    @Test(arguments: 0..<8 as Range<UInt64>) func aLineWithNoise(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let isRising = seed % 2 == 0
        // A unit in ten minutes.
        let slope = (isRising ? 1.0 : -1.0) / 600
        let bench = bench(forecast())
        var value = isRising ? 50.0 : 130.0
        while bench.events.isEmpty {
            bench.advance(30 * second)
            value += slope * 30
            let isWild = Int.random(in: 0..<24, using: &random) == 0
            let noise = Double.random(in: isWild ? -40...40 : -0.3...0.3, using: &random)
            bench.read("a", value + noise)
            try #require(isRising ? value < 90 : value > 90, "seed \(seed)")
        }
        let left = (90 - value) / slope
        #expect((3.3 * 3600...4.6 * 3600).contains(left), "seed \(seed): \(left)")
        let event = bench.events[0]
        #expect(event.message.contains("and reaches 90 in "), "\(event.message)")
    }

    @Test func theMomentIsSaid() {
        let bench = bench(Forecast(limit: 10, within: 3600 * second, over: 600 * second, direction: .falling))
        // 2023-11-14 22:13:20 UTC; the clocks of the bench are two hours ahead.
        #expect(bench.wall == 1_700_000_000_000_000)
        var value = 100.0
        while bench.events.isEmpty, value > 0 {
            bench.advance(10 * second)
            value -= 0.1
            bench.read("a", (value * 10).rounded() / 10)
        }
        // From 100 at a tenth in ten seconds: 10 after 9,000 s, an hour before which is 01:15 by those clocks.
        #expect(bench.wall - 1_700_000_000_000_000 == 5_400_000_000)
        #expect(bench.events[0].message == "a is 46, and reaches 10 in 60 min, about 2023-11-15 02:43")
        #expect(bench.events[0].limit == 10)
    }

    @Test func noiseIsNoTrend() {
        for seed in 0..<12 as Range<UInt64> {
            var random = SeededGenerator(seed: seed)
            let bench = bench(forecast())
            for _ in 0..<3000 {
                bench.advance(20 * second)
                bench.read("a", 88 + Double.random(in: -1.5...1.5, using: &random))
            }
            // By chance, a few in a hundred of its windows of an hour go one way; it is not to be a habit.
            #expect(bench.events.count { $0.change == .raised } <= 4, "seed \(seed)")
        }
    }

    /// What has reached the limit stands until it is back, and further away than it may be.
    @Test func itStandsPastTheLimit() {
        for direction in Forecast.Direction.allCases where direction != .falling {
            let bench = bench(forecast(direction))
            var value = 60.0
            for _ in 0..<600 {
                bench.advance(60 * second)
                value += 0.1
                bench.read("a", value)
            }
            #expect(bench.steps == ["raised 1"], "\(direction)")
            for _ in 0..<200 {
                bench.advance(60 * second)
                bench.read("a", value)
            }
            #expect(bench.steps == ["raised 1"], "\(direction): it is past the limit")
            for _ in 0..<200 {
                bench.advance(60 * second)
                value -= 0.5
                bench.read("a", value)
            }
            #expect(bench.steps == ["raised 1", "cleared 1"], "\(direction)")
        }
    }

    @Test func theOtherWayIsNone() {
        let bench = bench(forecast(.falling))
        for step in 0..<800 {
            bench.advance(60 * second)
            bench.read("a", 91 + Double(step) * 0.1)
        }
        #expect(bench.steps == [])
    }

    /// After a restart it stands until it is known that it need not.
    @Test func aRestart() {
        let bench = bench(forecast(.rising))
        var value = 60.0
        for _ in 0..<300 {
            bench.advance(60 * second)
            value += 0.08
            bench.read("a", value)
        }
        #expect(bench.steps == ["raised 1"])
        bench.restart()
        for _ in 0..<25 {
            bench.advance(60 * second)
            bench.read("a", value)
        }
        #expect(bench.steps == ["raised 1"])
        for _ in 0..<60 {
            bench.advance(60 * second)
            value -= 0.1
            bench.read("a", value)
        }
        #expect(bench.steps == ["raised 1", "cleared 1"])
    }

    @Test func valuesThatNobodyExpects() {
        let bench = bench(forecast())
        for value in [Double.nan, .infinity, -.infinity, 1e308, -1e308, .leastNonzeroMagnitude, 90, -0.0] {
            for _ in 0..<20 {
                bench.advance(200 * second)
                bench.read("a", value)
                bench.read("a", .number(value), .uncertain)
            }
        }
        #expect(bench.events.allSatisfy { !$0.message.isEmpty })
    }

    @Test(arguments: 0..<60 as Range<UInt64>) func theLineIsTheMedianOfAllSlopes(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var trend = RobustTrend(over: 3200)
        var parts: [(moment: Double, value: Double)] = []
        var moment = Int64.random(in: -5000...5000, using: &random)
        var first: Int64?
        let slope = Double.random(in: -1...1, using: &random)
        var current: (part: Int64, values: [(Double, Double)]) = (.min, [])
        for _ in 0..<300 {
            moment += Int64.random(in: 1...60, using: &random)
            let value = slope * Double(moment) + Double.random(in: -20...20, using: &random)
            first = first ?? moment
            let part = (moment - first!) / 100
            if part != current.part, !current.values.isEmpty {
                let count = Double(current.values.count)
                parts.append(
                    (current.values.reduce(0) { $0 + $1.0 } / count, current.values.reduce(0) { $0 + $1.1 } / count))
                current.values = []
            }
            if part != current.part { parts = parts.filter { $0.moment >= Double(moment - 3200) }.suffix(32) }
            current.part = part
            current.values.append((Double(moment), value))
            trend.add(value, at: moment)
        }
        var slopes: [Double] = []
        for late in parts.indices {
            for early in 0..<late {
                slopes.append((parts[late].value - parts[early].value) / (parts[late].moment - parts[early].moment))
            }
        }
        slopes.sort()
        guard let line = trend.line else { return }
        #expect(abs(line.slope - slopes[slopes.count / 2]) < 1e-9, "seed \(seed)")
        let over = parts.count { $0.value > line.value(at: Int64($0.moment)) + abs(slope) + 1e-6 }
        #expect(over <= parts.count / 2 + 1, "seed \(seed)")
    }
}

@Suite("Standard deviations from the mean") struct ZScoreTests {
    @Test(arguments: 0..<10 as Range<UInt64>) func itIsWhatItSays(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let history = ZScoreHistory(ZScore(window: 3200, limit: 2), stood: false)
        let offset = seed % 3 == 0 ? 1e12 : 0
        var all: [(moment: Int64, value: Double)] = []
        var moment = Int64.random(in: -100_000...100_000, using: &random)
        for _ in 0..<2000 {
            moment += Int64.random(in: 0...40, using: &random)
            if Int.random(in: 0..<500, using: &random) == 0 { moment += 5000 }
            let value = offset + Double.random(in: -10...10, using: &random)
            let raised = history.isRaised(by: value, at: moment)
            // Whole parts leave the window, of a hundred each.
            let known = all.filter { $0.moment / 100 >= moment / 100 - 32 }.map(
                \.value)
            defer { all.append((moment, value)) }
            guard known.count >= 30 else {
                #expect(raised == false)
                continue
            }
            let mean = known.reduce(0) { $0 + ($1 - offset) } / Double(known.count)
            let spread = (known.reduce(0) { $0 + ($1 - offset - mean) * ($1 - offset - mean) } / Double(known.count))
                .squareRoot()
            let score = abs(value - offset - mean) / spread
            if abs(score - 2) > 1e-3 { #expect(raised == (score > 2), "seed \(seed)") }
        }
    }

    @Test func whatNeverVariesHasNoSpread() {
        let bench = AlarmBench([rule("z", .zscore(ZScore(window: 3600 * second, limit: 3)))])
        for _ in 0..<100 {
            bench.advance(10 * second)
            bench.read("a", 5)
        }
        bench.read("a", 6)
        #expect(bench.steps == [])
        bench.read("a", 600)
        #expect(bench.steps == ["raised 1"])
        #expect(
            bench.events[0].message.contains("standard deviations from its mean, over 3"), "\(bench.events[0].message)")
    }
}
