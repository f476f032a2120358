/// Why a payload, or a part of it, gave no reading.
public struct PayloadProblem: Error, Sendable, Hashable {
    /// A word for a metric's label: never renamed.
    public enum Reason: String, Sendable, CaseIterable {
        case empty
        case tooLarge = "too_large"
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
    }

    /// For people.
    public var detail: String {
        switch facts {
        case .statement(let statement): statement
        case .field(let path, let statement): "\(path): \(statement)"
        case .size(let size, let limit): "\(size) bytes, where \(limit) are the limit"
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

    init(size: Int, limit: Int) {
        reason = .tooLarge
        facts = .size(size, limit: limit)
    }
}
