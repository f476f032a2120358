import Readings

/// The bytes of a history row: up to a few thousand readings of one series, strictly ascending in time. What encoder
/// and decoder agree on.
///
///     version  content  checksum, 8 bytes, which covers the label too
///
/// The content, every number a varint unless said:
///
///     rows; nothing more follows when there are no rows
///     times: see `TimeColumn`
///     tags: kind and quality of each row, run by run, as a byte block
///     numbers, when rows are of that kind: see `ChunkNumberForm`
///     texts, when rows are of that kind: which text each of them has, as an integer column; then the texts, as a
///         byte block
///
/// Integer columns and byte blocks stand in `IntegerForm` and `ByteBlock`.
public enum Chunk {
    public static let maximumRows = 16_384
    /// In bytes: a longest text for each row.
    public static let maximumTexts = maximumRows * (Value.longestText + Varint.longest)

    static let version: UInt8 = 1
}

/// Bytes that are not a whole chunk as it was written.
public struct DamagedChunk: Error, Equatable, CustomStringConvertible {
    public let reason: String

    package init(_ reason: String) { self.reason = reason }

    public var description: String { "damaged chunk: \(reason)" }
}
