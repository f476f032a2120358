import CSimdjson
import Readings

/// A payload that is a JSON document with readings at known paths.
///
/// - A number is a number, by the double nearest to it; true and false are 1 and 0.
/// - A string is a number where all of it reads as one (devices send "21.5"), else a state, of 256 bytes at most.
/// - `null` is the device saying that it has no value: `absent`, with the quality `deviceException`.
/// - A field that is not there gives nothing: devices send only what has changed.
/// - Where the mapping names a time, and the document has none or one that cannot be, its readings have no time and
///   are `uncertain`.
final class JSONPayload {
    static let longestText = 256

    private var document: JSONDocument
    private let mapping: JSONMapping
    /// The paths for people: those of the fields, then that of the time.
    private let pathNames: [String]

    init(_ mapping: JSONMapping, maxPayload: Int) {
        let paths = mapping.fields.map(\.path) + (mapping.time.map { [$0.path] } ?? [])
        document = JSONDocument(paths: paths, maxPayload: maxPayload)
        self.mapping = mapping
        pathNames = paths.map(\.description)
    }

    func decode(_ payload: UnsafeRawBufferPointer, into readings: inout [DecodedReading]) -> PayloadProblem? {
        if let problem = Self.problem(of: document.read(payload)) { return problem }
        let before = readings.count
        var problem: PayloadProblem?
        var found = false
        for field in mapping.fields.indices {
            let value = document.values[field]
            guard value.kind != .missing else { continue }
            found = true
            if let reading = Self.reading(of: value, field: field) {
                readings.append(reading)
            } else {
                problem = problem ?? wrongType(value, field: field)
            }
        }
        guard found else { return noSuchField }
        let timeProblem = stamp(&readings, from: before)
        return problem ?? timeProblem
    }

    private static func reading(of value: cjson_value, field: Int) -> DecodedReading? {
        func reading(_ value: Value) -> DecodedReading { DecodedReading(field: field, value: value) }
        return switch value.kind {
        case .bool: reading(.number(value.boolean ? 1 : 0))
        case .int64: reading(.number(Double(value.int64)))
        case .uint64: reading(.number(Double(value.uint64)))
        case .double: reading(.number(value.number))
        case .string: self.value(of: value.string).map(reading)
        case .null: DecodedReading(field: field, value: .absent, quality: .deviceException)
        case .container, .missing: nil
        }
    }

    private static func value(of text: UnsafeRawBufferPointer) -> Value? {
        if case .number(let number) = NumberText.read(text) { return .number(number) }
        guard text.count <= longestText else { return nil }
        return .text(String(decoding: text, as: UTF8.self))
    }

    /// Gives the readings from `start` on the document's time.
    private func stamp(_ readings: inout [DecodedReading], from start: Int) -> PayloadProblem? {
        guard let format = mapping.time?.format else { return nil }
        let value = document.values[mapping.fields.count]
        let time = Self.time(of: value, format)
        for index in start..<readings.count {
            readings[index].time = time
            if time == nil, readings[index].quality == .good { readings[index].quality = .uncertain }
        }
        guard time == nil, value.kind != .missing, value.kind != .null else { return nil }
        return PayloadProblem(
            .badTime, field: pathNames[mapping.fields.count],
            "not a time in the format \"\(format.rawValue)\" between the years 1970 and 9999")
    }

    private static func time(of value: cjson_value, _ format: TimeFormat) -> Timestamp? {
        switch value.kind {
        case .int64: UInt64(exactly: value.int64).flatMap(format.timestamp)
        case .uint64: format.timestamp(value.uint64)
        case .double: format.timestamp(value.number)
        case .string: format.timestamp(value.string)
        case .missing, .null, .bool, .container: nil
        }
    }

    private static func problem(of status: cjson_status) -> PayloadProblem? {
        switch status {
        case .ok: nil
        case .empty: PayloadProblem(.empty, "nothing but white space")
        case .too_large: PayloadProblem(.tooLarge, "more than the parser takes")
        case .too_deep: PayloadProblem(.tooDeep, "arrays and objects more than \(JSONDocument.maxDepth) deep")
        case .not_utf8: PayloadProblem(.notUTF8, "bytes that are not UTF-8")
        case .bad_number: PayloadProblem(.notJSON, "a number that is malformed or does not fit into 64 bits")
        case .malformed: PayloadProblem(.notJSON, "not a JSON document")
        }
    }

    private func wrongType(_ value: cjson_value, field: Int) -> PayloadProblem {
        PayloadProblem(
            .wrongType, field: pathNames[field],
            value.kind == .container ? "an array or object" : "a text of more than \(Self.longestText) bytes")
    }

    private var noSuchField: PayloadProblem {
        PayloadProblem(.noSuchField, pathNames.prefix(mapping.fields.count).joined(separator: ", "))
    }
}
