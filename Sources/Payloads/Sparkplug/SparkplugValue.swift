import Readings

/// A value as it lies in a payload: which of the fields for values it is in, and what that holds.
struct SparkplugValue {
    enum Kind: UInt8 {
        case none, int, long, float, double, boolean, string, bytes, dataSet, template
        /// An extension of somebody's own.
        case other
    }

    var kind = Kind.none
    var word: UInt64 = 0
    var content = ByteRange()

    init() {}

    init(_ kind: Kind, _ word: UInt64) {
        self.kind = kind
        // A field of 32 bits has no more, whatever was written.
        self.word = kind == .int ? UInt64(UInt32(truncatingIfNeeded: word)) : word
    }

    init(_ kind: Kind, _ content: ByteRange) {
        self.kind = kind
        self.content = content
    }
}

/// Why a value makes no reading.
enum SparkplugMisfit: Error {
    case wrongType
    case notFinite
    case tooLong
    case notUTF8

    func problem(at path: String) -> PayloadProblem {
        switch self {
        case .wrongType: PayloadProblem(.wrongType, field: path, "a value that its type does not have")
        case .notFinite: PayloadProblem(.notFinite, field: path, "not a finite number")
        case .tooLong: PayloadProblem(.tooLarge, field: path, "a text of more than \(TextPayload.longest) bytes")
        case .notUTF8: PayloadProblem(.notUTF8, field: path, "bytes that are not UTF-8")
        }
    }
}

extension SparkplugValue {
    /// What it is for a type of one value. A value that its type cannot have is no reading: to cut it to size would be to
    /// invent another.
    @inline(__always)
    func read(as type: SparkplugDataType, in bytes: UnsafeRawBufferPointer) throws(SparkplugMisfit) -> Value {
        if kind == .string { return .text(try text(as: type, in: bytes)) }
        guard let number = number(as: type) else { throw .wrongType }
        guard number.isFinite else { throw .notFinite }
        return .number(number)
    }

    private func text(
        as type: SparkplugDataType, in bytes: UnsafeRawBufferPointer
    ) throws(SparkplugMisfit) -> String {
        guard type == .string || type == .text || type == .uuid else { throw .wrongType }
        guard content.count <= TextPayload.longest else { throw .tooLong }
        guard let text = String(validating: bytes[content], as: UTF8.self) else { throw .notUTF8 }
        return text
    }

    private func number(as type: SparkplugDataType) -> Double? {
        switch type {
        case .string, .text, .uuid: return nil
        default: break
        }
        return switch kind {
        case .int, .long: integer(as: type)
        case .float: Double(Float(bitPattern: UInt32(truncatingIfNeeded: word)))
        case .double: Double(bitPattern: word)
        case .boolean: word == 0 ? 0 : 1
        case .none, .string, .bytes, .dataSet, .template, .other: nil
        }
    }

    private func integer(as type: SparkplugDataType) -> Double? {
        switch type {
        case .int8: signed(Int8.self)
        case .int16: signed(Int16.self)
        case .int32: signed(Int32.self)
        case .int64: Double(wide)
        case .uint8: unsigned(UInt8.max)
        case .uint16: unsigned(UInt16.max)
        case .uint32: unsigned(UInt32.max)
        case .uint64, .dateTime: Double(word)
        case .boolean: word == 0 ? 0 : 1
        default: nil
        }
    }

    /// Its field is of unsigned numbers; what was meant had a sign and the bits of the field.
    private var wide: Int64 {
        kind == .int ? Int64(Int32(truncatingIfNeeded: word)) : Int64(bitPattern: word)
    }

    /// Devices write the bits of the type alone (0xFF for -1), or extend the sign through the bits of the field.
    private func signed<Whole: FixedWidthInteger & SignedInteger>(_ type: Whole.Type) -> Double? {
        if word >> UInt64(Whole.bitWidth) == 0 { return Double(Whole(truncatingIfNeeded: word)) }
        return Whole(exactly: wide).map { Double($0) }
    }

    private func unsigned(_ greatest: some UnsignedInteger) -> Double? {
        word <= UInt64(greatest) ? Double(word) : nil
    }
}
