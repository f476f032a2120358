/// A metric as it lies in a payload.
struct SparkplugMetric {
    /// What the tags of its fields are: see ProtobufReader.
    private enum Field: UInt32 {
        case name = 10
        case alias = 16
        case timestamp = 24
        case type = 32
        case isTransient = 48
        case isNull = 56
        case properties = 74
        case int = 80
        case long = 88
        case float = 101
        case double = 105
        case boolean = 112
        case string = 122
        case bytes = 130
        case dataSet = 138
        case template = 146
        case other = 154
    }

    /// Empty where it has none.
    private(set) var name = ByteRange()
    private(set) var alias: UInt64 = 0
    /// In milliseconds since 1970; 0 where it has none, and where the device has no clock.
    private(set) var timestamp: UInt64 = 0
    private(set) var properties = ByteRange()
    private(set) var value = SparkplugValue()
    private(set) var type = SparkplugDataType.unknown
    private(set) var hasAlias = false
    private(set) var isTransient = false
    private(set) var isNull = false

    /// Takes what the reader gives, which then says whether all of it was sound. Of a field that is there twice the last
    /// counts, as the format wants it.
    @inline(__always)
    init(_ reader: inout ProtobufReader) {
        while reader.next() {
            guard let field = Field(rawValue: reader.tag) else { continue }
            switch field {
            case .name: name = reader.content
            case .alias:
                alias = reader.word
                hasAlias = true
            case .timestamp: timestamp = reader.word
            case .type: type = SparkplugDataType(wire: reader.word)
            case .isTransient: isTransient = reader.word != 0
            case .isNull: isNull = reader.word != 0
            case .properties: properties = reader.content
            case .int: value = SparkplugValue(.int, reader.word)
            case .long: value = SparkplugValue(.long, reader.word)
            case .float: value = SparkplugValue(.float, reader.word)
            case .double: value = SparkplugValue(.double, reader.word)
            case .boolean: value = SparkplugValue(.boolean, reader.word)
            case .string: value = SparkplugValue(.string, reader.content)
            case .bytes: value = SparkplugValue(.bytes, reader.content)
            case .dataSet: value = SparkplugValue(.dataSet, reader.content)
            case .template: value = SparkplugValue(.template, reader.content)
            case .other: value = SparkplugValue(.other, reader.content)
            }
        }
    }
}
