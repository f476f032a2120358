import Readings

/// The entries of a pack of SenML in CBOR (RFC 8428, 6). A label may be a text too, as the mere translation of a pack in JSON
/// has it.
struct SenMLCBOR {
    /// Of the last pack, valid as long as its payload.
    private(set) var entries: [SenMLEntry] = []
    private var isComplete = true

    static let mostEntries = PayloadDecoder.mostReadings

    static func isPack(_ payload: UnsafeRawBufferPointer) -> Bool { payload[0] >> 5 == 4 }

    /// Nil where there are entries and no more of them than the limit, which is a problem beside those within it.
    mutating func read(_ payload: UnsafeRawBufferPointer) -> PayloadProblem? {
        entries.removeAll(keepingCapacity: true)
        isComplete = true
        do {
            try readPack(payload)
        } catch {
            entries.removeAll(keepingCapacity: true)
            return error
        }
        return isComplete ? nil : PayloadProblem(.tooManyReadings, "more than \(Self.mostEntries) values")
    }

    private mutating func readPack(_ payload: UnsafeRawBufferPointer) throws(PayloadProblem) {
        var reader = CBORReader(payload)
        guard case .array(var rest) = try reader.next() else { throw CBORReader.malformed("no array") }
        var record = 0
        while try !reader.isAtEnd(of: &rest) {
            try readRecord(record, &reader)
            record += 1
        }
        guard reader.isAtEnd else { throw CBORReader.malformed("more behind its end") }
    }

    private mutating func readRecord(_ record: Int, _ reader: inout CBORReader) throws(PayloadProblem) {
        let item = try reader.next()
        var isEmpty = true
        if case .map(var rest) = item {
            while try !reader.isAtEnd(of: &rest) {
                isEmpty = false
                let key = try Self.key(&reader)
                add(SenMLEntry(record: record, key: key, value: try Self.value(&reader)))
            }
        } else {
            try reader.skip(item, depth: 1)
        }
        if isEmpty { add(SenMLEntry(record: record, key: .none, value: .other)) }
    }

    private mutating func add(_ entry: SenMLEntry) {
        isComplete = entries.count < Self.mostEntries
        if isComplete { entries.append(entry) }
    }

    private static func key(_ reader: inout CBORReader) throws(PayloadProblem) -> SenMLEntry.Key {
        let item = try reader.next()
        try reader.skip(item, depth: 2)
        return switch item {
        case .text(let label): .init(label: label)
        case .unsigned(let number): SenMLRecord.Label(number: Int64(clamping: number)).map { .label($0) } ?? .unknown
        case .negative(let number): SenMLRecord.Label(number: ~Int64(clamping: number)).map { .label($0) } ?? .unknown
        default: .unknown
        }
    }

    private static func value(_ reader: inout CBORReader) throws(PayloadProblem) -> SenMLEntry.Value {
        let item = try reader.next()
        switch item {
        case .unsigned(let number): return .number(Double(number))
        case .negative(.max): return .number(-0x1p64)
        case .negative(let number): return .number(-Double(number + 1))
        case .float(let number): return .number(number)
        case .boolean(let boolean): return .boolean(boolean)
        case .text(let text): return .text(text)
        case .bytes(let bytes): return .bytes(bytes)
        case .tag(4): return try decimalFraction(&reader)
        case .pieces, .array, .map, .tag, .simple:
            try reader.skip(item, depth: 2)
            return .other
        }
    }

    /// An array of an exponent of ten and a whole number.
    private static func decimalFraction(_ reader: inout CBORReader) throws(PayloadProblem) -> SenMLEntry.Value {
        let item = try reader.next()
        guard case .array(count: 2) = item else {
            try reader.skip(item, depth: 3)
            return .other
        }
        let exponent = try reader.next()
        try reader.skip(exponent, depth: 4)
        let digits = try reader.next()
        try reader.skip(digits, depth: 4)
        guard let exponent = integer(exponent), let digits = integer(digits),
            // As text, for the double nearest to it, which is the one that the pack in JSON would give.
            let number = Double("\(digits)e\(exponent)")
        else { return .other }
        return .number(number)
    }

    private static func integer(_ item: CBORReader.Item) -> Int64? {
        switch item {
        case .unsigned(let number): Int64(exactly: number)
        case .negative(let number): Int64(exactly: number).map { ~$0 }
        default: nil
        }
    }
}
