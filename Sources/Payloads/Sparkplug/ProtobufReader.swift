/// Where bytes lie in a payload. In one word: two that are written one by one and read as one cost a processor as much
/// as all else that is done with them.
struct ByteRange: Sendable, Hashable {
    private var bits: UInt64

    init(start: Int = 0, end: Int = 0) {
        bits = UInt64(truncatingIfNeeded: start) << 32 | UInt64(truncatingIfNeeded: end)
    }

    var start: Int { Int(truncatingIfNeeded: bits >> 32) }
    var end: Int { Int(truncatingIfNeeded: bits & 0xFFFF_FFFF) }
    var isEmpty: Bool { start == end }
    var count: Int { end - start }
}

extension UnsafeRawBufferPointer {
    subscript(range: ByteRange) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: self[range.start..<range.end])
    }
}

/// Why bytes are no message of Protocol Buffers.
enum ProtobufFault: Sendable, Hashable {
    case cutOff
    case longNumber
    case noField
    case strayGroup
    case tooDeep

    struct Place: Sendable, Hashable {
        var fault: ProtobufFault
        /// In the payload.
        var offset: Int
    }

    var statement: String {
        switch self {
        case .cutOff: "a message that breaks off"
        case .longNumber: "a number of more than 64 bits"
        case .noField: "what begins no field"
        case .strayGroup: "a group without its beginning or its end"
        case .tooDeep: "nested deeper than \(ProtobufReader.deepest) levels"
        }
    }
}

/// Goes through the fields of one message of Protocol Buffers, where it lies. Fields that nobody knows are for whoever
/// reads to pass over; groups, which nobody uses any more, are passed over here.
struct ProtobufReader {
    /// How deep messages and groups may lie in each other.
    static let deepest = 8

    private enum Wire {
        static let number: UInt32 = 0
        static let eightBytes: UInt32 = 1
        static let bytes: UInt32 = 2
        static let groupStart: UInt32 = 3
        static let groupEnd: UInt32 = 4
        static let fourBytes: UInt32 = 5
        /// A bit for each but the groups.
        static let plain: UInt32 = 1 << number | 1 << eightBytes | 1 << bytes | 1 << fourBytes
    }

    private let bytes: UnsafeRawBufferPointer
    private let end: Int
    private(set) var position: Int

    /// The number of the field times 8, and the way that it is written: 0 a number, 1 eight bytes, 2 a length and bytes,
    /// 5 four bytes. So a known field that is written in another way is an unknown one, as the format wants it.
    private(set) var tag: UInt32 = 0
    /// What a field of a number, four or eight bytes holds.
    private(set) var word: UInt64 = 0
    /// Where the bytes of one with a length are.
    private(set) var content = ByteRange()
    private var fault: ProtobufFault?

    /// `range` lies within `bytes`, which are fewer than 4 GiB.
    init(_ bytes: UnsafeRawBufferPointer, _ range: ByteRange) {
        self.bytes = bytes
        position = range.start
        end = range.end
    }

    /// Why and where it ended before its end.
    var place: ProtobufFault.Place? { fault.map { ProtobufFault.Place(fault: $0, offset: position) } }

    /// Goes on to the next field. False at the end, and at a fault.
    @inline(__always)
    mutating func next() -> Bool {
        while position < end {
            guard readTag() else { return false }
            if isPlain { return readPlain() }
            // A copy: what has its address taken is kept in memory.
            var copy = self
            let isSound = copy.readGroup(depth: 1)
            self = copy
            if !isSound { return false }
        }
        return false
    }

    /// For a field of packed numbers, which has no tags: the next number.
    mutating func nextPacked() -> Bool { position < end && readWord() }

    @inline(__always)
    private mutating func fail(_ fault: ProtobufFault) -> Bool {
        self.fault = fault
        return false
    }

    @inline(__always)
    private mutating func readTag() -> Bool {
        guard readWord() else { return false }
        guard word >> 3 != 0, word <= UInt32.max else { return fail(.noField) }
        tag = UInt32(truncatingIfNeeded: word)
        return true
    }

    private var isPlain: Bool { Wire.plain >> (tag & 7) & 1 == 1 }

    /// One after the other, the frequent ones first: a jump through a table costs more.
    @inline(__always)
    private mutating func readPlain() -> Bool {
        let wire = tag & 7
        if wire == Wire.number { return readWord() }
        if wire == Wire.bytes { return readBytes() }
        return readFixed(wire == Wire.eightBytes ? 8 : 4)
    }

    /// Seven bits a byte, the lowest first; most are one byte.
    @inline(__always)
    private mutating func readWord() -> Bool {
        guard position < end else { return fail(.cutOff) }
        let first = bytes[position]
        position += 1
        if first < 0x80 {
            word = UInt64(first)
            return true
        }
        return readLongWord(UInt64(first & 0x7F))
    }

    /// Up to eight bytes at once, where there are as many: that has room for all times.
    @inline(__always)
    private mutating func readLongWord(_ start: UInt64) -> Bool {
        guard bytes.count - position >= 7 else { return readWordByteByByte(start) }
        let eight = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: position - 1, as: UInt64.self))
        let ends = ~eight & 0x8080_8080_8080_8080
        let count = ends.trailingZeroBitCount >> 3  // of the bytes after the first
        guard ends != 0, end - position >= count else { return readWordByteByByte(start) }
        var bits = eight & (ends ^ (ends &- 1)) & 0x7F7F_7F7F_7F7F_7F7F
        bits = bits & 0x007F_007F_007F_007F | (bits & 0x7F00_7F00_7F00_7F00) >> 1
        bits = bits & 0x0000_3FFF_0000_3FFF | (bits & 0x3FFF_0000_3FFF_0000) >> 2
        word = bits & 0x0000_0000_0FFF_FFFF | (bits & 0x0FFF_FFFF_0000_0000) >> 4
        position += count
        return true
    }

    /// By a copy here, too.
    @inline(__always)
    private mutating func readWordByteByByte(_ start: UInt64) -> Bool {
        var copy = self
        let isSound = copy.readSlowly(start)
        self = copy
        return isSound
    }

    @inline(never)
    private mutating func readSlowly(_ start: UInt64) -> Bool {
        var result = start
        var shift: UInt64 = 7
        while position < end {
            let byte = bytes[position]
            // The tenth byte has one bit left.
            if shift == 63, byte > 1 { return fail(.longNumber) }
            position += 1
            result |= UInt64(byte & 0x7F) &<< shift
            if byte < 0x80 {
                word = result
                return true
            }
            shift += 7
        }
        return fail(.cutOff)
    }

    @inline(__always)
    private mutating func readFixed(_ count: Int) -> Bool {
        guard end - position >= count else { return fail(.cutOff) }
        word =
            count == 4
            ? UInt64(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self)))
            : UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
        position += count
        return true
    }

    @inline(__always)
    private mutating func readBytes() -> Bool {
        guard readWord() else { return false }
        guard word <= UInt64(end - position) else { return fail(.cutOff) }
        let start = position
        position += Int(word)
        content = ByteRange(start: start, end: position)
        return true
    }

    /// What is not plain: a group, to the end that has the number of its beginning.
    @inline(never)
    private mutating func readGroup(depth: Int) -> Bool {
        guard tag & 7 == Wire.groupStart else { return fail(tag & 7 == Wire.groupEnd ? .strayGroup : .noField) }
        guard depth <= Self.deepest else { return fail(.tooDeep) }
        let start = tag
        while position < end {
            guard readTag() else { return false }
            if tag == start + 1 { return true }
            guard isPlain ? readPlain() : readGroup(depth: depth + 1) else { return false }
        }
        return fail(.cutOff)
    }
}
