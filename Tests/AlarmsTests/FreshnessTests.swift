import TestSupport
import Testing

@testable import Alarms

private let micros: Int64 = 1_000_000

/// A series whose device has a clock of its own, and what is made of its readings.
private struct Stream {
    static let maxAge = 60 * micros
    var freshness: Freshness
    var verdicts: [(now: Int64, verdict: Freshness.Verdict)] = []

    /// `error`: of the clock of the gateway when the series comes.
    init(now: Int64 = 1000 * micros, error: Int64 = 0) {
        freshness = Freshness(now: now, wall: now + Self.epoch + error)
    }

    static let epoch: Int64 = 1_700_000_000 * micros

    mutating func take(_ time: Int64, now: Int64) {
        verdicts.append((now, freshness.judge(time: time + Self.epoch, now: now, maxAge: Self.maxAge)))
    }

    /// The longest time for which readings came, and none of them was of the present.
    var longestDarkness: Int64 {
        var (longest, since) = (Int64(0), Int64?.none)
        for (now, verdict) in verdicts {
            if case .present = verdict { since = nil } else { since = since ?? now }
            longest = max(longest, now - (since ?? now))
        }
        return longest
    }

    var presents: Int {
        verdicts.count { if case .present = $0.verdict { true } else { false } }
    }
}

@Suite struct FreshnessTests {
    private static let offsets: [Int64] = [0, 1, 30, 59, 61, 3600, 86_400 * 365].flatMap { [$0, -$0] }

    /// A clock that is wrong by a fixed time, whatever the gateway took for the time when it began.
    @Test(arguments: offsets) func aWrongClock(error: Int64) {
        for gatewayError in Self.offsets {
            var stream = Stream(error: gatewayError * micros)
            for step in 0..<1000 {
                let now = (1000 + Int64(step)) * micros
                stream.take(now + error * micros, now: now)
            }
            #expect(stream.longestDarkness <= Stream.maxAge + micros, "\(gatewayError)")
        }
    }

    @Test(arguments: [40e-6, 1e-3, 1e-2, -40e-6, -1e-3, -1e-2]) func aClockThatDrifts(drift: Double) {
        for period in [1, 10, 60, 600] as [Int64] {
            var stream = Stream()
            for step in 0..<Int64(20_000) {
                let age = step * period * micros
                stream.take(1000 * micros + age + Int64(Double(age) * drift), now: 1000 * micros + age)
            }
            #expect(stream.longestDarkness <= max(Stream.maxAge, period * micros) + micros, "every \(period) s")
        }
    }

    /// By an hour, as those do that know no summer; with several readings in each of its seconds, and some of them twice.
    @Test(arguments: [-3600, 3600, -120, 120, -61, 86_400 * 3650, -86_400 * 3650]) func aClockThatIsSet(step: Int64) {
        for readingsInASecond in [1, 3] as [Int64] {
            var stream = Stream()
            for number in 0..<3000 {
                let now = 1000 * micros + Int64(number) * micros / readingsInASecond
                let shift = number < 1500 ? 0 : step * micros
                stream.take((now + shift) / micros * micros, now: now)
                if number % 7 == 0 { stream.take((now + shift) / micros * micros, now: now + 1000) }
            }
            // Twice where it comes to be just older than the newest, and then older than readings may be.
            #expect(stream.longestDarkness <= 2 * Stream.maxAge + 2 * micros, "\(readingsInASecond) a second")
        }
    }

    /// In order, but up to half a minute late.
    @Test(arguments: [0, 3600, -3600] as [Int64], 0..<20 as Range<UInt64>) func jitter(error: Int64, seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var stream = Stream()
        var now = 1000 * micros
        for step in 0..<3000 {
            let time = (1000 + Int64(step)) * micros
            now = max(now + 1, time + .random(in: 0...(30 * micros), using: &random))
            stream.take(time - error * micros, now: now)
        }
        #expect(stream.longestDarkness <= 2 * Stream.maxAge + 30 * micros, "seed \(seed)")
    }

    /// Hours, at so many times the speed at which they were made; the last reading of them is of the present.
    @Test(arguments: [10_000, 60, 10, 2, 1.2, 1.1]) func aBacklog(speed: Double) {
        for period in [1, 10, 60] as [Int64] {
            var stream = Stream()
            stream.take(1000 * micros, now: 1000 * micros)
            var time: Int64 = 1000 * micros
            let start: Int64 = (1000 + 4 * 3600) * micros
            var now = start
            while now - time > Stream.maxAge + micros {
                time += period * micros
                now += Int64(Double(period * micros) / speed)
                if now - time > Stream.maxAge { stream.take(time, now: now) }
            }
            #expect(stream.presents == 1, "every \(period) s")
            stream.take(now, now: now)
            #expect(stream.presents == 2)
        }
    }

    /// The edge: at a twentieth more than the speed at which it was made, and the second that a delay may vary by.
    @Test func aBacklogThatIsHardlyCaughtUpWith() {
        func presents(_ speed: Double) -> Int {
            var stream = Stream()
            stream.take(1000 * micros, now: 1000 * micros)
            for step in 1..<Int64(1000) {
                stream.take(
                    1000 * micros + step * micros, now: 15_400 * micros + Int64(Double(step * micros) / speed))
            }
            return stream.presents
        }
        #expect(presents(1.08) == 1)
        #expect(presents(1.04) > 1)
    }

    /// The connection ends every few seconds, and what has not been acknowledged comes again.
    @Test(arguments: 0..<20 as Range<UInt64>) func aConnectionThatComesAndGoes(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var stream = Stream()
        stream.take(1000 * micros, now: 1000 * micros)
        var acknowledged: Int64 = 1000
        var now: Int64 = (1000 + 4 * 3600) * micros
        while now / micros - acknowledged > 300 {
            // A burst, of which only a part is known to have come.
            let length = Int64.random(in: 50...2000, using: &random)
            for step in 1...length where now - (acknowledged + step) * micros > Stream.maxAge {
                now += 10_000
                stream.take((acknowledged + step) * micros, now: now)
            }
            acknowledged = min(acknowledged + .random(in: length / 2...length, using: &random), now / micros - 60)
            now += .random(in: 0...(20 * micros), using: &random)
        }
        #expect(stream.presents == 1, "seed \(seed)")
    }

    /// It stands still for longer than readings of the present may be old, and goes on.
    @Test(arguments: [61, 70, 119, 121, 300] as [Int64]) func aBacklogWithAPause(pause: Int64) {
        var stream = Stream()
        stream.take(1000 * micros, now: 1000 * micros)
        var now: Int64 = 15_400 * micros
        for step in 1..<Int64(10_000) {
            now += step % 1000 == 0 ? pause * micros : 10_000
            stream.take((1000 + step) * micros, now: now)
        }
        #expect(stream.presents == 1)
    }

    @Test func whatComesAgainIsOld() {
        var stream = Stream()
        for step in 0..<Int64(100) { stream.take((1000 + step) * micros, now: (1000 + step) * micros) }
        let before = stream.presents
        for round in 0..<Int64(50) {
            for step in 0..<Int64(100) {
                stream.take((1000 + step) * micros, now: (1100 + round * 10) * micros + step * 100_000)
            }
        }
        #expect(stream.presents == before)
    }

    /// Between moments is what is between the times of the device, whatever the way took: rates need that.
    @Test(arguments: 0..<10 as Range<UInt64>) func momentsAreEven(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var stream = Stream()
        var now: Int64 = 0
        for step in 0..<Int64(2000) {
            let time = (1000 + step) * micros
            now = max(now + 1, time + .random(in: 0...(5 * micros), using: &random))
            stream.take(time + 7 * micros, now: now)
        }
        let moments = stream.verdicts.compactMap { step -> Int64? in
            if case .present(let moment) = step.verdict { moment } else { nil }
        }
        #expect(moments.count == 2000)
        #expect(zip(moments, moments.dropFirst()).allSatisfy { $1 - $0 == micros })
    }
}
