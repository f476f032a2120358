import Readings

/// What a frame has of one series in place of its readings, as when the budget lets no more through: rollups of one
/// width, in order of time.
///
/// As bytes, every number a varint: how many of these; for each its series, the width in seconds, how many bytes, and
/// those of a `RollupChunk`.
public struct FrameRollups: Sendable, Equatable {
    public static let widths: ClosedRange<UInt32> = 1...86_400 * 366

    public var series: SeriesID
    /// In seconds.
    public var width: UInt32
    public var rollups: [Rollup]

    public init(series: SeriesID, width: UInt32, rollups: [Rollup]) {
        self.series = series
        self.width = width
        self.rollups = rollups
    }
}

/// Owned by one encoder; it keeps its memory.
struct FrameRollupsWriter: ~Copyable {
    private var encoder = RollupEncoder()
    private var chunk: [UInt8] = []
    private var chunks: [UInt8] = []
    private var count = 0
    private(set) var rollups = 0
    private(set) var series: [SeriesID] = []

    var size: Int { chunks.count }

    mutating func removeAll() {
        chunks.removeAll(keepingCapacity: true)
        count = 0
        rollups = 0
        series.removeAll(keepingCapacity: true)
    }

    mutating func append(_ entry: FrameRollups) {
        let label = ChunkLabel(series: entry.series, width: entry.width)
        encoder.encode(entry.rollups, width: Int64(entry.width) * 1_000_000, label: label, into: &chunk)
        chunks.append(varint: UInt64(entry.series.rawValue))
        chunks.append(varint: UInt64(entry.width))
        chunks.append(varint: UInt64(chunk.count))
        chunks.append(contentsOf: chunk)
        count += 1
        rollups += entry.rollups.count
        series.append(entry.series)
    }

    func write(to bytes: inout [UInt8]) {
        bytes.append(varint: UInt64(count))
        bytes.append(contentsOf: chunks)
    }
}

/// Owned by one decoder; it keeps its memory.
struct FrameRollupsReader: ~Copyable {
    private var decoder = RollupDecoder()

    mutating func read(
        _ bytes: Span<UInt8>, at position: inout Int, into all: inout [FrameRollups]
    ) throws(DamagedBytes) {
        var left = Frame.maximumRollups
        for _ in 0..<(try bytes.varint(at: &position, upTo: Frame.maximumRollups)) {
            let series = try bytes.varint(at: &position, upTo: Int(UInt32.max))
            let width = try bytes.varint(at: &position, upTo: Int(FrameRollups.widths.upperBound))
            guard width > 0 else { throw DamagedBytes("rollups of no width") }
            let size = try bytes.varint(at: &position, upTo: bytes.count - position)
            guard size <= bytes.count - position else { throw DamagedBytes("it ends too early") }
            var entry = FrameRollups(series: SeriesID(UInt32(series)), width: UInt32(width), rollups: [])
            try read(bytes.extracting(position..<position + size), into: &entry)
            position += size
            guard !entry.rollups.isEmpty, entry.rollups.count <= left else {
                throw DamagedBytes("no rollups, or too many")
            }
            left -= entry.rollups.count
            all.append(entry)
        }
    }

    private mutating func read(_ chunk: Span<UInt8>, into entry: inout FrameRollups) throws(DamagedBytes) {
        let label = ChunkLabel(series: entry.series, width: entry.width)
        let width = Int64(entry.width) * 1_000_000
        do throws(DamagedChunk) {
            try chunk.withUnsafeBytes { (chunk) throws(DamagedChunk) in
                try decoder.decode(chunk, width: width, label: label, into: &entry.rollups)
            }
        } catch {
            throw DamagedBytes(error.reason)
        }
    }
}
