import Readings

/// What stands beside a chunk in its row, which its checksum covers too: a chunk is never taken for that of another
/// series.
public struct ChunkLabel: Sendable, Hashable {
    public var series: SeriesID
    /// Of the rollups, in seconds; 0 for readings.
    public var width: UInt32

    public init(series: SeriesID, width: UInt32) {
        self.series = series
        self.width = width
    }

    fileprivate var word: UInt64 { UInt64(series.rawValue) << 32 | UInt64(width) }
}

extension [UInt8] {
    /// Puts the checksum behind what is there.
    mutating func seal(_ label: ChunkLabel) {
        append(word: Checksum.of(span, label: label.word))
    }
}

extension Span<UInt8> {
    /// That the checksum at the end is the right one.
    func checkSeal(_ label: ChunkLabel) throws(DamagedBytes) {
        let end = count - Checksum.size
        guard end > 0 else { throw DamagedBytes("it ends too early") }
        guard Checksum.of(extracting(0..<end), label: label.word) == bytes.word(at: end) else {
            throw DamagedBytes("its checksum is another one")
        }
    }
}
