import Readings
import TestSupport
import Testing

@testable import Encoding

/// Chunks small enough to try every damage, which between them have every form.
private let smallChunks: [[Rollup]] = [
    [],
    [Rollup](.chunk(600, .holes, .noisyDecimals, .good, seed: 1), width: minute),
    [Rollup](.chunk(600, .phases, .mixed, .changing, seed: 2), width: minute),
    [Rollup](.chunk(400, .jitter, .decimalsAndSpecials, .changing, seed: 3), width: minute),
    [Rollup](.chunk(300, .regular, .constant, .good, seed: 4), width: minute),
    [Rollup](.chunk(300, .drift, .doubles, .good, seed: 5), width: minute),
    [Rollup](.chunk(300, .regular, .constantDouble, .good, seed: 6), width: minute),
    [Rollup](.chunk(100, .regular, .texts, .good, seed: 7), width: minute),
]

@Suite struct DamagedRollupTests {
    @Test(arguments: smallChunks.indices)
    func everyTruncationIsAnError(index: Int) {
        let bytes = rollupBytes(smallChunks[index])
        for length in 0..<bytes.count { expectDamage(Array(bytes[..<length])) }
        expectDamage(bytes + [0])
        expectDamage(bytes + bytes)
    }

    @Test(arguments: smallChunks.indices)
    func everyFlippedBitIsAnError(index: Int) {
        let bytes = rollupBytes(smallChunks[index])
        for bit in 0..<bytes.count * 8 {
            var flipped = bytes
            flipped[bit / 8] ^= 1 << UInt8(bit % 8)
            expectDamage(flipped)
        }
    }

    @Test func anotherLabelIsAnError() {
        let bytes = rollupBytes(smallChunks[1])
        expectDamage(bytes, label: ChunkLabel(series: SeriesID(8), width: 60))
        expectDamage(bytes, label: ChunkLabel(series: SeriesID(7), width: 0))
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
        var trip = RollupTrip()
        let contents = smallChunks.map { rollupBytes($0).dropLast(Checksum.size) }
        for round in 0..<3000 {
            var content = Array(contents[round % contents.count])
            if round % 3 == 0 {
                content =
                    [RollupChunk.version]
                    + (0..<Int.random(in: 0..<64, using: &generator)).map { _ in generator.byte() }
            } else {
                content.mutate(&generator)
            }
            // What is taken for rollups can be written as such, too: the encoder stops the process otherwise.
            if (try? trip.decode(content.sealed)) != nil { trip.encode(trip.rollups) }
        }
        try trip.decode(rollupBytes(smallChunks[3]))
        #expect(trip.rollups == smallChunks[3])
    }

    @Test func afterAnErrorThereAreNone() throws {
        var trip = RollupTrip()
        try trip.decode(rollupBytes(smallChunks[1]))
        #expect(!trip.rollups.isEmpty)
        #expect(throws: DamagedChunk.self) { try trip.decode(rollupBytes(smallChunks[1]).dropLast()) }
        #expect(trip.rollups.isEmpty)
    }

    @Test(
        arguments: [
            ([], "it ends too early"),
            ([2], "an unknown version"),
            ([1, 0xFF, 0xFF, 0x03], "a count of 65535 where 16384 are possible"),
            ([1, 0, 0], "more bytes than it has columns"),
            ([1, 1, 4], "an unknown flag"),
            ([1, 2, 0, 0, 0, 0, 2], "rollups out of order"),
            ([1, 1, 0, 0, 0, 0, 0, 0, 1], "properties out of their range"),
            ([1, 1, 0, 0, 0, 0, 0, 0, 2, 0x40], "an unknown form of rollups"),
            ([1, 1, 0, 0, 0, 0, 0, 0, 2, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 18], "an unknown end of a rollup"),
            ([1, 1, 0, 0, 0, 0, 0, 0, 2, 8, 0, 0, 0, 0, 1, 1], "exceptions of more numbers than there are"),
        ] as [([UInt8], String)])
    func contradictionsAreNamed(content: [UInt8], reason: String) {
        var trip = RollupTrip()
        #expect(throws: DamagedChunk(reason)) { try trip.decode(content.isEmpty ? [] : content.sealed) }
    }

    private func expectDamage(_ bytes: [UInt8], label: ChunkLabel = RollupTrip.label) {
        var trip = RollupTrip()
        #expect(throws: DamagedChunk.self) { try trip.decode(bytes, label: label) }
    }
}

extension [UInt8] {
    /// With a checksum.
    fileprivate var sealed: [UInt8] {
        var bytes = self
        bytes.seal(RollupTrip.label)
        return bytes
    }
}
