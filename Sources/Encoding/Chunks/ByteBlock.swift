import Zstd

/// Bytes inside a chunk: how many, doubled, plus 1 where they are a zstd frame; then the bytes.
enum ByteBlock {
    /// Whether something that takes longer to open is smaller by enough to be worth it.
    static func pays(_ size: Int, over plainSize: Int) -> Bool { size < plainSize - plainSize / 32 }
}

/// Owned by one encoder; it keeps its memory.
struct ByteBlockWriter: ~Copyable {
    /// Frames below this are mostly header.
    private static let leastContent = 24

    /// Higher levels make larger frames here: repetitions that they find in noise break up the literals.
    private let compressor = ZstdCompressor(level: 1)
    private var frame: [UInt8] = []
    private var plane: [UInt8] = []

    mutating func write(_ content: [UInt8], to bytes: inout [UInt8]) {
        frame.removeAll(keepingCapacity: true)
        if content.count >= Self.leastContent { compress(content) }
        let isCompressed = !frame.isEmpty && ByteBlock.pays(frame.count, over: content.count)
        bytes.append(varint: UInt64(isCompressed ? frame.count << 1 | 1 : content.count << 1))
        bytes.append(contentsOf: isCompressed ? frame : content)
    }

    /// All bytes of each number, plane by plane: noise in some does not spoil the others.
    mutating func write(planesOf numbers: [UInt64], to bytes: inout [UInt8]) {
        for index in 0..<BytePlanes.all {
            plane.removeAll(keepingCapacity: true)
            plane.append(plane: index, of: numbers)
            write(plane, to: &bytes)
        }
    }

    private mutating func compress(_ content: [UInt8]) {
        do {
            try compressor.compress(content, appendingTo: &frame)
        } catch {
            fatalError("a chunk could not be compressed: \(error)")  // no bytes can cause that, only missing memory
        }
    }
}

/// Owned by one decoder; it keeps its memory.
struct ByteBlockReader: ~Copyable {
    private let decompressor = ZstdDecompressor()
    private var plane: [UInt8] = []

    /// Puts the bytes of a block, of which there may be `limit`, in place of what `content` held.
    func read(
        _ bytes: Span<UInt8>, at position: inout Int, limit: Int, into content: inout [UInt8]
    ) throws(DamagedBytes) {
        try Self.read(bytes, at: &position, limit: limit, decompressor, into: &content)
    }

    /// Puts `count` numbers in place of what `numbers` held.
    mutating func read(
        planesOf count: Int, _ bytes: Span<UInt8>, at position: inout Int, into numbers: inout [UInt64]
    ) throws(DamagedBytes) {
        numbers.replaceByZeros(count)
        for index in 0..<BytePlanes.all {
            try Self.read(bytes, at: &position, limit: count, decompressor, into: &plane)
            guard plane.count == count else { throw DamagedBytes("planes of fewer numbers than there are") }
            numbers.add(plane: index, plane.span)
        }
    }

    private static func read(
        _ bytes: Span<UInt8>, at position: inout Int, limit: Int, _ decompressor: borrowing ZstdDecompressor,
        into content: inout [UInt8]
    ) throws(DamagedBytes) {
        let head = try bytes.varint(at: &position, upTo: bytes.count << 1)
        let size = head >> 1
        guard size <= bytes.count - position else { throw DamagedBytes("it ends too early") }
        let block = bytes.extracting(position..<position + size)
        position += size
        content.removeAll(keepingCapacity: true)
        if head & 1 == 0 {
            guard size <= limit else { throw DamagedBytes("a block of \(size) bytes where \(limit) are possible") }
            block.withUnsafeBufferPointer { content.append(contentsOf: $0) }
        } else {
            do {
                try decompressor.decompress(block, limit: limit, appendingTo: &content)
            } catch {
                throw DamagedBytes("\(error)")
            }
        }
    }
}
