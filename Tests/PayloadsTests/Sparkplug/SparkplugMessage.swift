import Payloads
import Readings

/// Writes messages of Protocol Buffers.
struct ProtobufWriter {
    private(set) var bytes: [UInt8] = []

    static func word(_ number: UInt64) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = number
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }

    mutating func number(_ field: UInt64, _ number: UInt64) {
        bytes += Self.word(field << 3) + Self.word(number)
    }

    mutating func fixed<Whole: FixedWidthInteger>(_ field: UInt64, _ bits: Whole) {
        bytes += Self.word(field << 3 | (Whole.bitWidth == 64 ? 1 : 5))
        withUnsafeBytes(of: bits.littleEndian) { bytes += $0 }
    }

    mutating func content(_ field: UInt64, _ content: some Collection<UInt8>) {
        bytes += Self.word(field << 3 | 2) + Self.word(UInt64(content.count)) + content
    }

    mutating func raw(_ bytes: [UInt8]) { self.bytes += bytes }
}

/// The types by their numbers.
enum SparkplugType: UInt64, CaseIterable {
    case int8 = 1
    case int16, int32, int64, uint8, uint16, uint32, uint64, float, double, boolean, string, dateTime, text, uuid
    case dataSet, bytes, file, template, propertySet, propertySetList
    case int8Array, int16Array, int32Array, int64Array, uint8Array, uint16Array, uint32Array, uint64Array
    case floatArray, doubleArray, booleanArray, stringArray, dateTimeArray
}

enum SparkplugContent {
    case int(UInt32)
    case long(UInt64)
    case float(Float)
    case double(Double)
    case boolean(Bool)
    case string(String)
    case bytes([UInt8])
    case dataSet([UInt8])
    case template([UInt8])
    case other

    /// As a field of a message where the first kind of value has this number.
    func write(to writer: inout ProtobufWriter, from first: UInt64) {
        switch self {
        case .int(let int): writer.number(first, UInt64(int))
        case .long(let long): writer.number(first + 1, long)
        case .float(let float): writer.fixed(first + 2, float.bitPattern)
        case .double(let double): writer.fixed(first + 3, double.bitPattern)
        case .boolean(let boolean): writer.number(first + 4, boolean ? 1 : 0)
        case .string(let string): writer.content(first + 5, string.utf8)
        case .bytes(let bytes): writer.content(first + 6, bytes)
        case .dataSet(let bytes): writer.content(first + 7, bytes)
        case .template(let bytes): writer.content(first + 8, bytes)
        case .other: writer.content(first + 9, [])
        }
    }
}

struct SparkplugMetric {
    var name: String?
    var alias: UInt64?
    var type: SparkplugType?
    var value: SparkplugContent?
    /// In milliseconds since 1970.
    var time: UInt64?
    var isNull = false
    var isTransient = false
    var isHistorical = false
    var properties: [(key: String, value: SparkplugContent)] = []

    init(
        _ name: String? = nil, alias: UInt64? = nil, _ type: SparkplugType? = nil, _ value: SparkplugContent? = nil,
        time: UInt64? = nil
    ) {
        self.name = name
        self.alias = alias
        self.type = type
        self.value = value
        self.time = time
    }

    func with(_ key: String, _ value: SparkplugContent) -> SparkplugMetric {
        var metric = self
        metric.properties.append((key, value))
        return metric
    }

    var asNull: SparkplugMetric {
        var metric = self
        metric.isNull = true
        return metric
    }

    var asTransient: SparkplugMetric {
        var metric = self
        metric.isTransient = true
        return metric
    }

    var bytes: [UInt8] {
        var writer = ProtobufWriter()
        if let name { writer.content(1, name.utf8) }
        if let alias { writer.number(2, alias) }
        if let time { writer.number(3, time) }
        if let type { writer.number(4, type.rawValue) }
        if isHistorical { writer.number(5, 1) }
        if isTransient { writer.number(6, 1) }
        if isNull { writer.number(7, 1) }
        if !properties.isEmpty { writer.content(9, Self.propertySet(properties)) }
        value?.write(to: &writer, from: 10)
        return writer.bytes
    }

    private static func propertySet(_ properties: [(key: String, value: SparkplugContent)]) -> [UInt8] {
        var set = ProtobufWriter()
        for (key, _) in properties { set.content(1, key.utf8) }
        for (_, content) in properties {
            var value = ProtobufWriter()
            content.write(to: &value, from: 3)
            set.content(2, value.bytes)
        }
        return set.bytes
    }

    static let rebirth = SparkplugMetric("Node Control/Rebirth", .boolean, .boolean(false))

    static func session(_ number: UInt64) -> SparkplugMetric { SparkplugMetric("bdSeq", .int64, .long(number)) }
}

struct SparkplugMessage {
    var time: UInt64?
    var sequence: UInt64?
    var uuid: String?
    var metrics: [SparkplugMetric]

    init(_ sequence: UInt64?, time: UInt64? = nil, _ metrics: [SparkplugMetric] = []) {
        self.sequence = sequence
        self.time = time
        self.metrics = metrics
    }

    /// Of a session that it does not say.
    static let death = SparkplugMessage(nil, time: 9000)

    var bytes: [UInt8] {
        var writer = ProtobufWriter()
        if let time { writer.number(1, time) }
        for metric in metrics { writer.content(2, metric.bytes) }
        if let sequence { writer.number(3, sequence) }
        if let uuid { writer.content(4, uuid.utf8) }
        return writer.bytes
    }
}

extension SparkplugContent {
    static func dataSet(
        count: UInt64? = nil, _ columns: [(String, SparkplugType)], isPacked: Bool = false,
        _ rows: [[SparkplugContent?]]
    ) -> SparkplugContent {
        var set = ProtobufWriter()
        set.number(1, count ?? UInt64(columns.count))
        for (name, _) in columns { set.content(2, name.utf8) }
        if isPacked {
            set.content(3, columns.flatMap { ProtobufWriter.word($0.1.rawValue) })
        } else {
            for (_, type) in columns { set.number(3, type.rawValue) }
        }
        for cells in rows {
            var row = ProtobufWriter()
            for content in cells {
                var cell = ProtobufWriter()
                content?.write(to: &cell, from: 1)
                row.content(1, cell.bytes)
            }
            set.content(4, row.bytes)
        }
        return .dataSet(set.bytes)
    }

    static func template(isDefinition: Bool = false, _ members: [SparkplugMetric]) -> SparkplugContent {
        var template = ProtobufWriter()
        template.content(1, "1.0".utf8)
        for member in members { template.content(2, member.bytes) }
        template.content(4, "Pump".utf8)
        template.number(5, isDefinition ? 1 : 0)
        return .template(template.bytes)
    }
}

extension SparkplugDecoder {
    static func usual() -> SparkplugDecoder { SparkplugDecoder(maxPayload: 1 << 20) }

    func read(_ topic: String, _ payload: [UInt8]) -> (readings: [DecodedReading], problem: PayloadProblem?) {
        guard let topic = SparkplugTopic(topic) else { fatalError("\(topic) is no topic of Sparkplug") }
        var readings: [DecodedReading] = []
        let problem = payload.withUnsafeBytes { decode($0, topic: topic, arrival: arrival, into: &readings) }
        return (readings, problem)
    }

    /// `NBIRTH/press` stands for `spBv1.0/plant/NBIRTH/press`.
    func decode(_ path: String, _ message: SparkplugMessage) -> Decoded {
        let (readings, problem) = read("spBv1.0/plant/" + path, message.bytes)
        return Decoded(readings: readings, problem: problem?.reason)
    }

    func named(_ path: String, _ message: SparkplugMessage) -> [Named] {
        name(read("spBv1.0/plant/" + path, message.bytes).readings)
    }

    func problem(_ path: String, _ message: SparkplugMessage) -> PayloadProblem? {
        read("spBv1.0/plant/" + path, message.bytes).problem
    }

    func name(_ readings: [DecodedReading]) -> [Named] {
        readings.map { reading in
            Named(
                fields[reading.field].suffix, reading.value,
                at: reading.time.map { Double($0.microseconds) / 1_000_000 }, reading.quality)
        }
    }
}
