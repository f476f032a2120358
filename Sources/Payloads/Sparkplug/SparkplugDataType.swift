/// The types of Sparkplug, by the numbers that stand for them in messages.
enum SparkplugDataType: UInt8, Sendable, CaseIterable {
    case unknown = 0
    case int8, int16, int32, int64, uint8, uint16, uint32, uint64, float, double, boolean, string, dateTime, text, uuid
    case dataSet, bytes, file, template, propertySet, propertySetList
    case int8Array, int16Array, int32Array, int64Array, uint8Array, uint16Array, uint32Array, uint64Array
    case floatArray, doubleArray, booleanArray, stringArray, dateTimeArray

    /// A number that no version so far has stands for nothing known.
    init(wire: UInt64) { self = UInt8(exactly: wire).flatMap(SparkplugDataType.init(rawValue:)) ?? .unknown }

    enum Shape {
        /// One value, one field.
        case plain
        case array
        case dataSet
        case template
        /// Bytes for somebody else.
        case opaque
    }

    var shape: Shape {
        switch self {
        case .unknown, .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64, .float, .double, .boolean,
            .string, .dateTime, .text, .uuid:
            .plain
        case .int8Array, .int16Array, .int32Array, .int64Array, .uint8Array, .uint16Array, .uint32Array, .uint64Array,
            .floatArray, .doubleArray, .booleanArray, .stringArray, .dateTimeArray:
            .array
        case .dataSet: .dataSet
        case .template: .template
        case .bytes, .file, .propertySet, .propertySetList: .opaque
        }
    }

    /// What an array of numbers is made of, and how many bytes each has; nil for what is no such array.
    var element: (type: SparkplugDataType, bytes: Int)? {
        switch self {
        case .int8Array: (.int8, 1)
        case .int16Array: (.int16, 2)
        case .int32Array: (.int32, 4)
        case .int64Array: (.int64, 8)
        case .uint8Array: (.uint8, 1)
        case .uint16Array: (.uint16, 2)
        case .uint32Array: (.uint32, 4)
        case .uint64Array: (.uint64, 8)
        case .floatArray: (.float, 4)
        case .doubleArray: (.double, 8)
        case .dateTimeArray: (.dateTime, 8)
        default: nil
        }
    }

    /// What a value of no known type is taken for: what its field says.
    func resolved(by kind: SparkplugValue.Kind) -> SparkplugDataType {
        guard self == .unknown else { return self }
        return switch kind {
        case .none: .unknown
        case .int: .uint32
        case .long: .uint64
        case .float: .float
        case .double: .double
        case .boolean: .boolean
        case .string: .string
        case .bytes, .other: .bytes
        case .dataSet: .dataSet
        case .template: .template
        }
    }
}
