import TestSupport
import Testing

@testable import Delivery

private let second: Int64 = 1_000_000_000

@Suite struct RetryPauseTests {
    @Test(arguments: 0..<50 as Range<UInt64>) func anythingUpToALimitThatDoubles(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let first = Int64.random(in: 1...10 * second, using: &random)
        let longest = Int64.random(in: first...1000 * second, using: &random)
        var retry = RetryPause(first: .nanoseconds(first), longest: .nanoseconds(longest))
        for _ in 0..<2 {
            var limit = first
            for _ in 0..<100 {
                #expect((0...limit).contains(retry.next(using: &random)), "seed \(seed)")
                limit = min(limit * 2, longest)
            }
            retry.reset()
        }
    }

    /// All of it: a fleet is spread from at once to the limit.
    @Test func allOfItIsUsed() {
        var random = SeededGenerator(seed: 7)
        var counts = [Int](repeating: 0, count: 10)
        for _ in 0..<10_000 {
            var retry = RetryPause(first: .seconds(1), longest: .seconds(10))
            for _ in 0..<5 { _ = retry.next(using: &random) }
            counts[Int(min(9, retry.next(using: &random) / second))] += 1
        }
        #expect(counts.allSatisfy { (900...1100).contains($0) }, "seed 7: \(counts)")
    }

    @Test func whatIsAskedComesBefore() {
        var random = SeededGenerator(seed: 8)
        for (asked, heeded) in [(-5, 0), (0, 0), (90 * second, 90 * second), (.max, 86_400 * second)] {
            var retry = RetryPause()
            #expect((heeded...heeded + 4 * second).contains(retry.next(asked: asked, using: &random)), "seed 8")
        }
    }

    @Test func settingsThatMakeNoSense() {
        var random = SeededGenerator(seed: 9)
        var retry = RetryPause(first: .seconds(-5), longest: .seconds(-10))
        for _ in 0..<100 { #expect((0...1).contains(retry.next(using: &random))) }
        retry = RetryPause(first: .seconds(Int64.max), longest: .seconds(Int64.max))
        for _ in 0..<100 { #expect(retry.next(using: &random) >= 0) }
    }
}
