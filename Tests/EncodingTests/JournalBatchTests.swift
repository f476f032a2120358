import Readings
import TestSupport
import Testing
import Zstd

@testable import Encoding

private func encoded(_ batch: ReadingBatch, sequence: UInt64 = 7) -> [UInt8] {
    var bytes: [UInt8] = []
    var encoder = JournalBatchEncoder()
    encoder.encode(batch, sequence: sequence, into: &bytes)
    return bytes
}

private func decoded(_ bytes: [UInt8]) throws -> ReadingBatch {
    var decoder = JournalBatchDecoder()
    return try decoded(bytes, &decoder)
}

private func decoded(_ bytes: [UInt8], _ decoder: inout JournalBatchDecoder) throws -> ReadingBatch {
    var batch = ReadingBatch()
    _ = try bytes.withUnsafeBytes { try decoder.decode($0, into: &batch) }
    return batch
}

/// A batch small enough to try every damage, with something in every column.
private var smallBatch: ReadingBatch {
    var batch = ReadingBatch()
    for row in 0..<12 {
        let number = Double(row) / (row < 6 ? 10 : 7)
        let value: Value = row % 4 == 3 ? .text(row == 3 ? "OPEN" : "CLOSED") : .number(number)
        batch.append(
            Reading(series: SeriesID(UInt32(row % 4)), time: Timestamp(microseconds: Int64(row * 1000)), value: value))
    }
    batch.append(Reading(series: SeriesID(9), time: Timestamp(microseconds: 1), value: .absent, quality: .stale))
    return batch
}

@Suite struct JournalBatchTests {
    @Test(arguments: BatchShape.allCases, 1...10 as ClosedRange<UInt64>)
    func everyShapeComesBackToTheBit(shape: BatchShape, seed: UInt64) throws {
        let batch = shape.batch(seed: seed)
        let restored = try decoded(encoded(batch))
        #expect(restored.bySeries == batch.bySeries)
    }

    @Test func seriesComeBackInAscendingOrder() throws {
        let restored = try decoded(encoded(BatchShape.mixedFleet.batch(seed: 1)))
        #expect(restored.series == restored.series.sorted())
    }

    @Test(arguments: [0, 1, 127, 128, 1 << 63, UInt64.max])
    func sequenceComesBack(sequence: UInt64) throws {
        var batch = ReadingBatch()
        var decoder = JournalBatchDecoder()
        let restored = try encoded(smallBatch, sequence: sequence).withUnsafeBytes {
            try decoder.decode($0, into: &batch)
        }
        #expect(restored == sequence)
    }

    /// Scratch that is kept must not leak from one batch into the next.
    @Test func oneEncoderAndOneDecoderServeBatchAfterBatch() throws {
        var encoder = JournalBatchEncoder()
        var decoder = JournalBatchDecoder()
        var bytes: [UInt8] = []
        var restored = ReadingBatch()
        for round in 0..<30 as Range<UInt64> {
            let shape = BatchShape.allCases[Int(round * 5) % BatchShape.allCases.count]
            let batch = shape.batch(seed: round)
            encoder.encode(batch, sequence: round, into: &bytes)
            #expect(try bytes.withUnsafeBytes { try decoder.decode($0, into: &restored) } == round)
            #expect(restored.bySeries == batch.bySeries, "round \(round), \(shape)")
        }
    }

    @Test func aDecodedBatchCanBeAppendedTo() throws {
        var restored = try decoded(encoded(smallBatch))
        let texts = restored.texts.count
        restored.append(Reading(series: SeriesID(1), time: Timestamp(microseconds: 5), value: .text("OPEN")))
        #expect(restored.texts.count == texts)
        #expect(restored[restored.count - 1].value == .text("OPEN"))
    }

    @Test func textsOfNoRowAreLeftOut() throws {
        var columns = ReadingBatch.Columns()
        columns.texts = ["unused", "OPEN"]
        for (kind, bits) in [(ReadingBatch.Kind.number, 5), (.text, 1)] as [(ReadingBatch.Kind, UInt64)] {
            columns.series.append(SeriesID(0))
            columns.times.append(0)
            columns.bits.append(bits)
            columns.kinds.append(kind)
            columns.qualities.append(.good)
            let batch = try #require(ReadingBatch(columns))
            let restored = try decoded(encoded(batch))
            #expect(restored.bySeries == batch.bySeries)
            #expect(restored.texts == (kind == .text ? ["OPEN"] : []))
        }
    }

    @Test func steadySeriesTakeLittleRoom() {
        var batch = ReadingBatch()
        for row in 0..<10_000 {
            batch.append(
                Reading(
                    series: SeriesID(UInt32(row % 100)), time: Timestamp(microseconds: Int64(row / 100) * 1_000_000),
                    value: .number(42.5)))
        }
        #expect(encoded(batch).count < 1000)
    }
}

@Suite struct DamagedJournalBatchTests {
    @Test func everyTruncationIsAnError() {
        let bytes = encoded(smallBatch)
        for length in 0..<bytes.count {
            #expect(throws: DamagedBatch.self, "\(length) bytes") { try decoded(Array(bytes[..<length])) }
        }
    }

    @Test func trailingBytesAreAnError() {
        #expect(throws: DamagedBatch.self) { try decoded(encoded(smallBatch) + [0]) }
        #expect(throws: DamagedBatch.self) { try decoded(encoded(smallBatch) + encoded(smallBatch)) }
    }

    /// A few bits of a zstd frame mean nothing; all others must be caught.
    @Test func noFlippedBitChangesABatch() throws {
        let bytes = encoded(smallBatch)
        let expected = smallBatch.bySeries
        var unnoticed = 0
        for bit in 0..<bytes.count * 8 {
            var flipped = bytes
            flipped[bit / 8] ^= 1 << UInt8(bit % 8)
            guard let batch = try? decoded(flipped) else { continue }
            #expect(batch.bySeries == expected, "bit \(bit)")
            unnoticed += 1
        }
        #expect(unnoticed <= 8)
    }

    @Test func anUnknownVersionIsAnError() {
        var bytes = encoded(smallBatch)
        bytes[3] = 2
        #expect(throws: DamagedBatch("it does not start like a batch of a known version")) { try decoded(bytes) }
        #expect(!bytes.withUnsafeBytes(JournalBatch.looksLikeJournalBatch))
    }

    @Test func salvageRecognizesABatchByItsStart() {
        #expect(encoded(smallBatch).withUnsafeBytes(JournalBatch.looksLikeJournalBatch))
        for other in ["", "O", "OPB", "OPC\u{1}", "opb\u{1}"] {
            #expect(!Array(other.utf8).withUnsafeBytes(JournalBatch.looksLikeJournalBatch))
        }
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func randomBytesAreAnError(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            let length = Int.random(in: 0..<200, using: &generator)
            let noise = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
            #expect(throws: DamagedBatch.self) { try decoded(noise) }
            _ = try? decoded(JournalBatch.header + noise)
        }
    }

    /// Content that no encoder wrote, in a frame whose checksum is right: anything but a crash.
    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func garbageInAGoodFrameIsSurvived(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let compressor = ZstdCompressor(level: 1)
        let good = try content(of: encoded(smallBatch))
        var decoder = JournalBatchDecoder()
        for round in 0..<2000 {
            let garbage = round % 2 == 0 ? mutated(good, &generator) : plausibleGarbage(&generator)
            var bytes = JournalBatch.header
            try compressor.compress(garbage, appendingTo: &bytes)
            if let batch = try? decoded(bytes, &decoder) { _ = batch.bySeries }
        }
        #expect(try decoded(encoded(smallBatch), &decoder).bySeries == smallBatch.bySeries)
    }

    private func content(of bytes: [UInt8]) throws -> [UInt8] {
        var content: [UInt8] = []
        let frame = Array(bytes.dropFirst(JournalBatch.header.count))
        try ZstdDecompressor().decompress(frame.span, limit: 1_000_000, appendingTo: &content)
        return content
    }

    private func mutated(_ content: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
        var content = content
        for _ in 0...Int.random(in: 0..<4, using: &generator) {
            content[Int.random(in: 0..<content.count, using: &generator)] = interestingByte(&generator)
        }
        return content
    }

    private func plausibleGarbage(_ generator: inout SeededGenerator) -> [UInt8] {
        (0..<Int.random(in: 0..<64, using: &generator)).map { _ in interestingByte(&generator) }
    }

    private func interestingByte(_ generator: inout SeededGenerator) -> UInt8 {
        let known: [UInt8] = [0, 1, 2, 7, 8, 0x7F, 0x80, 0xFF]
        return known.randomElement(using: &generator)! ^ (generator.next() % 4 == 0 ? UInt8(generator.next() >> 56) : 0)
    }

    @Test func afterAnErrorTheBatchIsEmpty() {
        var batch = smallBatch
        var decoder = JournalBatchDecoder()
        #expect(throws: DamagedBatch.self) {
            try encoded(smallBatch).dropLast().withUnsafeBytes { try decoder.decode($0, into: &batch) }
        }
        #expect(batch.isEmpty)
    }

    @Test func contentPastTheLimitIsRefused() throws {
        var frame: [UInt8] = []
        try ZstdCompressor(level: 1).compress(Array(repeating: 7, count: 1000), appendingTo: &frame)
        var content: [UInt8] = []
        try ZstdDecompressor().decompress(frame.span, limit: 1000, appendingTo: &content)
        #expect(content.count == 1000)
        #expect(throws: ZstdError.tooLarge(claimed: 1000)) {
            try ZstdDecompressor().decompress(frame.span, limit: 999, appendingTo: &content)
        }
    }

    /// Frames whose header promises far more than they hold must not reserve it.
    @Test func aHugeClaimIsRefusedByTheSizeOfItsFrame() {
        // Frame header: single segment, eight bytes of content size; then one empty last block.
        let claim: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0xE0, 0, 0, 0, 0x10, 0, 0, 0, 0, 0x01, 0, 0]
        #expect(throws: DamagedBatch("a zstd frame that claims 268435456 bytes of content")) {
            try decoded(JournalBatch.header + claim)
        }
    }

    @Test(
        arguments: [
            ([0x80], "it ends too early"),
            ([0, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F], "a count of 4294967295 where 6 are possible"),
            ([0, 0, 0], "more bytes than it has columns"),
            ([0] + Array(repeating: 0xFF, count: 10), "a number of more than 10 bytes"),
            ([0, 1, 1, 0, 0, 9], "an unknown unit of time"),
            ([0, 1, 1, 0, 1, 0, 0], "groups of more rows than there are"),
            ([0, 2, 1, 0, 0, 0, 0], "groups of fewer rows than there are"),
            ([0, 2, 2, 5, 0, 0, 0], "series out of order"),
            ([0, 1, 1, 0, 0, 0, 0, 3, 1], "an unknown kind or quality"),
            ([0, 1, 1, 0, 0, 0, 0, 0, 0], "a kind and quality of no rows"),
            ([0, 1, 1, 0, 0, 0, 0, 0, 1, 0x10], "an unknown form of numbers"),
            ([0, 1, 1, 0, 0, 0, 0, 1, 1, 0, 1, 5], "a text that ends too early"),
            ([0, 1, 1, 0, 0, 0, 0, 1, 1, 0, 1, 1, 0xFF], "a text that is not UTF-8"),
            ([0, 1, 1, 0, 0, 0, 0, 1, 1, 3, 1, 1, 0x41], "columns that contradict each other"),
        ] as [([UInt8], String)])
    func contradictionsAreNamed(content: [UInt8], reason: String) throws {
        var bytes = JournalBatch.header
        try ZstdCompressor(level: 1).compress(content, appendingTo: &bytes)
        #expect(throws: DamagedBatch(reason)) { try decoded(bytes) }
    }
}
