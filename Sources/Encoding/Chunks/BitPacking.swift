/// Whole numbers in blocks of 128, each less the smallest of its block and in as many bits as most of them need. What
/// does not fit, such as a time that came late, has its higher bits in a list after the block.
///
/// A block: the width, plus 128 where the list is not empty; the zigzag distance of the smallest to that of the block
/// before; how many are in the list; the packed bits; the list, for each its place in the block (a byte) and its
/// higher bits.
enum BitPacking {
    static let blockLength = 128

    fileprivate static let hasPatches: UInt8 = 0x80
    /// Eight bytes hold any number of this width wherever its first bit lies; a wider one gets all eight to itself.
    fileprivate static let widest = 57
    fileprivate static let whole = 64

    fileprivate static func packedSize(_ count: Int, width: Int) -> Int { (count * width + 7) / 8 }

    @inline(__always)
    fileprivate static func mask(_ width: Int) -> UInt64 { width == whole ? .max : (1 << UInt64(width)) - 1 }
}

// MARK: - Writing

private struct PackedBlock {
    let smallest: Int64
    private(set) var width: Int
    private(set) var patches = 0

    /// The width with which the block is smallest.
    init(_ values: Span<Int64>) {
        let smallest = Self.smallest(of: values)
        self.smallest = smallest
        let counts = Self.lengths(of: values, above: smallest)
        let longest = counts.indices.last { counts[$0] > 0 } ?? 0
        width = longest > BitPacking.widest ? BitPacking.whole : longest
        var leastSize = BitPacking.packedSize(values.count, width: width)
        var wider = 0
        for candidate in stride(from: longest - 1, through: 0, by: -1) {
            wider += Int(counts[candidate + 1])
            guard candidate <= BitPacking.widest else { continue }
            let size =
                BitPacking.packedSize(values.count, width: candidate) + 1
                + wider * (1 + (longest - candidate + 6) / 7)
            if size < leastSize { (leastSize, width, patches) = (size, candidate, wider) }
        }
    }

    /// How many there are of each length in bits.
    private static func lengths(of values: Span<Int64>, above smallest: Int64) -> InlineArray<65, UInt8> {
        // Two counts that take turns: neighbours are often of one length, and a count waits for the one before.
        var counts = InlineArray<130, UInt8>(repeating: 0)
        for index in values.indices {
            let length = 64 - UInt64(bitPattern: values[unchecked: index] &- smallest).leadingZeroBitCount
            counts[length + (index & 1) * 65] &+= 1
        }
        return InlineArray { counts[$0] &+ counts[$0 + 65] }
    }

    private static func smallest(of values: Span<Int64>) -> Int64 {
        var smallest = values[0]
        for index in values.indices { smallest = min(smallest, values[index]) }
        return smallest
    }

    @inline(__always)
    func above(_ value: Int64) -> UInt64 { UInt64(bitPattern: value &- smallest) }
}

extension [UInt8] {
    mutating func append(packed values: [Int64]) {
        var before: Int64 = 0
        for start in stride(from: 0, to: values.count, by: BitPacking.blockLength) {
            let values = values.span.extracting(start..<Swift.min(start + BitPacking.blockLength, values.count))
            let block = PackedBlock(values)
            append(UInt8(block.width) | (block.patches > 0 ? BitPacking.hasPatches : 0))
            append(varint: ZigZag.encode(block.smallest &- before))
            before = block.smallest
            if block.patches > 0 { append(varint: UInt64(block.patches)) }
            append(values, packedIn: block)
            if block.patches > 0 { append(patchesOf: values, block) }
        }
    }

    private mutating func append(_ values: Span<Int64>, packedIn block: PackedBlock) {
        let size = BitPacking.packedSize(values.count, width: block.width)
        guard size > 0 else { return }
        let mask = BitPacking.mask(block.width)
        append(addingCapacity: size) { output in
            var pending: UInt64 = 0
            var filled = 0
            for index in values.indices {
                let value = block.above(values[index]) & mask
                pending |= value << UInt64(filled)
                filled += block.width
                guard filled >= 64 else { continue }
                for shift in stride(from: 0, to: 64 as UInt64, by: 8) {
                    output.append(UInt8(truncatingIfNeeded: pending >> shift))
                }
                filled -= 64
                pending = value >> UInt64(block.width - filled)
            }
            while output.freeCapacity > 0 {
                output.append(UInt8(truncatingIfNeeded: pending))
                pending >>= 8
            }
        }
    }

    private mutating func append(patchesOf values: Span<Int64>, _ block: PackedBlock) {
        for index in values.indices where block.above(values[index]) >> UInt64(block.width) != 0 {
            append(UInt8(index))
            append(varint: block.above(values[index]) >> UInt64(block.width))
        }
    }
}

// MARK: - Reading

extension Span<UInt8> {
    /// Behind packed bits stand at least eight more bytes, those of the checksum: so numbers are loaded as words
    /// wherever they start.
    func packed(_ wanted: Int, at position: inout Int, appendingTo values: inout [Int64]) throws(DamagedBytes) {
        var smallest: Int64 = 0
        for start in stride(from: 0, to: wanted, by: BitPacking.blockLength) {
            let blockCount = Swift.min(BitPacking.blockLength, wanted - start)
            let head = try byte(at: &position)
            let width = Int(head & ~BitPacking.hasPatches)
            guard width <= BitPacking.widest || width == BitPacking.whole else {
                throw DamagedBytes("numbers of \(width) bits")
            }
            smallest &+= ZigZag.decode(try varint(at: &position))
            let patches = head & BitPacking.hasPatches == 0 ? 0 : try varint(at: &position, upTo: blockCount)
            let size = BitPacking.packedSize(blockCount, width: width)
            guard size + Checksum.size <= count - position else { throw DamagedBytes("it ends too early") }
            unpack(blockCount, width: width, at: position, above: smallest, appendingTo: &values)
            position += size
            try patch(patches, at: &position, width: width, &values, blockCount)
        }
    }

    private func unpack(
        _ wanted: Int, width: Int, at position: Int, above smallest: Int64, appendingTo values: inout [Int64]
    ) {
        let mask = BitPacking.mask(width)
        let bytes = bytes
        var bit = position * 8
        values.append(wanted) { _ in
            let value = bytes.word(at: bit >> 3) >> UInt64(bit & 7) & mask
            bit &+= width
            return Int64(bitPattern: value) &+ smallest
        }
    }

    /// Adds their higher bits to some of the `blockCount` last values.
    private func patch(
        _ patches: Int, at position: inout Int, width: Int, _ values: inout [Int64], _ blockCount: Int
    ) throws(DamagedBytes) {
        for _ in 0..<patches {
            let index = Int(try byte(at: &position))
            guard index < blockCount else { throw DamagedBytes("a number outside of its block") }
            let higher = try varint(at: &position) << UInt64(width)
            values[values.count - blockCount + index] &+= Int64(bitPattern: higher)
        }
    }
}
