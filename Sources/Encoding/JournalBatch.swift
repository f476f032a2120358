/// The bytes of a journal row: what encoder, decoder and salvage agree on.
///
///     "OPB"  version  zstd frame with checksum, nothing after it
///
/// The frame's content, every number a varint unless said:
///
///     sequence, rows; nothing more follows when there are no rows
///     groups, then for each: series minus the series before, rows - 1
///     times: the unit (a byte), then for each row the zigzag distance to the row before in that unit; the first
///         row of a group is measured from the first row of the group before
///     tags: kind and quality in one byte, then for how many rows, until all rows have theirs
///     numbers: a form (a byte) for each group that has numbers; the zigzag deltas of all groups stored as
///         decimals; the bits of all others, XORed with the number before, as eight planes of bytes
///     texts, when rows are of that kind: for each of those which text it has; how many texts; for each its length
///         in bytes and its UTF-8
///
/// Rows are grouped by series, in ascending order of their numbers. Within a series they keep the order of arrival,
/// since the last arrival for a moment is the one that counts; between series that order is not kept.
public enum JournalBatch {
    public static let maximumRows = 4_194_304
    public static let maximumContent = 268_435_456

    static let header: [UInt8] = Array("OPB".utf8) + [version]
    private static let version: UInt8 = 1

    /// Whether a batch of a known version may start here; what finds batches in the raw pages of a broken database.
    public static func looksLikeJournalBatch(_ bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.starts(with: header)
    }
}
