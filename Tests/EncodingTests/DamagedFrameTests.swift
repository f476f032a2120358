import Readings
import TestSupport
import Testing
import Zstd

@testable import Encoding

/// Frames small enough to try every damage, with something in every column.
private var smallFrames: [[UInt8]] {
    get throws {
        var batch = ReadingBatch()
        for row in 0..<30 {
            let number = Double(row) / (row < 18 ? 10 : 7)
            let value: Value = row % 4 == 3 ? .text(row == 3 ? "OPEN" : "CLOSED") : .number(number)
            batch.append(
                Reading(
                    series: SeriesID(UInt32(row % 3)), time: Timestamp(microseconds: Int64(row / 3 * 1000)),
                    value: value))
        }
        batch.append(Reading(series: SeriesID(9), time: Timestamp(microseconds: 1), value: .absent, quality: .stale))
        batch.append(Reading(series: SeriesID(9), time: Timestamp(microseconds: 1), value: .number(.nan)))
        let table = FrameTable(name: "gaps", columns: ["source", "count"], rows: [[.text("plant"), .integer(3)]])
        var trip = FrameTrip()
        let rollups = FrameRollups(
            series: SeriesID(1), width: 60,
            rollups: [Rollup(start: 0, count: 2, min: 1, max: 2, sum: 3, first: 1, last: 2)])
        try trip.encode([batch], tables: [table], rollups: [rollups]) {
            SeriesDefinition(name: SeriesName(path: "a/\($0.rawValue)"), unit: "bar", tags: ["a": "b"])
        }
        var frames = [trip.bytes]
        try trip.encode([], tables: [table])
        frames.append(trip.bytes)
        frames.append(try frameBytes([.chunk(100, .phases, .floats, .good, seed: 3)]))
        return frames
    }
}

@Suite struct DamagedFrameTests {
    @Test(arguments: 0..<3)
    func everyTruncationIsAnError(index: Int) throws {
        let bytes = try smallFrames[index]
        for length in 0..<bytes.count { expectDamage(Array(bytes[..<length])) }
        expectDamage(bytes + [0])
        expectDamage(bytes + bytes)
    }

    @Test(arguments: 0..<3)
    func everyFlippedBitIsAnError(index: Int) throws {
        let bytes = try smallFrames[index]
        for bit in 0..<bytes.count * 8 {
            var flipped = bytes
            flipped[bit / 8] ^= 1 << UInt8(bit % 8)
            expectDamage(flipped)
        }
    }

    /// Content that no encoder wrote under a checksum that is right: anything but a crash.
    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func garbageUnderAGoodChecksumIsSurvived(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var trip = FrameTrip()
        let frames = try smallFrames
        for round in 0..<3000 {
            var bytes = Array(frames[round % frames.count].dropLast(Checksum.size))
            let head = round % 5 == 0 ? 36 : FrameHeader.size
            var content = Array(bytes[head...])
            content.mutate(&generator)
            bytes.replaceSubrange(head..., with: content)
            guard (try? trip.decode(bytes.mended)) != nil else { continue }
            #expect(trip.frame.readings.count == trip.frame.header.readings)
            #expect(trip.frame.readings.rows == [trip.frame.readings].inFrameOrder, "seed \(seed), round \(round)")
        }
        try trip.decode(frames[0])
    }

    @Test(arguments: 1...10 as ClosedRange<UInt64>)
    func randomBytesAreAnError(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            expectDamage((0..<Int.random(in: 0..<200, using: &generator)).map { _ in generator.byte() })
        }
    }

    @Test func afterAnErrorTheFrameIsEmpty() throws {
        var trip = FrameTrip()
        try trip.decode(smallFrames[0])
        #expect(!trip.frame.readings.isEmpty)
        #expect(throws: DamagedFrame.self) { try trip.decode(smallFrames[0].dropLast()) }
        #expect(trip.frame.readings.isEmpty)
        #expect(trip.frame.definitions.isEmpty)
        #expect(trip.frame.tables.isEmpty)
        #expect(trip.frame.rollups.isEmpty)
        #expect(trip.frame.header.sequences == nil)
    }

    @Test(
        arguments: [
            (4, 0xFF, "a checksum"), (0, 0x50, "it does not start like a frame of a known version"),
            (3, 2, "it does not start like a frame of a known version"),
            (27, 0x80, "sequences from 9223372036854775815 to 7"),
            (35, 0x80, "sequences from 7 to 9223372036854775815"), (28, 6, "sequences from 7 to 6"),
            (39, 1, "a count of 16777248 where 1048576 are possible"),
            (43, 1, "a count of 16777217 where 16384 are possible"), (36, 31, "series of more readings than there are"),
            (36, 33, "series of fewer readings than there are"), (40, 2, "fewer rows than there should be"),
            (40, 0, "a count of 1 where 0 are possible"),
        ])
    func whatTheHeaderClaimsIsChecked(offset: Int, byte: UInt8, reason: String) throws {
        var bytes = Array(try smallFrames[0].dropLast(Checksum.size))
        bytes[offset] = byte
        var trip = FrameTrip()
        // Any epoch is as good as another.
        if offset == 4 { return try trip.decode(bytes.mended) }
        #expect(throws: DamagedFrame(reason)) { try trip.decode(bytes.mended) }
    }

    @Test func readingsOfNoJournalRowAreRefused() throws {
        var bytes = Array(try smallFrames[0].dropLast(Checksum.size))
        bytes[20] = 1
        bytes[28] = 0
        var trip = FrameTrip()
        #expect(throws: DamagedFrame("readings of no journal row")) { try trip.decode(bytes.mended) }
    }

    @Test(
        arguments: [
            ([1, 0, 0, 0, 0], "a name that is none"),
            ([1, 0, 1, 0x0A, 0, 0], "a name that is none"),
            ([1, 0, 1, 0xFF, 0, 0], "a text that is not UTF-8"),
            ([1, 0, 1, 0x61, 2], "a unit that is neither there nor not"),
            ([1, 0, 1, 0x61, 0, 2, 0, 0, 0, 0], "a tag that is there twice"),
            ([1, 0, 1, 0x61, 0, 0x81, 0x80, 0x40], "a count of 1048577 where 1048576 are possible"),
            ([2, 0, 1, 0x61, 0, 0, 0, 1, 0x62, 0, 0], "definitions out of order"),
            ([1, 0x80, 0x80, 0x80, 0x80, 0x10], "definitions out of order"),
            ([0, 0], "more bytes than definitions"),
        ] as [([UInt8], String)])
    func contradictionsAmongDefinitionsAreNamed(content: [UInt8], reason: String) {
        var definitions: [Frame.Definition] = []
        let error = #expect(throws: DamagedBytes.self) { try DefinitionList.read(content.span, into: &definitions) }
        #expect(error?.reason == reason)
    }

    @Test(
        arguments: [
            ([65], "a count of 65 where 64 are possible"),
            ([1, 0, 0], "a table without columns"),
            ([1, 0, 65], "a count of 65 where 64 are possible"),
            ([1, 0, 1, 0, 2], "a count of 2 where 1 are possible"),
            ([1, 0, 1, 0, 1, 4], "a cell of an unknown kind"),
            ([1, 0, 1, 0, 1, 2, 1], "it ends too early"),
            ([1, 0, 1, 0, 1, 3, 1], "a text that ends too early"),
            ([1, 0, 1, 0, 1, 0, 0], "more bytes than rows"),
            ([0], "fewer rows than there should be"),
        ] as [([UInt8], String)])
    func contradictionsAmongRowsAreNamed(content: [UInt8], reason: String) {
        var tables: [FrameTable] = []
        let error = #expect(throws: DamagedBytes.self) {
            try FrameTable.read(content.span, rows: 1, into: &tables)
        }
        #expect(error?.reason == reason)
    }

    @Test func whatIsTooLargeMakesNoFrameAndIsForgotten() throws {
        let unit = String(repeating: "x", count: Frame.maximumBlock)
        var trip = FrameTrip()
        #expect(throws: FrameTooLarge("67108875 bytes of definitions")) {
            try trip.encode([BatchShape.oneRow.batch(seed: 1)]) { _ in
                SeriesDefinition(name: SeriesName(path: "a"), unit: unit)
            }
        }
        let small = BatchShape.oneLongSeries.batch(seed: 1)
        try trip.encode([small])
        try trip.decode()
        #expect(trip.frame.readings.rows == [small].inFrameOrder)
    }

    /// A few bytes can be thousands of rollups, over and over.
    @Test func moreRollupsThanAFrameMayHoldAreRefused() throws {
        let many = (0..<RollupChunk.maximumRows).map { Rollup(start: Int64($0) * minute, count: 1) }
        let entry = FrameRollups(series: SeriesID(1), width: 60, rollups: many)
        let most = Frame.maximumRollups / many.count
        var trip = FrameTrip()
        try trip.encode([], rollups: Array(repeating: entry, count: most))
        #expect(trip.bytes.count < 2000)
        try trip.decode()
        #expect(trip.frame.rollups.count == most)

        var writer = FrameRollupsWriter()
        for _ in 0...most { writer.append(entry) }
        var bytes = Array(try frameBytes([])[..<FrameHeader.size]) + [2, 0, 2, 0]
        writer.write(to: &bytes)
        #expect(throws: DamagedFrame("no rollups, or too many")) { try trip.decode(bytes.mended) }
    }

    /// A block that claims more than its limit, or more than its few bytes can hold, reserves nothing.
    @Test func bombsAreRefusedByTheirClaims() throws {
        var zeros: [UInt8] = []
        try ZstdCompressor(level: 1).compress(
            Array(repeating: 0, count: Frame.maximumBlock + 1), appendingTo: &zeros)
        #expect(zeros.count < 10_000)
        // Frame header: single segment, eight bytes of content size; then one empty last block.
        let claim: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0xE0, 0, 0, 0, 0x10, 0, 0, 0, 0, 0x01, 0, 0]
        for (bomb, size) in [(zeros, Frame.maximumBlock + 1), (claim, 268_435_456)] {
            var bytes = Array(try frameBytes([])[..<FrameHeader.size])
            bytes.append(varint: UInt64(bomb.count << 1 | 1))
            bytes += bomb
            var trip = FrameTrip()
            #expect(throws: DamagedFrame("a zstd frame that claims \(size) bytes of content")) {
                try trip.decode(bytes.mended)
            }
        }
    }

    /// Readings that are all alike take no room: what a few bytes can claim is bounded by the number of readings.
    @Test func theMostThatAFewBytesCanHold() throws {
        var batch = ReadingBatch()
        for row in 0..<Frame.maximumReadings {
            batch.append(
                Reading(series: SeriesID(3), time: Timestamp(microseconds: Int64(row) * 1_000_000), value: .number(7)))
        }
        var trip = FrameTrip()
        try trip.encode([batch])
        #expect(trip.bytes.count < 200)
        try trip.decode()
        #expect(trip.frame.readings.times == batch.times)
    }

    private func expectDamage(_ bytes: [UInt8]) {
        var trip = FrameTrip()
        #expect(throws: DamagedFrame.self) { try trip.decode(bytes) }
    }
}

extension [UInt8] {
    /// A frame without a checksum, with its size set right and a checksum.
    fileprivate var mended: [UInt8] {
        var bytes = self
        let size = count - FrameHeader.size
        for index in 0..<4 { bytes[FrameHeader.size - 4 + index] = UInt8(truncatingIfNeeded: size >> (8 * index)) }
        bytes.append(word: Checksum.of(bytes.span, label: 0))
        return bytes
    }
}
