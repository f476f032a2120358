import Payloads
import Readings

/// What a decoder makes of one payload.
struct Decoded: Equatable {
    var readings: [DecodedReading]
    var problem: PayloadProblem.Reason?
}

extension PayloadDecoder {
    func decode(_ payload: String) -> Decoded { decode(Array(payload.utf8)) }

    func decode(_ payload: [UInt8]) -> Decoded {
        var readings: [DecodedReading] = []
        let problem = payload.withUnsafeBytes { decode($0, into: &readings) }
        return Decoded(readings: readings, problem: problem?.reason)
    }

    func problem(of payload: String) -> PayloadProblem? {
        var readings: [DecodedReading] = []
        return Array(payload.utf8).withUnsafeBytes { decode($0, into: &readings) }
    }
}

extension PayloadDecoder {
    static func number(maxPayload: Int = 262_144) -> PayloadDecoder { PayloadDecoder(.number, maxPayload: maxPayload) }

    /// A decoder of JSON with the fields at these paths, each its own suffix.
    static func json(
        _ paths: String..., time: String? = nil, format: TimeFormat = .auto, maxPayload: Int = 262_144
    ) throws -> PayloadDecoder {
        let mapping = JSONMapping(
            fields: try paths.map { JSONMapping.Field(path: try JSONPath(parsing: $0), suffix: $0) },
            time: try time.map { TimeField(path: try JSONPath(parsing: $0), format: format) })
        return PayloadDecoder(.json(mapping), maxPayload: maxPayload)
    }
}

extension Timestamp {
    init(_ microseconds: Int64) { self.init(microseconds: microseconds) }
}
