import Encoding
import Readings

/// What chunks hold: rows with strictly ascending times, readings or rollups.
protocol ChunkRows {
    /// Denser than larger ones a chunk is not, and to look at one row is to decode all.
    static var mostInAChunk: Int { get }
    init()
    var count: Int { get }
    func time(_ row: Int) -> Int64
    mutating func append(_ rows: Range<Int>, of other: borrowing Self)
    static func decode(
        _ bytes: UnsafeRawBufferPointer, _ label: ChunkLabel, _ codec: inout ChunkCodec, into rows: inout Self
    ) throws(DamagedChunk)
    func encode(_ label: ChunkLabel, _ codec: inout ChunkCodec)
}

/// The memory that encoding and decoding need, and the bytes of the last chunk encoded. Owned by one thread.
struct ChunkCodec: ~Copyable {
    var readingsEncoder = ChunkEncoder()
    var readingsDecoder = ChunkDecoder()
    var rollupsEncoder = RollupEncoder()
    var rollupsDecoder = RollupDecoder()
    var bytes: [UInt8] = []
}

extension ChunkRows {
    /// The first row that is not before a moment.
    func firstRow(from time: Int64) -> Int { firstRow(in: 0..<count) { $0 >= time } }

    /// The first row after a moment.
    func firstRow(after time: Int64) -> Int { firstRow(in: 0..<count) { $0 > time } }

    func rows(in range: TimeRange) -> Range<Int> {
        let lower = firstRow(from: range.first)
        return lower..<max(lower, firstRow(after: range.last))
    }

    private func firstRow(in rows: Range<Int>, _ isThere: (Int64) -> Bool) -> Int {
        var (low, high) = (rows.lowerBound, rows.upperBound)
        while low < high {
            let middle = (low + high) / 2
            if isThere(time(middle)) { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// Both together; of two rows for one moment that of `newer`.
    static func merged(_ older: Self, _ newer: Self, _ newerRows: Range<Int>) -> Self {
        var result = Self()
        var (old, new) = (0, newerRows.lowerBound)
        while new < newerRows.upperBound {
            let start = old
            while old < older.count, older.time(old) < newer.time(new) { old += 1 }
            result.append(start..<old, of: older)
            if old < older.count, older.time(old) == newer.time(new) { old += 1 }
            let firstNew = new
            new += 1
            while new < newerRows.upperBound, old == older.count || newer.time(new) < older.time(old) { new += 1 }
            result.append(firstNew..<new, of: newer)
        }
        result.append(old..<older.count, of: older)
        return result
    }
}

extension ReadingBatch: ChunkRows {
    static let mostInAChunk = 8192

    func time(_ row: Int) -> Int64 { times[row] }

    static func decode(
        _ bytes: UnsafeRawBufferPointer, _ label: ChunkLabel, _ codec: inout ChunkCodec, into rows: inout ReadingBatch
    ) throws(DamagedChunk) {
        try codec.readingsDecoder.decode(bytes, label: label, into: &rows)
    }

    func encode(_ label: ChunkLabel, _ codec: inout ChunkCodec) {
        codec.readingsEncoder.encode(self, label: label, into: &codec.bytes)
    }
}

struct RollupRows: ChunkRows {
    static let mostInAChunk = 2048

    var rollups: [Rollup] = []

    var count: Int { rollups.count }

    func time(_ row: Int) -> Int64 { rollups[row].start }

    mutating func append(_ rows: Range<Int>, of other: borrowing RollupRows) {
        rollups.append(contentsOf: other.rollups[rows])
    }

    static func decode(
        _ bytes: UnsafeRawBufferPointer, _ label: ChunkLabel, _ codec: inout ChunkCodec, into rows: inout RollupRows
    ) throws(DamagedChunk) {
        try codec.rollupsDecoder.decode(bytes, width: label.microseconds, label: label, into: &rows.rollups)
    }

    func encode(_ label: ChunkLabel, _ codec: inout ChunkCodec) {
        codec.rollupsEncoder.encode(rollups, width: label.microseconds, label: label, into: &codec.bytes)
    }
}

extension ChunkLabel {
    var microseconds: Int64 { Int64(width) * 1_000_000 }

    init(_ series: SeriesID, width: Int64) { self.init(series: series, width: UInt32(width / 1_000_000)) }

    static func readings(_ series: SeriesID) -> ChunkLabel { ChunkLabel(series: series, width: 0) }
}
