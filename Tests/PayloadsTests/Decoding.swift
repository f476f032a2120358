import Payloads
import Readings

/// What a decoder makes of one payload.
struct Decoded: Equatable {
    var readings: [DecodedReading]
    var problem: PayloadProblem.Reason?
}

/// When all payloads of these tests arrive: 2024-06-10.
let arrival = Timestamp(microseconds: 1_718_000_000_000_000)

extension PayloadDecoder {
    func decode(_ payload: String) -> Decoded { decode(Array(payload.utf8)) }

    func decode(_ payload: [UInt8]) -> Decoded {
        var readings: [DecodedReading] = []
        let problem = payload.withUnsafeBytes { decode($0, arrival: arrival, into: &readings) }
        return Decoded(readings: readings, problem: problem?.reason)
    }

    func problem(of payload: String) -> PayloadProblem? {
        var readings: [DecodedReading] = []
        return Array(payload.utf8).withUnsafeBytes { decode($0, arrival: arrival, into: &readings) }
    }
}

extension PayloadDecoder {
    static func number(
        _ words: NumberWords = .usual, texts: Bool = false, maxPayload: Int = 262_144
    ) -> PayloadDecoder {
        PayloadDecoder(.number(NumberMapping(words: words, texts: texts)), maxPayload: maxPayload)
    }

    /// A decoder of JSON with the fields at these paths, each its own suffix.
    static func json(
        _ paths: String..., time: String? = nil, format: TimeFormat = .auto, maxPayload: Int = 262_144
    ) throws -> PayloadDecoder {
        let mapping = JSONMapping(
            values: .fields(try paths.map { JSONMapping.Field(path: try JSONPath(parsing: $0), suffix: $0) }),
            time: try time.map { TimeField(path: try JSONPath(parsing: $0), format: format) })
        return PayloadDecoder(.json(mapping), maxPayload: maxPayload)
    }
}

extension Timestamp {
    init(_ microseconds: Int64) { self.init(microseconds: microseconds) }
}

/// One reading as tests write it down: its suffix, its value, and the seconds since 1970 of its time.
struct Named: Equatable, CustomStringConvertible {
    var suffix: String?
    var value: Value
    var seconds: Double?
    var quality: Quality

    init(_ suffix: String?, _ value: Value, at seconds: Double? = nil, _ quality: Quality = .good) {
        self.suffix = suffix
        self.value = value
        self.seconds = seconds
        self.quality = quality
    }

    init(_ suffix: String?, _ number: Double, at seconds: Double? = nil, _ quality: Quality = .good) {
        self.init(suffix, .number(number), at: seconds, quality)
    }

    var description: String { "\(suffix ?? "-") = \(value) at \(seconds.map { "\($0)" } ?? "-") \(quality.name)" }
}

extension PayloadDecoder {
    func named(_ payload: [UInt8]) -> [Named] {
        decode(payload).readings.map { reading in
            Named(
                fields[reading.field].suffix, reading.value,
                at: reading.time.map { Double($0.microseconds) / 1_000_000 }, reading.quality)
        }
    }

    func named(_ payload: String) -> [Named] { named(Array(payload.utf8)) }
}
