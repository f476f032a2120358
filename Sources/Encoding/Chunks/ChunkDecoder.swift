import Readings

/// Turns chunks back into readings. Owned by one thread; what it needs for a chunk it keeps for the next.
///
/// Any bytes at all give readings or an error: every length is held against what is there before it is used, and
/// what a chunk can claim is bounded by `Chunk`.
public struct ChunkDecoder: ~Copyable {
    private var integers = IntegerColumnReader()
    private var timeColumn = TimeColumnReader()
    private var numberColumn = ChunkNumbersReader()

    private var content: [UInt8] = []
    private var numbers: [UInt64] = []
    private var textNumbers: [Int64] = []

    public init() {}

    /// Puts the readings, as those of the label's series, in place of what `batch` held, using its memory again. After
    /// an error the batch is empty.
    public mutating func decode(
        _ bytes: UnsafeRawBufferPointer, label: ChunkLabel, into batch: inout ReadingBatch
    ) throws(DamagedChunk) {
        do throws(DamagedBytes) {
            var columns = batch.takeColumns()
            try read(Span<UInt8>(_bytes: bytes.bytes), label, into: &columns)
            columns.series.append(repeating: label.series, count: columns.times.count)
            guard let whole = ReadingBatch(columns) else { throw DamagedBytes("columns that contradict each other") }
            batch = whole
        } catch {
            throw DamagedChunk(error.reason)
        }
    }

    /// The same for the times alone, in microseconds since 1970.
    public mutating func decodeTimes(
        _ bytes: UnsafeRawBufferPointer, label: ChunkLabel, into times: inout [Int64]
    ) throws(DamagedChunk) {
        times.removeAll(keepingCapacity: true)
        do throws(DamagedBytes) {
            var position = 0
            _ = try readStart(Span<UInt8>(_bytes: bytes.bytes), label, at: &position, into: &times)
        } catch {
            times.removeAll(keepingCapacity: true)
            throw DamagedChunk(error.reason)
        }
    }

    private mutating func read(
        _ bytes: Span<UInt8>, _ label: ChunkLabel, into columns: inout ReadingBatch.Columns
    ) throws(DamagedBytes) {
        var position = 0
        let rows = try readStart(bytes, label, at: &position, into: &columns.times)
        if rows > 0 {
            try readTags(bytes, at: &position, rows: rows, into: &columns)
            try readValues(bytes, at: &position, into: &columns)
        }
        guard position == bytes.count - Checksum.size else { throw DamagedBytes("more bytes than it has columns") }
    }

    /// What comes before the tags; returns how many rows there are.
    private mutating func readStart(
        _ bytes: Span<UInt8>, _ label: ChunkLabel, at position: inout Int, into times: inout [Int64]
    ) throws(DamagedBytes) -> Int {
        try bytes.checkSeal(label)
        guard try bytes.byte(at: &position) == Chunk.version else { throw DamagedBytes("an unknown version") }
        let rows = try bytes.varint(at: &position, upTo: Chunk.maximumRows)
        guard rows > 0 else { return 0 }
        try timeColumn.read(bytes, at: &position, rows: rows, &integers, appendingTo: &times)
        guard times.span.isAscending else { throw DamagedBytes("times out of order") }
        return rows
    }

    private mutating func readTags(
        _ bytes: Span<UInt8>, at position: inout Int, rows: Int, into columns: inout ReadingBatch.Columns
    ) throws(DamagedBytes) {
        try integers.blocks.read(bytes, at: &position, limit: rows * (1 + Varint.longest), into: &content)
        var end = 0
        try content.span.tags(of: rows, at: &end, into: &columns.kinds, &columns.qualities)
        guard end == content.count else { throw DamagedBytes("more tags than rows") }
    }

    private mutating func readValues(
        _ bytes: Span<UInt8>, at position: inout Int, into columns: inout ReadingBatch.Columns
    ) throws(DamagedBytes) {
        if columns.areNumbers {
            let count = columns.kinds.count
            return try numberColumn.read(bytes, at: &position, count: count, &integers, into: &columns.bits)
        }
        let numberCount = columns.kinds.count { $0 == .number }
        numbers.removeAll(keepingCapacity: true)
        if numberCount > 0 {
            try numberColumn.read(bytes, at: &position, count: numberCount, &integers, into: &numbers)
        }
        try integers.readTexts(
            bytes, at: &position, rows: columns.kinds.count { $0 == .text }, limit: Chunk.maximumTexts,
            numbers: &textNumbers, block: &content, appendingTo: &columns.texts)
        columns.fillBits(numbers: numbers, textNumbers: textNumbers)
    }
}

extension Span<Int64> {
    fileprivate var isAscending: Bool {
        var steps = 1
        for index in 1..<Swift.max(count, 1) { steps &+= self[unchecked: index] > self[unchecked: index - 1] ? 1 : 0 }
        return steps >= count
    }
}
