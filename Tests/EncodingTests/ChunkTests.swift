import Readings
import TestSupport
import Testing

@testable import Encoding

/// Both ways, with an encoder and a decoder that keep their scratch from chunk to chunk.
struct ChunkTrip: ~Copyable {
    private var encoder = ChunkEncoder()
    private var decoder = ChunkDecoder()
    private(set) var bytes: [UInt8] = []
    private(set) var batch = ReadingBatch()

    mutating func encode(_ batch: ReadingBatch) -> ChunkSummary { encoder.encode(batch, into: &bytes) }

    mutating func decode(_ bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes { try decoder.decode($0, of: SeriesID(7), into: &batch) }
    }

    mutating func decodeTimes(_ bytes: [UInt8]) throws -> [Int64] {
        var times: [Int64] = [1, 2, 3]
        try bytes.withUnsafeBytes { try decoder.decodeTimes($0, into: &times) }
        return times
    }
}

func chunkBytes(_ batch: ReadingBatch) -> [UInt8] {
    var trip = ChunkTrip()
    _ = trip.encode(batch)
    return trip.bytes
}

@Suite struct ChunkTests {
    @Test(arguments: TimeShape.allCases, ValueShape.allCases)
    func everyShapeComesBackToTheBit(times: TimeShape, values: ValueShape) throws {
        var trip = ChunkTrip()
        for seed in 1...2 as ClosedRange<UInt64> {
            for qualities in QualityShape.allCases {
                for count in [1, 2, 7, 8, 127, 128, 129, 257, 1500] {
                    let batch = ReadingBatch.chunk(count, times, values, qualities, seed: seed)
                    let summary = trip.encode(batch)
                    try trip.decode(trip.bytes)
                    let note: Comment = "\(count) rows, quality \(qualities), seed \(seed)"
                    #expect(trip.batch.rows == batch.rows, note)
                    #expect(try trip.decodeTimes(trip.bytes) == batch.times, note)
                    #expect(summary == plainSummary(of: batch), note)
                }
            }
        }
    }

    /// All chunks of up to four readings over a few times and values.
    @Test(arguments: 0...4)
    func everyTinyChunkComesBack(count: Int) throws {
        let times: [Int64] = [.min, 0, 1000, 1_000_000, 2_000_000, .max]
        let values: [Value] = [.number(0), .number(-0.0), .number(0.5), .number(.nan), .text("A"), .absent]
        var trip = ChunkTrip()
        for chosenTimes in times.combinations(of: count) {
            for chosenValues in values.sequences(of: count) {
                var batch = ReadingBatch()
                for (time, value) in zip(chosenTimes, chosenValues) {
                    batch.append(
                        Reading(series: SeriesID(7), time: Timestamp(microseconds: time), value: value))
                }
                let summary = trip.encode(batch)
                try trip.decode(trip.bytes)
                guard trip.batch.rows == batch.rows, summary == plainSummary(of: batch) else {
                    Issue.record("\(batch.rows)")
                    return
                }
            }
        }
    }

    @Test func theLargestChunkComesBack() throws {
        var trip = ChunkTrip()
        let batch = ReadingBatch.chunk(Chunk.maximumRows, .jitter, .noisyDecimals, .good, seed: 1)
        _ = trip.encode(batch)
        try trip.decode(trip.bytes)
        #expect(trip.batch.rows == batch.rows)
    }

    /// The size that each shape is expected to have, so that a column that fails to find its encoding is seen.
    @Test(
        arguments: [
            (.regular, .constant, 0.02), (.regular, .ramp, 0.02), (.regular, .states, 0.05),
            (.jitter, .constant, 0.60), (.holes, .constant, 0.10), (.drift, .constant, 1.45),
            (.regular, .steps, 0.25), (.regular, .noisyDecimals, 1.95), (.regular, .decimalsAndSpecials, 0.55),
            (.regular, .floats, 3.6), (.regular, .constantDouble, 0.15), (.regular, .texts, 0.12),
            (.regular, .sameText, 0.03), (.regular, .absent, 0.02),
        ] as [(TimeShape, ValueShape, Double)])
    func steadyShapesAreSmall(times: TimeShape, values: ValueShape, bytesPerReading: Double) {
        let batch = ReadingBatch.chunk(2000, times, values, .good, seed: 1)
        #expect(Double(chunkBytes(batch).count) / 2000 <= bytesPerReading)
    }

    @Test func jumpsOfAPhaseAndLostReadingsDoNotLoseTheGrid() {
        let regular = chunkBytes(.chunk(2000, .jitter, .constant, .good, seed: 1)).count
        var generator = SeededGenerator(seed: 1)
        var batch = ReadingBatch()
        for reading in ReadingBatch.chunk(2200, .jitter, .constant, .good, seed: 1).rows {
            if Int.random(in: 0..<50, using: &generator) > 0 { batch.append(reading) }
        }
        #expect(Double(chunkBytes(batch).count) / Double(regular) < 1.25)
    }
}

@Suite struct ChunkSummaryTests {
    @Test func onlyTrustedNumbersAreReckonedWith() {
        let rows: [(Double?, Quality)] = [
            (100, .communicationError), (.nan, .good), (3, .uncertain), (.infinity, .good), (-1, .good), (nil, .good),
            (2, .good),
            (50, .substituted), (.nan, .good),
        ]
        var batch = ReadingBatch()
        for (index, (number, quality)) in rows.enumerated() {
            let value = number.map { Value.number($0) } ?? .absent
            batch.append(
                Reading(
                    series: SeriesID(7), time: Timestamp(microseconds: Int64(10 + index)), value: value,
                    quality: quality))
        }
        var trip = ChunkTrip()
        let summary = trip.encode(batch)
        #expect(summary.count == 9)
        #expect(summary.start == 10)
        #expect(summary.end == 18)
        #expect(summary.numbers == .init(count: 3, min: -1, max: 3, sum: 4, first: 3, last: 2))
    }

    @Test func aChunkWithoutNumbersHasNone() {
        var trip = ChunkTrip()
        let texts = trip.encode(.chunk(5, .regular, .texts, .good, seed: 1))
        #expect(texts.numbers == nil)
        let empty = trip.encode(ReadingBatch())
        #expect(empty.count == 0)
        #expect(empty.numbers == nil)
    }
}

/// What a summary should be, written down differently.
func plainSummary(of batch: ReadingBatch) -> ChunkSummary {
    let numbers = batch.rows.compactMap { reading -> Double? in
        guard case .number(let number) = reading.value, number.isFinite else { return nil }
        return reading.quality == .good || reading.quality == .uncertain ? number : nil
    }
    var summary = ChunkSummary(
        count: batch.count, start: batch.times.first ?? 0, end: batch.times.last ?? 0, numbers: nil)
    if let first = numbers.first, let last = numbers.last, let min = numbers.min(), let max = numbers.max() {
        summary.numbers = .init(
            count: numbers.count, min: min, max: max, sum: numbers.dropFirst().reduce(first, +), first: first,
            last: last)
    }
    return summary
}

extension Array {
    /// Each choice of so many, in their order.
    fileprivate func combinations(of size: Int) -> [[Element]] {
        guard size > 0 else { return [[]] }
        return indices.flatMap { first in
            Array(self[(first + 1)...]).combinations(of: size - 1).map { [self[first]] + $0 }
        }
    }

    fileprivate func sequences(of size: Int) -> [[Element]] {
        guard size > 0 else { return [[]] }
        return sequences(of: size - 1).flatMap { rest in map { [$0] + rest } }
    }
}
