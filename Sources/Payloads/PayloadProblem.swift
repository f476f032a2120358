/// Why a payload, or a part of it, gave no reading.
public struct PayloadProblem: Error, Sendable, Hashable {
    /// A word for a metric's label: never renamed.
    public enum Reason: String, Sendable, CaseIterable {
        case empty
        case tooLarge = "too_large"
        case notCompressed = "not_compressed"
        case tooDeep = "too_deep"
        case notUTF8 = "not_utf8"
        case notANumber = "not_a_number"
        case notFinite = "not_finite"
        case notJSON = "not_json"
        case noSuchField = "no_such_field"
        case wrongType = "wrong_type"
        case badTime = "bad_time"
        case notLineProtocol = "not_line_protocol"
        case notCSV = "not_csv"
        case notSenML = "not_senml"
        case notSparkplug = "not_sparkplug"
        /// Data whose birth was not seen.
        case unborn
        case sequenceGap = "sequence_gap"
        case wrongSize = "wrong_size"
        case tooManyFields = "too_many_fields"
        case tooManyReadings = "too_many_readings"
    }

    public let reason: Reason
    /// Put together when it is asked for: a flood of bad payloads is counted, not described.
    private let facts: Facts

    private enum Facts: Hashable {
        case statement(String)
        case field(String, statement: String)
        case size(Int, limit: Int)
        case fault(ProtobufFault.Place)
        case alias(UInt64)
        case gap(expected: UInt8, got: UInt8)
    }

    /// For people.
    public var detail: String {
        switch facts {
        case .statement(let statement): statement
        case .field(let path, let statement): "\(path): \(statement)"
        case .size(let size, let limit): "\(size) bytes, where \(limit) are the limit"
        case .fault(let place): "\(place.fault.statement) at byte \(place.offset)"
        case .alias(let alias): "alias \(alias) is in no birth that was seen"
        case .gap(let expected, let got): Self.statement(expected: expected, got: got)
        }
    }

    init(_ reason: Reason, _ statement: String) {
        self.reason = reason
        facts = .statement(statement)
    }

    init(_ reason: Reason, field path: String, _ statement: String) {
        self.reason = reason
        facts = .field(path, statement: statement)
    }

    /// Announcements past the limit.
    public static func tooManyEntities(_ limit: Int) -> PayloadProblem {
        PayloadProblem(.tooManyFields, "more than \(limit) entities")
    }

    public init(size: Int, limit: Int) {
        reason = .tooLarge
        facts = .size(size, limit: limit)
    }

    /// Bytes that are no message of Protocol Buffers.
    init(_ place: ProtobufFault.Place) {
        reason = place.fault == .tooDeep ? .tooDeep : .notSparkplug
        facts = .fault(place)
    }

    init(unbornAlias alias: UInt64) {
        reason = .unborn
        facts = .alias(alias)
    }

    init(expectedSequence expected: UInt8, got: UInt8) {
        reason = .sequenceGap
        facts = .gap(expected: expected, got: got)
    }

    private static func statement(expected: UInt8, got: UInt8) -> String {
        let missing = got &- expected
        let meaning = missing == .max ? "a message twice, or 255 missing" : "\(missing) missing"
        return "message \(expected) was to come, \(got) came: \(meaning)"
    }
}
