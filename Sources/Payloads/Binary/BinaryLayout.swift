/// How the bytes of a payload make numbers: `<u16 i16:0.1 f32 bits:3`.
///
/// First `<` for the least byte of a number first, or `>` for the most; then, one after the other, `u8` to `u64` and `i8`
/// to `i64` in steps of 8 but for 40 to 56, `f32` and `f64`, each with a factor behind a colon where it has one; `bits:3`
/// for single bits, the lowest of a byte first, which take whole bytes; and `x` or `x4` for bytes that mean nothing.
public struct BinaryLayout: Sendable, Hashable, CustomStringConvertible {
    public static let mostBytes = 65_536

    enum Kind: Sendable, Hashable {
        case unsigned(bytes: Int)
        case signed(bytes: Int)
        case float
        case double
        case bit(Int)
    }

    struct Field: Sendable, Hashable {
        var kind: Kind
        var factor: Double
        /// In bytes.
        var offset: Int
    }

    /// As it was written.
    public let description: String
    let fields: [Field]
    let isBigEndian: Bool
    public let byteCount: Int

    public var fieldCount: Int { fields.count }

    public init(parsing text: String) throws(MappingError) {
        guard let order = text.utf8.first, order == UInt8(ascii: "<") || order == UInt8(ascii: ">") else {
            throw MappingError(
                "a layout begins with \"<\" (the least byte first) or \">\" (the most), as in <u16 i16:0.1", offset: 0)
        }
        var parser = BinaryLayoutParser()
        for word in text.utf8.dropFirst().split(separator: UInt8(ascii: " ")) {
            try parser.take(Substring(word), offset: text.utf8.distance(from: text.startIndex, to: word.startIndex))
        }
        guard !parser.fields.isEmpty else {
            throw MappingError("a layout has at least one field, as in <u16", offset: 0)
        }
        description = text
        isBigEndian = order == UInt8(ascii: ">")
        fields = parser.fields
        byteCount = parser.byteCount
    }
}

private struct BinaryLayoutParser {
    private static let kinds: [String: (kind: BinaryLayout.Kind, bytes: Int)] = [
        "u8": (.unsigned(bytes: 1), 1), "u16": (.unsigned(bytes: 2), 2), "u24": (.unsigned(bytes: 3), 3),
        "u32": (.unsigned(bytes: 4), 4), "u64": (.unsigned(bytes: 8), 8), "i8": (.signed(bytes: 1), 1),
        "i16": (.signed(bytes: 2), 2), "i24": (.signed(bytes: 3), 3), "i32": (.signed(bytes: 4), 4),
        "i64": (.signed(bytes: 8), 8), "f32": (.float, 4), "f64": (.double, 8),
    ]

    private(set) var fields: [BinaryLayout.Field] = []
    private(set) var byteCount = 0

    mutating func take(_ word: Substring, offset: Int) throws(MappingError) {
        let colon = word.firstIndex(of: ":")
        let name = word[..<(colon ?? word.endIndex)]
        let detail = colon.map { word[word.index(after: $0)...] }
        if let kind = Self.kinds[String(name)] {
            fields.append(BinaryLayout.Field(kind: kind.kind, factor: try factor(detail, offset), offset: byteCount))
            byteCount += kind.bytes
        } else if name == "bits" {
            try takeBits(detail, offset)
        } else if name.first == "x", detail == nil {
            byteCount += try count(name.dropFirst(), default: 1, offset)
        } else {
            throw MappingError(
                "\"\(word.prefix(20))\" is none of u8, u16, u24, u32, u64, i8 to i64, f32, f64, bits:3 and x",
                offset: offset)
        }
        guard byteCount <= BinaryLayout.mostBytes, fields.count <= FieldTable.most else {
            throw MappingError(
                "a layout has \(BinaryLayout.mostBytes) bytes and \(FieldTable.most) fields at most", offset: offset)
        }
    }

    private mutating func takeBits(_ detail: Substring?, _ offset: Int) throws(MappingError) {
        let bits = try count(detail ?? "", default: nil, offset)
        for bit in 0..<bits {
            fields.append(BinaryLayout.Field(kind: .bit(bit % 8), factor: 1, offset: byteCount + bit / 8))
        }
        byteCount += (bits + 7) / 8
    }

    private func count(_ digits: Substring, default fallback: Int?, _ offset: Int) throws(MappingError) -> Int {
        if digits.isEmpty, let fallback { return fallback }
        guard digits.utf8.count <= 5, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let count = Int(digits),
            count > 0, count <= FieldTable.most
        else { throw MappingError("a number from 1 to \(FieldTable.most) is expected, as in bits:3", offset: offset) }
        return count
    }

    private func factor(_ text: Substring?, _ offset: Int) throws(MappingError) -> Double {
        guard let text else { return 1 }
        guard let factor = Double(text), factor.isFinite, factor != 0 else {
            throw MappingError("a factor other than 0 is expected behind the colon, as in i16:0.1", offset: offset)
        }
        return factor
    }
}
