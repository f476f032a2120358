import Readings

/// Opens frames. Owned by one thread; what it needs for a frame it keeps for the next.
///
/// Any bytes at all give a frame or an error: every length is held against what is there and what is possible before it
/// is used. What a frame says of itself is not more than a claim: which sequences it covers is for the receiver to check.
public struct FrameDecoder: ~Copyable {
    private var integers = IntegerColumnReader()
    private var block: [UInt8] = []
    private var rollups = FrameRollupsReader()

    private var series: [Int64] = []
    private var lengths: [Int64] = []
    private var counts: [Int] = []
    private var times = FrameTimesReader()
    private var numberCounts: [Int] = []
    private var numberColumn = FrameNumbersReader()
    private var numbers: [UInt64] = []
    private var textNumbers: [Int64] = []

    public init() {}

    /// Puts what is in the bytes in place of what `frame` held, using its memory again. After an error the frame is empty.
    public mutating func decode(_ bytes: UnsafeRawBufferPointer, into frame: inout Frame) throws(DamagedFrame) {
        var columns = frame.readings.takeColumns()
        frame.header = FrameHeader()
        frame.definitions.removeAll(keepingCapacity: true)
        frame.rollups.removeAll(keepingCapacity: true)
        frame.tables.removeAll(keepingCapacity: true)
        do throws(DamagedBytes) {
            try read(Span<UInt8>(_bytes: bytes.bytes), into: &frame, &columns)
            guard let readings = ReadingBatch(columns) else { throw DamagedBytes("columns that contradict each other") }
            frame.readings = readings
        } catch {
            frame = Frame()
            throw DamagedFrame(error.reason)
        }
    }

    private mutating func read(
        _ bytes: Span<UInt8>, into frame: inout Frame, _ columns: inout ReadingBatch.Columns
    ) throws(DamagedBytes) {
        try frame.header.read(bytes)
        guard bytes.count == frame.header.frameSize else { throw DamagedBytes("it is not as long as it says") }
        let end = bytes.count - Checksum.size
        guard Checksum.of(bytes.extracting(0..<end), label: 0) == bytes.bytes.word(at: end) else {
            throw DamagedBytes("its checksum is another one")
        }
        var position = FrameHeader.size
        try integers.blocks.read(bytes, at: &position, limit: Frame.maximumBlock, into: &block)
        try DefinitionList.read(block.span, into: &frame.definitions)
        try integers.blocks.read(bytes, at: &position, limit: Frame.maximumBlock, into: &block)
        try FrameTable.read(block.span, rows: frame.header.rows, into: &frame.tables)
        try rollups.read(bytes.extracting(0..<end), at: &position, into: &frame.rollups)
        let readings = frame.header.readings
        if readings > 0 { try read(readings, bytes, at: &position, into: &columns) }
        guard position == end else { throw DamagedBytes("more bytes than it has columns") }
    }

    private mutating func read(
        _ readings: Int, _ bytes: Span<UInt8>, at position: inout Int, into columns: inout ReadingBatch.Columns
    ) throws(DamagedBytes) {
        try readSeries(readings, bytes, at: &position, into: &columns.series)
        try times.read(bytes, at: &position, counts: counts, &integers, appendingTo: &columns.times)
        try readTags(readings, bytes, at: &position, into: &columns)
        countNumbers(columns.kinds)
        try numberColumn.read(bytes, at: &position, counts: numberCounts, &integers, into: &numbers)
        try integers.readTexts(
            bytes, at: &position, rows: columns.kinds.count { $0 == .text }, limit: Frame.maximumBlock,
            numbers: &textNumbers, block: &block, appendingTo: &columns.texts)
        columns.fillBits(numbers: numbers, textNumbers: textNumbers)
    }

    private mutating func readSeries(
        _ readings: Int, _ bytes: Span<UInt8>, at position: inout Int, into all: inout [SeriesID]
    ) throws(DamagedBytes) {
        let count = try bytes.varint(at: &position, upTo: readings)
        try integers.read(bytes, at: &position, count: count, into: &series)
        try integers.read(bytes, at: &position, count: count, into: &lengths)
        counts.removeAll(keepingCapacity: true)
        var left = readings
        var previous: Int64 = -1
        for (number, further) in zip(series, lengths) {
            guard number > previous, number <= UInt32.max else { throw DamagedBytes("series out of order") }
            guard further >= 0, further < left else { throw DamagedBytes("series of more readings than there are") }
            previous = number
            left -= Int(further) + 1
            counts.append(Int(further) + 1)
        }
        guard left == 0 else { throw DamagedBytes("series of fewer readings than there are") }
        all.append(addingCapacity: readings) { output in
            for (number, count) in zip(series, counts) {
                output.append(repeating: SeriesID(UInt32(number)), count: count)
            }
        }
    }

    private mutating func readTags(
        _ readings: Int, _ bytes: Span<UInt8>, at position: inout Int, into columns: inout ReadingBatch.Columns
    ) throws(DamagedBytes) {
        try integers.blocks.read(bytes, at: &position, limit: readings * (1 + Varint.longest), into: &block)
        var end = 0
        try block.span.tags(of: readings, at: &end, into: &columns.kinds, &columns.qualities)
        guard end == block.count else { throw DamagedBytes("more tags than readings") }
    }

    /// Of each series that has any.
    private mutating func countNumbers(_ kinds: [ReadingBatch.Kind]) {
        numberCounts.removeAll(keepingCapacity: true)
        var row = 0
        for count in counts {
            var numbers = 0
            for row in row..<row + count where kinds[row] == .number { numbers += 1 }
            if numbers > 0 { numberCounts.append(numbers) }
            row += count
        }
    }
}
