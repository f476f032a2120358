import CSimdjson

/// One label of a record with its value, whichever way the pack is written. What it points to lives as long as the payload.
struct SenMLEntry {
    enum Key {
        case label(SenMLRecord.Label)
        case unknown
        /// Its label ends in "_".
        case mandatory(UnsafeRawBufferPointer)
        /// The record is no object, or an empty one.
        case none
    }

    enum Value {
        case number(Double)
        case boolean(Bool)
        /// In UTF-8.
        case text(UnsafeRawBufferPointer)
        case bytes(UnsafeRawBufferPointer)
        case other
    }

    /// Counts the records of the pack.
    var record: Int
    var key: Key
    var value: Value
}

extension SenMLEntry.Key {
    init(label: UnsafeRawBufferPointer) {
        if label.last == UInt8(ascii: "_") {
            self = .mandatory(label)
        } else {
            self = SenMLRecord.Label(label).map { .label($0) } ?? .unknown
        }
    }
}

extension SenMLEntry {
    /// One of a JSON document in which everything is walked.
    init(_ entry: cjson_entry) {
        record = entry.element
        value = Value(entry.value)
        let whole = entry.keyBytes
        // Behind a slash is what stands inside the value: that makes another label than the ones that are known.
        let label = UnsafeRawBufferPointer(rebasing: whole.prefix { $0 != UInt8(ascii: "/") })
        key = Key(label: label)
        if whole.isEmpty {
            key = .none
        } else if label.count < whole.count, case .label = key {
            key = .unknown
        }
    }
}

extension SenMLEntry.Value {
    fileprivate init(_ value: cjson_value) {
        switch value.kind {
        case .int64: self = .number(Double(value.int64))
        case .uint64: self = .number(Double(value.uint64))
        case .double: self = .number(value.number)
        case .bool: self = .boolean(value.boolean)
        case .string: self = .text(value.string)
        case .null, .container: self = .other
        }
    }
}
