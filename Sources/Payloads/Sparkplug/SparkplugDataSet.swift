/// A table in a metric: columns with a name and a type, and rows of cells.
struct SparkplugDataSet {
    private enum Field: UInt32 {
        case columnCount = 8
        case column = 18
        case type = 24
        case packedTypes = 26
        case row = 34
    }

    private enum CellField: UInt32 {
        case int = 8
        case long = 16
        case float = 29
        case double = 33
        case boolean = 40
        case string = 50
        case other = 58
    }

    private static let cellTag: UInt32 = 10

    private(set) var names: [ByteRange] = []
    private(set) var types: [SparkplugDataType] = []

    /// Takes the columns; nil where their number is not the same everywhere.
    init?(_ bytes: UnsafeRawBufferPointer, _ range: ByteRange) {
        var count: UInt64?
        var reader = ProtobufReader(bytes, range)
        while reader.next() {
            guard let field = Field(rawValue: reader.tag) else { continue }
            switch field {
            case .columnCount: count = reader.word
            case .column: names.append(reader.content)
            case .type: types.append(SparkplugDataType(wire: reader.word))
            case .packedTypes:
                var packed = ProtobufReader(bytes, reader.content)
                while packed.nextPacked() { types.append(SparkplugDataType(wire: packed.word)) }
            case .row: break
            }
        }
        guard names.count == types.count, count ?? UInt64(names.count) == names.count else { return nil }
    }

    static func isRow(_ tag: UInt32) -> Bool { tag == Field.row.rawValue }

    static func isCell(_ tag: UInt32) -> Bool { tag == cellTag }

    static func cell(_ bytes: UnsafeRawBufferPointer, _ range: ByteRange) -> SparkplugValue {
        var value = SparkplugValue()
        var reader = ProtobufReader(bytes, range)
        while reader.next() {
            guard let field = CellField(rawValue: reader.tag) else { continue }
            switch field {
            case .int: value = SparkplugValue(.int, reader.word)
            case .long: value = SparkplugValue(.long, reader.word)
            case .float: value = SparkplugValue(.float, reader.word)
            case .double: value = SparkplugValue(.double, reader.word)
            case .boolean: value = SparkplugValue(.boolean, reader.word)
            case .string: value = SparkplugValue(.string, reader.content)
            case .other: value = SparkplugValue(.other, reader.content)
            }
        }
        return value
    }
}
