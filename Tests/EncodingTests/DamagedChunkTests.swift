import Readings
import TestSupport
import Testing

@testable import Encoding

/// Chunks small enough to try every damage, which between them have every encoding.
private let smallChunks: [ReadingBatch] = [
    ReadingBatch(),
    .chunk(5, .irregular, .mixed, .changing, seed: 4),
    .chunk(40, .jitter, .noisyDecimals, .good, seed: 1),
    .chunk(60, .holes, .decimalsAndSpecials, .changing, seed: 2),
    .chunk(100, .phases, .states, .good, seed: 3),
    .chunk(50, .drift, .doubles, .good, seed: 5),
    .chunk(120, .regular, .texts, .good, seed: 6),
]

@Suite struct DamagedChunkTests {
    @Test(arguments: smallChunks.indices)
    func everyTruncationIsAnError(index: Int) {
        let bytes = chunkBytes(smallChunks[index])
        for length in 0..<bytes.count { expectDamage(Array(bytes[..<length])) }
        expectDamage(bytes + [0])
        expectDamage(bytes + bytes)
    }

    @Test(arguments: smallChunks.indices)
    func everyFlippedBitIsAnError(index: Int) {
        let bytes = chunkBytes(smallChunks[index])
        for bit in 0..<bytes.count * 8 {
            var flipped = bytes
            flipped[bit / 8] ^= 1 << UInt8(bit % 8)
            expectDamage(flipped)
        }
    }

    @Test(arguments: smallChunks.indices)
    func aFlippedBitInTheLabelIsAnError(index: Int) {
        let bytes = chunkBytes(smallChunks[index])
        for bit in 0..<32 as Range<UInt32> {
            var label = ChunkTrip.label
            label.series = SeriesID(label.series.rawValue ^ 1 << bit)
            expectDamage(bytes, label: label)
            label = ChunkTrip.label
            label.width ^= 1 << bit
            expectDamage(bytes, label: label)
        }
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func randomBytesAreAnError(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            expectDamage((0..<Int.random(in: 0..<200, using: &generator)).map { _ in generator.byte() })
        }
    }

    /// Content that no encoder wrote under a checksum that is right: anything but a crash.
    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func garbageUnderAGoodChecksumIsSurvived(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var trip = ChunkTrip()
        let contents = smallChunks.map { chunkBytes($0).dropLast(Checksum.size) }
        for round in 0..<3000 {
            var content = Array(contents[round % contents.count])
            if round % 3 == 0 {
                content =
                    [Chunk.version] + (0..<Int.random(in: 0..<64, using: &generator)).map { _ in generator.byte() }
            } else {
                content.mutate(&generator)
            }
            if (try? trip.decode(content.sealed)) != nil { #expect(trip.batch.times == trip.batch.times.sorted()) }
            _ = try? trip.decodeTimes(content.sealed)
        }
        try trip.decode(chunkBytes(smallChunks[3]))
        #expect(trip.batch.rows == smallChunks[3].rows)
    }

    @Test func afterAnErrorTheBatchIsEmpty() throws {
        var trip = ChunkTrip()
        try trip.decode(chunkBytes(smallChunks[1]))
        #expect(!trip.batch.isEmpty)
        #expect(throws: DamagedChunk.self) { try trip.decode(chunkBytes(smallChunks[1]).dropLast()) }
        #expect(trip.batch.isEmpty)
    }

    @Test(
        arguments: [
            ([], "it ends too early"),
            ([2], "an unknown version"),
            ([1, 0xFF, 0xFF, 0x03], "a count of 65535 where 16384 are possible"),
            ([1, 0, 0], "more bytes than it has columns"),
            ([1, 1, 3, 0], "an unknown unit of time"),
            ([1, 1, 0, 0, 9], "an unknown form of integers"),
            ([1, 2, 0, 0, 0, 0], "times out of order"),
            ([1, 3, 4, 0, 9, 1, 2, 2], "jumps of more readings than there are"),
            ([1, 2, 0, 0, 3, 1, 0, 6, 0, 2], "a number that stands there 3 times"),
            ([1, 2, 0, 0, 3, 1, 0, 2, 0, 2], "runs of fewer numbers than there are"),
            ([1, 2, 0, 0, 1, 58, 0], "numbers of 58 bits"),
            ([1, 2, 0, 0, 1, 57, 0], "it ends too early"),
            ([1, 2, 0, 0, 1, 0x81, 0, 1, 0, 2, 1], "a number outside of its block"),
            ([1, 2, 0, 0, 2, 9, 0], "numbers of 9 bytes"),
            ([1, 2, 0, 0, 2, 1, 0, 2, 5], "planes of fewer numbers than there are"),
            ([1, 1, 0, 0, 0, 0, 4, 3, 1], "an unknown kind or quality"),
            ([1, 1, 0, 0, 0, 0, 6, 0, 1, 0], "more tags than rows"),
            ([1, 1, 0, 0, 0, 0, 4, 0, 1, 9], "an unknown form of numbers"),
            ([1, 1, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0, 1, 1], "exceptions of more numbers than there are"),
            ([1, 1, 0, 0, 0, 0, 4, 1, 1, 0, 2, 6, 1, 1, 0x41], "columns that contradict each other"),
            ([1, 1, 0, 0, 0, 0, 4, 1, 1, 0, 0, 8, 1, 1, 0x41, 0], "more bytes than texts"),
        ] as [([UInt8], String)])
    func contradictionsAreNamed(content: [UInt8], reason: String) {
        var trip = ChunkTrip()
        #expect(throws: DamagedChunk(reason)) { try trip.decode(content.isEmpty ? [] : content.sealed) }
    }

    private func expectDamage(_ bytes: [UInt8], label: ChunkLabel = ChunkTrip.label) {
        var trip = ChunkTrip()
        #expect(throws: DamagedChunk.self) { try trip.decode(bytes, label: label) }
        #expect(throws: DamagedChunk.self) { _ = try trip.decodeTimes(bytes, label: label) }
    }
}

@Suite struct ChecksumTests {
    @Test func zerosAtTheEndCount() {
        let sums = (0..<20).map { Checksum.of(Array(repeating: 0 as UInt8, count: $0).span, label: 0) }
        #expect(Set(sums).count == sums.count)
    }
}

extension [UInt8] {
    /// With a checksum.
    fileprivate var sealed: [UInt8] {
        var bytes = self
        bytes.seal(ChunkTrip.label)
        return bytes
    }

    mutating func mutate(_ generator: inout SeededGenerator) {
        for _ in 0...Int.random(in: 0..<4, using: &generator) {
            self[Int.random(in: 0..<count, using: &generator)] = generator.byte()
        }
    }
}

extension SeededGenerator {
    /// Often one at the end of a range.
    mutating func byte() -> UInt8 {
        let known: [UInt8] = [0, 1, 2, 3, 0x10, 57, 64, 0x7F, 0x80, 0xFF]
        return next() % 2 == 0 ? known.randomElement(using: &self)! : UInt8(next() >> 56)
    }
}
