import Readings
import TestSupport
import Testing

@testable import Encoding

/// Both ways, with an encoder and a decoder that keep their scratch from chunk to chunk.
struct ChunkTrip: ~Copyable {
    static let label = ChunkLabel(series: SeriesID(7), width: 0)

    private var encoder = ChunkEncoder()
    private var decoder = ChunkDecoder()
    private(set) var bytes: [UInt8] = []
    private(set) var batch = ReadingBatch()

    mutating func encode(_ batch: ReadingBatch) {
        encoder.encode(batch, label: Self.label, into: &bytes)
    }

    mutating func decode(_ bytes: [UInt8], label: ChunkLabel = label) throws {
        try bytes.withUnsafeBytes { try decoder.decode($0, label: label, into: &batch) }
    }

    mutating func decodeTimes(_ bytes: [UInt8], label: ChunkLabel = label) throws -> [Int64] {
        var times: [Int64] = [1, 2, 3]
        try bytes.withUnsafeBytes { try decoder.decodeTimes($0, label: label, into: &times) }
        return times
    }
}

func chunkBytes(_ batch: ReadingBatch) -> [UInt8] {
    var trip = ChunkTrip()
    trip.encode(batch)
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
                    trip.encode(batch)
                    try trip.decode(trip.bytes)
                    let note: Comment = "\(count) rows, quality \(qualities), seed \(seed)"
                    #expect(trip.batch.rows == batch.rows, note)
                    #expect(try trip.decodeTimes(trip.bytes) == batch.times, note)
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
                trip.encode(batch)
                try trip.decode(trip.bytes)
                guard trip.batch.rows == batch.rows else {
                    Issue.record("\(batch.rows)")
                    return
                }
            }
        }
    }

    @Test func theLargestChunkComesBack() throws {
        var trip = ChunkTrip()
        let batch = ReadingBatch.chunk(Chunk.maximumRows, .jitter, .noisyDecimals, .good, seed: 1)
        trip.encode(batch)
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
