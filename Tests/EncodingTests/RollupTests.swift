import Readings
import TestSupport
import Testing

@testable import Encoding

private let widths = [4096, second, minute, hour, 1 << 50]

@Suite struct RollupBuilderTests {
    @Test(arguments: TimeShape.allCases, ValueShape.allCases)
    func everyShapeIsRolledUp(times: TimeShape, values: ValueShape) {
        for qualities in QualityShape.allCases {
            let batch = ReadingBatch.chunk(1000, times, values, qualities, seed: 1)
            for width in widths {
                let rollups = [Rollup](batch, width: width)
                let plain = [Rollup](plainly: batch, width: width)
                #expect(rollups.count == plain.count)
                for (rollup, plain) in zip(rollups, plain) {
                    guard rollup.isAlike(plain), rollup.lead == plain.lead, rollup.isWithinLimits else {
                        Issue.record("\(width) us: \(rollup) instead of \(plain)")
                        return
                    }
                }
            }
        }
    }

    @Test func batchesInSequenceGiveTheSameAsOne() {
        let batch = ReadingBatch.chunk(1000, .phases, .mixed, .changing, seed: 1)
        var builder = RollupBuilder(width: minute)
        for start in stride(from: 0, to: batch.count, by: 7) {
            builder.add(batch, start..<min(start + 7, batch.count))
        }
        #expect(builder.rollups.count == [Rollup](batch, width: minute).count - 1)
        builder.finish()
        #expect(builder.rollups == [Rollup](batch, width: minute))
    }

    @Test func nothingGivesNothing() {
        var builder = RollupBuilder(width: minute)
        builder.add(ReadingBatch(), 0..<0)
        builder.finish()
        #expect(builder.rollups.isEmpty)
    }

    @Test func bucketsBeginAtMultiplesOfTheWidthBefore1970Too() {
        let starts = [-minute - 1, -minute, -1, 0, 1, minute - 1, minute].map {
            Bucket(around: $0, width: minute).start
        }
        #expect(starts == [-2 * minute, -minute, -minute, 0, 0, 0, minute])
    }

    @Test(arguments: widths)
    func theEndsOfTimeHaveBuckets(width: Int64) {
        let batch = ReadingBatch(times: [.min, .min + 1, 0, .max - 1, .max], numbers: [1, 3, 0, 5, 7])
        let rollups = [Rollup](batch, width: width)
        #expect(rollups.map(\.count) == [2, 1, 2])
        for rollup in rollups { #expect(rollup.start % width == 0 && rollup.isWithinLimits) }
        #expect(rollups[0].start == .min / width * width)
    }

    @Test func anAverageStandsForTime() throws {
        // From the 6th second: 10 for 24 s, 20 for 24 s, 40 for 6 s.
        let batch = ReadingBatch(times: [6, 30, 54].map { $0 * second }, numbers: [10, 20, 40])
        let rollup = try #require([Rollup](batch, width: minute).first)
        #expect(rollup.lead == 409)
        #expect(rollup.mean == 70.0 / 3)
        let average = try #require(rollup.timeWeightedAverage)
        #expect((average - (240 + 480 + 240) / 54).magnitude <= 30.0 / 4096 / 2)
    }

    @Test func extremesGiveNoInfiniteAverage() throws {
        let greatest = Double.greatestFiniteMagnitude
        for numbers in [[greatest, greatest], [-greatest, greatest], [greatest, -greatest, greatest]] {
            let times = numbers.indices.map { Int64($0) * second }
            let rollup = try #require([Rollup](ReadingBatch(times: times, numbers: numbers), width: minute).first)
            #expect(try #require(rollup.timeWeightedAverage).isFinite)
            #expect(try #require(rollup.mean).isFinite)
            #expect(!rollup.sum.isNaN)
        }
    }

    @Test func decimalsAddUpToDecimals() throws {
        let numbers = (0..<3600).map { Double(200 + $0 % 7) / 10 }
        let times = numbers.indices.map { Int64($0) * second }
        let rollup = try #require([Rollup](ReadingBatch(times: times, numbers: numbers), width: hour).first)
        #expect(rollup.sum == numbers.map { ($0 * 10).rounded() }.reduce(0, +) / 10)
    }
}

@Suite struct RollupTests {
    @Test func whereNothingCountsThereIsNoAverage() {
        let rollup = Rollup(start: 0, texts: 1, bad: 3)
        #expect(rollup.mean == nil)
        #expect(rollup.timeWeightedAverage == nil)
        #expect(rollup.badShare == 0.75)
        #expect(Rollup(start: 0).badShare == 0)
    }

    @Test func lateReadingsAreMerged() throws {
        let batch = ReadingBatch(times: [10, 20].map { $0 * second }, numbers: [1, 5])
        let late = ReadingBatch(times: [5, 30].map { $0 * second }, numbers: [0, 9])
        var rollup = try #require([Rollup](batch, width: minute).first)
        let later = try #require([Rollup](late, width: minute).first)
        let averages = try [#require(rollup.timeWeightedAverage), #require(later.timeWeightedAverage)]
        rollup.merge(with: later)
        #expect(rollup.count == 4)
        #expect(rollup.sum == 15)
        #expect((rollup.min, rollup.max) == (0, 9))
        #expect((rollup.first, rollup.last) == (0, 5))
        #expect(rollup.lead == later.lead)
        #expect((try #require(rollup.timeWeightedAverage) - (averages[0] + averages[1]) / 2).magnitude < 9.0 / 4096)
    }

    @Test func whereNothingCountedMergingTakesTheOthersNumbers() throws {
        let batch = ReadingBatch(times: [second], numbers: [4])
        let numbers = try #require([Rollup](batch, width: minute).first)
        var rollup = Rollup(start: 0, texts: 2, bad: 1)
        rollup.merge(with: numbers)
        #expect((rollup.texts, rollup.bad, rollup.count, rollup.last) == (2, 1, 1, 4))
        var same = numbers
        same.merge(with: Rollup(start: 0, bad: 1))
        #expect(same.bad == 1)
        same.bad = 0
        #expect(same == numbers)
    }
}

@Suite struct RollupCombinerTests {
    @Test(arguments: TimeShape.allCases, ValueShape.allCases)
    func finerRollupsGiveTheCoarserOnes(times: TimeShape, values: ValueShape) {
        for qualities in QualityShape.allCases {
            let batch = ReadingBatch.chunk(2000, times, values, qualities, seed: 3)
            let combined = [Rollup]([Rollup](batch, width: minute), from: minute, to: hour)
            let direct = [Rollup](batch, width: hour)
            #expect(combined.count == direct.count)
            for (combined, direct) in zip(combined, direct) {
                let isClose =
                    abs(combined.average - direct.average) <= 4 && (0...1).contains(direct.lead - combined.lead)
                guard combined.isAlike(direct), isClose else {
                    Issue.record("\(combined) instead of \(direct)")
                    return
                }
            }
        }
    }

    @Test func infiniteSumsStayInfinite() {
        let infinity = Double.infinity
        var combiner = RollupCombiner(from: minute, to: hour)
        combiner.add(Rollup(start: 0, count: 2, sum: infinity))
        combiner.add(Rollup(start: minute, count: 2, sum: -infinity))
        combiner.finish()
        #expect(combiner.rollups.map(\.sum) == [infinity])
    }

    @Test func theEndsOfTimeAreCombined() {
        let batch = ReadingBatch(times: [.min, .min + minute, .max - 1, .max], numbers: [1, 2, 3, 4])
        let rollups = [Rollup]([Rollup](batch, width: minute), from: minute, to: hour)
        #expect(rollups.map(\.count) == [2, 2])
        for rollup in rollups { #expect(rollup.isWithinLimits) }
    }
}

@Suite struct RollupChunkTests {
    @Test(arguments: TimeShape.allCases, ValueShape.allCases)
    func everyShapeComesBackToTheBit(times: TimeShape, values: ValueShape) throws {
        var trip = RollupTrip()
        for qualities in QualityShape.allCases {
            for count in [1, 2, 40, 2000] {
                let batch = ReadingBatch.chunk(count, times, values, qualities, seed: 5)
                for width in widths {
                    let rollups = [Rollup](batch, width: width)
                    trip.encode(rollups, width: width)
                    try trip.decode(trip.bytes, width: width)
                    #expect(trip.rollups.map(\.bits) == rollups.map(\.bits), "\(count) rows, \(qualities), \(width) us")
                }
            }
        }
    }

    /// Properties that no readings lead to.
    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func anyBitsComeBack(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var trip = RollupTrip()
        for round in 0..<60 {
            let rollups = (0..<Int.random(in: 1...30, using: &generator)).map {
                Rollup(start: Int64($0) * minute, decimals: round % 3, &generator)
            }
            trip.encode(rollups)
            try trip.decode(trip.bytes)
            #expect(trip.rollups.map(\.bits) == rollups.map(\.bits))
        }
    }

    @Test func theLargestChunkComesBack() throws {
        var trip = RollupTrip()
        let batch = ReadingBatch.chunk(3 * RollupChunk.maximumRows, .jitter, .noisyDecimals, .good, seed: 1)
        let rollups = Array([Rollup](batch, width: 2 * second).prefix(RollupChunk.maximumRows))
        #expect(rollups.count == RollupChunk.maximumRows)
        trip.encode(rollups, width: 2 * second)
        try trip.decode(trip.bytes, width: 2 * second)
        #expect(trip.rollups == rollups)
    }

    /// The size that a rollup of each shape is expected to have, so that a column that grows is seen.
    @Test(
        arguments: [
            (.regular, .constant, 0.05), (.regular, .ramp, 0.1), (.regular, .states, 1.5), (.regular, .steps, 1.5),
            (.jitter, .noisyDecimals, 11), (.regular, .floats, 19), (.regular, .doubles, 36),
            (.regular, .texts, 0.03), (.regular, .absent, 0.03),
        ] as [(TimeShape, ValueShape, Double)])
    func steadyShapesAreSmall(times: TimeShape, values: ValueShape, bytesPerRollup: Double) {
        let rollups = [Rollup](.chunk(120_000, times, values, .good, seed: 1), width: minute)
        #expect(Double(rollupBytes(rollups).count) / Double(rollups.count) <= bytesPerRollup)
    }
}

extension ReadingBatch {
    fileprivate init(times: [Int64], numbers: [Double]) {
        self.init()
        for (time, number) in zip(times, numbers) {
            append(Reading(series: SeriesID(7), time: Timestamp(microseconds: time), value: .number(number)))
        }
    }
}

extension Rollup {
    /// Decimals where `decimals` is 0, half of them where it is 1.
    fileprivate init(start: Int64, decimals: Int, _ generator: inout SeededGenerator) {
        func number() -> Double {
            let isDecimal = decimals == 0 || decimals == 1 && generator.next() % 2 == 0
            return isDecimal ? Double(generator.next() % 1000) / 10 : Double(bitPattern: generator.next())
        }
        self.init(start: start, texts: Int(generator.next() % 3), bad: Int(generator.next() % 3))
        guard generator.next() % 5 > 0 else { return }
        count = 1 + Int(generator.next() >> (16 + generator.next() % 48))
        (min, max, sum, first, last) = (number(), number(), number(), number(), number())
        if generator.next() % 2 == 0 { min = first }
        lead = Int(generator.next() % 4096)
        average = Int(generator.next() % 4097)
    }
}
