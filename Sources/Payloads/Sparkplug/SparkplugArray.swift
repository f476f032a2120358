/// The elements of an array, which come as bytes: numbers one after the other with the lowest byte first, booleans as
/// their number in four bytes and then bits from the highest of a byte down, texts with a zero behind each.
struct SparkplugArray {
    private let bytes: UnsafeRawBufferPointer
    private let type: SparkplugDataType
    private var position: Int
    private let end: Int
    /// Of booleans, how many are still to come.
    private var bitsLeft = 0
    private var bit: UInt8 = 7

    /// Nil where the bytes are not those of whole elements.
    init?(_ bytes: UnsafeRawBufferPointer, _ range: ByteRange, _ type: SparkplugDataType) {
        self.bytes = bytes
        self.type = type
        position = range.start
        end = range.end
        if let element = type.element {
            guard range.count % element.bytes == 0 else { return nil }
        } else if type == .booleanArray {
            guard range.count >= 4 else { return nil }
            let count = Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self)))
            guard range.count - 4 == (count + 7) / 8 else { return nil }
            position += 4
            bitsLeft = count
        } else {
            guard range.isEmpty || bytes[end - 1] == 0 else { return nil }
        }
    }

    var elementType: SparkplugDataType {
        type.element?.type ?? (type == .booleanArray ? .boolean : .string)
    }

    mutating func next() -> SparkplugValue? {
        if let element = type.element { return nextNumber(element.type, element.bytes) }
        return type == .booleanArray ? nextBoolean() : nextText()
    }

    private mutating func nextNumber(_ type: SparkplugDataType, _ count: Int) -> SparkplugValue? {
        guard position < end else { return nil }
        var word: UInt64 = 0
        for index in (0..<count).reversed() { word = word << 8 | UInt64(bytes[position + index]) }
        position += count
        return switch type {
        case .float: SparkplugValue(.float, word)
        case .double: SparkplugValue(.double, word)
        default: SparkplugValue(.long, word)
        }
    }

    private mutating func nextBoolean() -> SparkplugValue? {
        guard bitsLeft > 0 else { return nil }
        let value = SparkplugValue(.boolean, UInt64(bytes[position] >> bit & 1))
        bitsLeft -= 1
        position += bit == 0 ? 1 : 0
        bit = bit == 0 ? 7 : bit - 1
        return value
    }

    private mutating func nextText() -> SparkplugValue? {
        guard position < end else { return nil }
        let start = position
        while bytes[position] != 0 { position += 1 }  // the last byte is 0
        position += 1
        return SparkplugValue(.string, ByteRange(start: start, end: position - 1))
    }
}
