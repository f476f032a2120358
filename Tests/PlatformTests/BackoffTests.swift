import Platform
import TestSupport
import Testing

@Suite struct BackoffTests {
    /// Between half a step and all of it; each step twice the last, up to the longest.
    @Test func pausesGrowWithinTheirBounds() {
        for _ in 0..<200 {
            let seed = UInt64.random(in: 0 ... .max)
            var generator = SeededGenerator(seed: seed)
            let first = Duration.microseconds(Int64.random(in: 1...5_000_000, using: &generator))
            let longest = first * Int.random(in: 1...100, using: &generator)
            var backoff = Backoff(first: first, longest: longest)
            for _ in 0..<2 {
                var step = first
                for attempt in 0..<12 {
                    let pause = backoff.pause(using: &generator)
                    #expect(pause >= step / 2 - .nanoseconds(1), "seed \(seed), attempt \(attempt)")
                    #expect(pause <= step, "seed \(seed), attempt \(attempt)")
                    step = min(step * 2, longest)
                }
                backoff.reset()
            }
        }
    }

    @Test func aFleetDoesNotComeBackInStep() {
        var generator = SeededGenerator(seed: 3)
        let pauses = (0..<100).map { _ in
            var backoff = Backoff()
            return backoff.pause(using: &generator)
        }
        #expect(Set(pauses).count > 90)
        #expect(pauses.min()! < .milliseconds(300))
        #expect(pauses.max()! > .milliseconds(450))
    }

    @Test func noPauseIsLongerThanTheLongestNotEvenTheFirst() {
        var generator = SeededGenerator(seed: 4)
        var backoff = Backoff(first: .seconds(60), longest: .seconds(1))
        for _ in 0..<20 { #expect(backoff.pause(using: &generator) <= .seconds(1)) }
    }
}
