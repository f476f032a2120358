import Readings

/// What the properties of a metric say of its readings.
struct SparkplugProperties {
    private enum Field: UInt32 {
        case isNull = 16
        case int = 24
        case long = 32
        case string = 66
    }

    private static let keyTag: UInt32 = 10
    private static let valueTag: UInt32 = 18
    private static let longestUnit = 64

    private let bytes: UnsafeRawBufferPointer
    private let range: ByteRange

    init(_ bytes: UnsafeRawBufferPointer, _ range: ByteRange) {
        self.bytes = bytes
        self.range = range
    }

    /// Where the unit is; empty for none, and for what is too long to be one. The specification names no property for it:
    /// these are the names that are in use.
    var unit: ByteRange {
        let value = first { key in
            key.equals("engUnit") || key.equals("EngUnit") || key.equals("engineering_units") || key.equals("unit")
        }
        guard let value, value.kind == .string, value.content.count <= Self.longestUnit else { return ByteRange() }
        return value.content
    }

    /// Nil where nothing is said of it. The specification has three numbers: 192 good, 0 bad, 500 stale. The others are
    /// those of OPC, from which these come: 64 to 127 is uncertain, 192 to 255 good in some way, all others are errors.
    var quality: Quality? {
        guard let value = first(where: { $0.equals("Quality") }), value.kind == .int || value.kind == .long else {
            return nil
        }
        return switch value.word {
        case 192...255: .good
        case 64...127: .uncertain
        case 500: .stale
        default: .deviceException
        }
    }

    /// The value of the first property with such a key: keys and values are two lists, in the same order.
    private func first(where isWanted: (UnsafeRawBufferPointer) -> Bool) -> SparkplugValue? {
        var keys = ProtobufReader(bytes, range)
        var values = ProtobufReader(bytes, range)
        while Self.advance(&keys, to: Self.keyTag), Self.advance(&values, to: Self.valueTag) {
            if isWanted(bytes[keys.content]) { return value(values.content) }
        }
        return nil
    }

    private static func advance(_ reader: inout ProtobufReader, to tag: UInt32) -> Bool {
        while reader.next() {
            if reader.tag == tag { return true }
        }
        return false
    }

    private func value(_ range: ByteRange) -> SparkplugValue? {
        var value: SparkplugValue?
        var isNull = false
        var reader = ProtobufReader(bytes, range)
        while reader.next() {
            guard let field = Field(rawValue: reader.tag) else { continue }
            switch field {
            case .isNull: isNull = reader.word != 0
            case .int: value = SparkplugValue(.int, reader.word)
            case .long: value = SparkplugValue(.long, reader.word)
            case .string: value = SparkplugValue(.string, reader.content)
            }
        }
        return isNull ? nil : value
    }
}
