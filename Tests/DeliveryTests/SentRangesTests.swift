import TestSupport
import Testing

@testable import Delivery

@Suite struct SentRangesTests {
    /// A set of numbers, and all that is asked of it answered by going through them.
    @Test(arguments: 0..<200 as Range<UInt64>) func asASet(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let first = Int64.random(in: -5...5, using: &random)
        var ranges = SentRanges(lowestMissing: first)
        var known = Set(-20..<first)
        for _ in 0..<60 {
            let start = Int64.random(in: -10...90, using: &random)
            let new = start..<start + .random(in: 0...8, using: &random)
            #expect(ranges.insert(new) == nil)
            known.formUnion(new)
            let lowest = (first...200).first { !known.contains($0) }
            #expect(ranges.lowestMissing == lowest, "seed \(seed)")
            // In order, apart, none empty.
            var before = ranges.lowestMissing
            for range in ranges.ranges {
                #expect(range.lowerBound > before && !range.isEmpty, "seed \(seed)")
                before = range.upperBound
            }
            let from = Int64.random(in: -15...90, using: &random)
            let asked = from..<from + .random(in: 0...30, using: &random)
            #expect(ranges.count(in: asked) == asked.count { known.contains($0) }, "seed \(seed)")
            let missing = asked.filter { !known.contains($0) }
            let firstGap = missing.first.map { first in
                first..<(first...).first { $0 == asked.upperBound || known.contains($0) }!
            }
            #expect(ranges.firstGap(in: asked) == firstGap, "seed \(seed), \(asked), \(ranges)")
            let lastGap = missing.last.map { last in
                (stride(from: last, through: -20, by: -1).first { $0 < asked.lowerBound || known.contains($0) }! + 1)..<last
                    + 1
            }
            #expect(ranges.lastGap(in: asked) == lastGap, "seed \(seed), \(asked), \(ranges)")
        }
    }

    @Test func theShortestIsForgottenAtTheLimit() {
        var ranges = SentRanges(lowestMissing: 0)
        for number in 1...Int64(SentRanges.most) {
            #expect(ranges.insert(number * 10..<number * 10 + (number == 7 ? 2 : 5)) == nil)
        }
        #expect(ranges.insert(10_000..<10_009) == 70..<72)
        #expect(ranges.ranges.count == SentRanges.most)
        #expect(ranges.firstGap(in: 66..<90) == 66..<80)
        // Also where it is the one that has just come.
        #expect(ranges.insert(20_000..<20_001) == 20_000..<20_001)
        // What closes a gap needs no room.
        #expect(ranges.insert(0..<10_000) == nil)
        #expect(ranges.lowestMissing == 10_009)
        #expect(ranges.ranges == [])
    }

    @Test func theEnds() {
        var ranges = SentRanges(lowestMissing: 5)
        ranges.insert(Int64.min..<Int64.max)
        #expect(ranges.lowestMissing == .max)
        #expect(ranges.firstGap(in: 0..<10) == nil)
        #expect(ranges.lastGap(in: 0..<10) == nil)
        #expect(SentRanges(lowestMissing: .min).count(in: 0..<10) == 0)
    }
}
