import Readings

/// Kind and quality of a row in one byte. They seldom vary: a column of them is a byte, then for how many rows, until
/// all rows have theirs.
enum RowTag {
    private static let kindBits: UInt8 = 2

    @inline(__always)
    static func encode(_ kind: ReadingBatch.Kind, _ quality: Quality) -> UInt8 {
        kind.rawValue | quality.rawValue << kindBits
    }

    static func decode(_ tag: UInt8) -> (ReadingBatch.Kind, Quality)? {
        guard let kind = ReadingBatch.Kind(rawValue: tag & (1 << kindBits - 1)),
            let quality = Quality(rawValue: tag >> kindBits)
        else { return nil }
        return (kind, quality)
    }
}

extension [UInt8] {
    mutating func append(runsOf tags: [UInt8]) {
        var start = 0
        for row in tags.indices where row + 1 == tags.count || tags[row + 1] != tags[row] {
            append(tags[row])
            append(varint: UInt64(row + 1 - start))
            start = row + 1
        }
    }
}

extension Span<UInt8> {
    func tags(
        of rows: Int, at position: inout Int, into kinds: inout [ReadingBatch.Kind], _ qualities: inout [Quality]
    ) throws(DamagedBytes) {
        kinds.reserveCapacity(rows)
        qualities.reserveCapacity(rows)
        while kinds.count < rows {
            guard let (kind, quality) = RowTag.decode(try byte(at: &position)) else {
                throw DamagedBytes("an unknown kind or quality")
            }
            let count = try varint(at: &position, upTo: rows - kinds.count)
            guard count > 0 else { throw DamagedBytes("a kind and quality of no rows") }
            kinds.append(repeating: kind, count: count)
            qualities.append(repeating: quality, count: count)
        }
    }
}
