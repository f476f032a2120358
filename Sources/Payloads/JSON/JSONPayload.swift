import CSimdjson
import Readings

/// A payload that is a JSON document with readings at known paths, or with readings everywhere.
///
/// - A number is a number, by the double nearest to it; true and false are 1 and 0.
/// - A string is a number where all of it reads as one (devices send "21.5"), else a state, of 256 bytes at most.
/// - `null` is the device saying that it has no value: `absent`, with the quality `deviceException`.
/// - A field that is not there gives nothing: devices send only what has changed.
/// - Where the mapping names a time, and the document has none or one that cannot be, its readings have no time and
///   are `uncertain`. An element of an array has the time of the whole document where it has none of its own.
/// - Where every value is wanted, strings that are no numbers are passed over unless texts are wanted too, and `null`
///   counts for fields that have had a value.
final class JSONPayload {
    private var document: JSONDocument
    private let mapping: JSONMapping
    private let table: FieldTable
    private var selection: JSONSelection
    /// Of the paths, by number: the time of the whole document, the time and the name come first, so that they are known
    /// when a value comes.
    private let pathNames: [String]
    private let timePath: Int?
    private let namePath: Int?
    private let firstField: Int

    // Of the present payload.
    private var wholeTime: Timestamp?
    private var element = JSONElement()
    private var found = false
    private var problem: PayloadProblem?
    private var key: [UInt8] = []

    init(_ mapping: JSONMapping, _ table: FieldTable, maxPayload: Int) {
        let time = mapping.time.map { [$0.path] } ?? []
        let whole = mapping.each == nil ? [] : time
        let heads = time + (mapping.name.map { [$0] } ?? [])
        let paths = heads + mapping.fields.map(\.path)
        pathNames = (whole + paths).map(\.description)
        timePath = time.isEmpty ? nil : whole.count
        namePath = mapping.name == nil ? nil : whole.count + heads.count - 1
        firstField = whole.count + heads.count
        var start: JSONPath?
        if case .everything(let everything) = mapping.values {
            selection = JSONSelection(everything, except: heads.compactMap { $0.flattened(under: everything.under) })
            start = everything.under
        } else {
            selection = JSONSelection(JSONMapping.Everything(), except: [])
        }
        document = JSONDocument(
            whole: whole, paths: paths, each: mapping.each, walkFrom: start, maxPayload: maxPayload)
        self.mapping = mapping
        self.table = table
    }

    func decode(_ payload: UnsafeRawBufferPointer, into readings: inout [DecodedReading]) -> PayloadProblem? {
        problem = document.read(payload)
        found = false
        wholeTime = nil
        element.start(nil, wholeTime)
        for entry in document.entries { take(entry, into: &readings) }
        return problem ?? (found ? nil : noSuchField)
    }

    private func take(_ entry: cjson_entry, into readings: inout [DecodedReading]) {
        if entry.element == cjson_whole {
            wholeTime = time(of: entry.value)
            return
        }
        if entry.element != element.number { element.start(entry.element, wholeTime) }
        guard let path = entry.pathNumber else { return takeWalked(entry, into: &readings) }
        if path == timePath {
            element.time = time(of: entry.value)
            return
        }
        if path == namePath { return element.takeName(entry.value) }
        found = true
        guard let field = field(path - firstField, entry) else { return }
        if let (value, quality) = value(of: entry.value) {
            append(field, value, quality, to: &readings)
        } else {
            note(wrongType(entry.value, path: path))
        }
    }

    private func takeWalked(_ entry: cjson_entry, into readings: inout [DecodedReading]) {
        guard entry.value.kind != .container else { return }
        guard selection.takes(entry.keyBytes) else {
            found = found || selection.hasRules
            return
        }
        guard hasName, let (value, quality) = value(of: entry.value)
        else { return }
        if case .text = value, !selection.texts { return }
        makeKey(0, entry)
        let field = key.withUnsafeBytes { key in
            value == .absent ? table.find(key) : table.find(key) { PayloadField(suffix: suffix(nil, entry)) }
        }
        if let field {
            found = true
            append(field, value, quality, to: &readings)
        } else if value != .absent {
            note(FieldTable.isFull(at: String(decoding: entry.keyBytes, as: UTF8.self)))
        }
    }

    private func note(_ other: PayloadProblem) { problem = problem ?? other }

    private func append(_ field: Int, _ value: Value, _ quality: Quality, to readings: inout [DecodedReading]) {
        let isUncertain = timePath != nil && element.time == nil && quality == .good
        readings.append(
            DecodedReading(field: field, time: element.time, value: value, quality: isUncertain ? .uncertain : quality))
    }

    // MARK: - Which field

    /// The fields of the mapping stand in the table as they are; those with a name or a wildcard are found by both.
    private func field(_ number: Int, _ entry: cjson_entry) -> Int? {
        guard hasName else { return nil }
        if namePath == nil, !mapping.fields[number].path.hasWildcard { return number }
        makeKey(number, entry)
        let field = key.withUnsafeBytes {
            table.find($0) {
                PayloadField(suffix: suffix(mapping.fields[number].suffix, entry), unit: mapping.fields[number].unit)
            }
        }
        if field == nil { note(FieldTable.isFull(at: pathNames[firstField + number])) }
        return field
    }

    /// Whether the element has the name that the mapping asks for.
    private var hasName: Bool {
        guard let namePath, element.name.isEmpty else { return true }
        note(PayloadProblem(.noSuchField, field: pathNames[namePath], "no name of 1 to 256 bytes"))
        return false
    }

    private func makeKey(_ number: Int, _ entry: cjson_entry) {
        key.removeAll(keepingCapacity: true)
        key.append(UInt8(truncatingIfNeeded: number))
        key.append(UInt8(truncatingIfNeeded: number >> 8))
        key.append(contentsOf: element.name)
        key.append(0xFF)  // is nowhere in UTF-8
        key.append(contentsOf: entry.keyBytes)
    }

    private func suffix(_ own: String?, _ entry: cjson_entry) -> String? {
        var levels: [String] = []
        if namePath != nil { levels.append(String(decoding: element.name, as: UTF8.self)) }
        if let own { levels.append(own) }
        if entry.key_length > 0 { levels.append(String(decoding: entry.keyBytes, as: UTF8.self)) }
        return levels.isEmpty ? nil : levels.joined(separator: "/")
    }

    // MARK: - Values

    private func value(of value: cjson_value) -> (Value, Quality)? {
        switch value.kind {
        case .bool: (.number(value.boolean ? 1 : 0), .good)
        case .int64: (.number(Double(value.int64)), .good)
        case .uint64: (.number(Double(value.uint64)), .good)
        case .double: (.number(value.number), .good)
        case .string: self.value(of: value.string).map { ($0, $0.saidQuality) }
        case .null: (.absent, .deviceException)
        case .container: nil
        }
    }

    private func value(of text: UnsafeRawBufferPointer) -> Value? {
        if case .number(let number) = NumberText.read(text) { return .number(number) }
        if let value = mapping.words.value(of: NumberText.trimmed(text)) { return value }
        guard text.count <= TextPayload.longest else { return nil }
        return .text(String(decoding: text, as: UTF8.self))
    }

    private func time(of value: cjson_value) -> Timestamp? {
        guard let time = mapping.time else { return nil }
        let moment = Self.time(of: value, time.format)
        if moment == nil, value.kind != .null {
            note(
                PayloadProblem(
                    .badTime, field: time.path.description,
                    "not a time in the format \"\(time.format.rawValue)\" between the years 1970 and 9999"))
        }
        return moment
    }

    private static func time(of value: cjson_value, _ format: TimeFormat) -> Timestamp? {
        switch value.kind {
        case .int64: UInt64(exactly: value.int64).flatMap(format.timestamp)
        case .uint64: format.timestamp(value.uint64)
        case .double: format.timestamp(value.number)
        case .string: format.timestamp(value.string)
        case .null, .bool, .container: nil
        }
    }

    // MARK: - Problems

    private func wrongType(_ value: cjson_value, path: Int) -> PayloadProblem {
        PayloadProblem(
            .wrongType, field: pathNames[path],
            value.kind == .container ? "an array or object" : "a text of more than \(TextPayload.longest) bytes")
    }

    private var noSuchField: PayloadProblem {
        let wanted = pathNames[firstField...].joined(separator: ", ")
        return PayloadProblem(.noSuchField, wanted.isEmpty ? "no value that is asked for" : wanted)
    }
}

/// What is known of the element that is being read; a document without `each` is one element.
private struct JSONElement {
    private static let longestName = 256

    private(set) var number: Int?
    var time: Timestamp?
    /// As one level of a series' name; empty where there is none.
    private(set) var name: [UInt8] = []

    mutating func start(_ number: Int?, _ wholeTime: Timestamp?) {
        self.number = number
        time = wholeTime
        name.removeAll(keepingCapacity: true)
    }

    mutating func takeName(_ value: cjson_value) {
        switch value.kind {
        case .string:
            let text = NumberText.trimmed(value.string)
            guard text.count <= Self.longestName else { return }
            let slash = UInt8(ascii: "/")
            name.append(contentsOf: text.lazy.map { $0 == slash ? UInt8(ascii: "_") : $0 })
        case .int64: name.append(contentsOf: value.int64.description.utf8)
        case .uint64: name.append(contentsOf: value.uint64.description.utf8)
        case .double, .bool, .null, .container: break
        }
    }
}
