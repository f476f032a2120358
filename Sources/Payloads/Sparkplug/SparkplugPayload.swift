/// A message as it came, taken apart as far as its metrics; the memory for them is kept for the next.
struct SparkplugPayload {
    private enum Field: UInt32 {
        case timestamp = 8
        case metric = 18
        case sequence = 24
        case uuid = 34
    }

    /// More metrics than this are rare: memory for them is not kept.
    private static let metricsKept = 4096
    private static let compressed: StaticString = "SPBV1.0_COMPRESSED"

    /// In milliseconds since 1970; 0 where it has none.
    private(set) var timestamp: UInt64 = 0
    private(set) var sequence: UInt64?
    private(set) var metrics: [SparkplugMetric] = []

    /// Takes a payload. Where it gives a problem, nothing of the payload may be used.
    mutating func read(_ bytes: UnsafeRawBufferPointer) -> PayloadProblem? {
        timestamp = 0
        sequence = nil
        metrics.removeAll(keepingCapacity: metrics.capacity <= Self.metricsKept)
        guard bytes.count < 1 << 32 else { return PayloadProblem(size: bytes.count, limit: 1 << 32) }
        var reader = ProtobufReader(bytes, ByteRange(start: 0, end: bytes.count))
        while reader.next() {
            guard let field = Field(rawValue: reader.tag) else { continue }
            switch field {
            case .timestamp: timestamp = reader.word
            case .sequence: sequence = reader.word
            case .uuid:
                if bytes[reader.content].equals(Self.compressed) {
                    return PayloadProblem(.notSparkplug, "compressed payloads are not read")
                }
            case .metric:
                guard metrics.count < PayloadDecoder.mostReadings else { return PayloadDecoder.tooManyReadings }
                if let fault = add(bytes, reader.content) { return PayloadProblem(fault) }
            }
        }
        return reader.place.map { PayloadProblem($0) }
    }

    @inline(__always)
    private mutating func add(_ bytes: UnsafeRawBufferPointer, _ range: ByteRange) -> ProtobufFault.Place? {
        var reader = ProtobufReader(bytes, range)
        let metric = SparkplugMetric(&reader)
        if let fault = reader.place ?? Self.nestedFault(metric, bytes) { return fault }
        metrics.append(metric)
        return nil
    }

    @inline(__always)
    private static func nestedFault(
        _ metric: SparkplugMetric, _ bytes: UnsafeRawBufferPointer
    ) -> ProtobufFault.Place? {
        if !metric.properties.isEmpty,
            let fault = SparkplugSchema.propertySet.fault(in: bytes, metric.properties)
        {
            return fault
        }
        return switch metric.value.kind {
        case .dataSet: SparkplugSchema.dataSet.fault(in: bytes, metric.value.content)
        case .template: SparkplugSchema.template.fault(in: bytes, metric.value.content)
        default: nil
        }
    }
}

extension UnsafeRawBufferPointer {
    func equals(_ text: StaticString) -> Bool { count == text.utf8CodeUnitCount && begins(with: text) }

    func begins(with text: StaticString) -> Bool {
        text.withUTF8Buffer { text in starts(with: text) }
    }
}
