import CSimdjson
import Readings

/// A pack of SenML in JSON (RFC 8428). Each name is a field, with the unit that the pack gives it; a sum is a field of its
/// own below the name. Data (`vd`) is kept as the text that it is sent as.
///
/// A pack of a newer version, or with a label that one must understand (they end in "_"), is refused as a whole.
final class SenMLPayload {
    private static let version = 10.0
    /// Smaller times count from now.
    private static let smallestAbsolute = 268_435_456.0

    private var document: JSONDocument
    private let table: FieldTable
    private var record = SenMLRecord()
    private var key: [UInt8] = []
    private var problem: PayloadProblem?

    init(_ table: FieldTable, maxPayload: Int) {
        self.table = table
        document = JSONDocument(paths: [], each: .root, walks: true, maxPayload: maxPayload)
    }

    func decode(
        _ payload: UnsafeRawBufferPointer, arrival: Timestamp, into readings: inout [DecodedReading]
    ) -> PayloadProblem? {
        problem = document.read(payload)
        if let refusal = refusal() { return refusal }
        let before = readings.count
        record.startPack()
        var element = 0
        var isSound = true
        for entry in document.entries {
            if entry.element != element {
                if isSound { finish(arrival, &readings) }
                record.startRecord()
                element = entry.element
                isSound = true
            }
            isSound = take(entry) && isSound
        }
        if isSound, !document.entries.isEmpty { finish(arrival, &readings) }
        if readings.count == before { note(PayloadProblem(.noSuchField, "no record with a value")) }
        return problem
    }

    private func note(_ other: PayloadProblem) { problem = problem ?? other }

    private func refusal() -> PayloadProblem? {
        for entry in document.entries {
            let label = entry.keyBytes.prefix { $0 != UInt8(ascii: "/") }
            if label.last == UInt8(ascii: "_") {
                return PayloadProblem(
                    .notSenML, "\"\(String(decoding: label, as: UTF8.self))\" has to be understood, and is not")
            }
            if SenMLRecord.Label(entry.keyBytes) == .version, let version = entry.value.number64,
                version > Self.version
            {
                return PayloadProblem(.notSenML, "version \(version), where \(Self.version) is the latest known")
            }
        }
        return nil
    }

    /// False where the record cannot be used.
    private func take(_ entry: cjson_entry) -> Bool {
        guard entry.key_length > 0 else {
            note(PayloadProblem(.notSenML, "a record that is no object"))
            return false
        }
        guard let label = SenMLRecord.Label(entry.keyBytes), !record.take(label, entry.value) else { return true }
        note(
            PayloadProblem(
                .wrongType, field: String(decoding: entry.keyBytes, as: UTF8.self),
                "a value of another type, or too long"))
        return false
    }

    private func finish(_ arrival: Timestamp, _ readings: inout [DecodedReading]) {
        // A record of base fields alone says nothing of its own.
        guard record.value != nil || record.sum != nil else { return }
        let time = self.time(arrival)
        if let value = record.resolvedValue { append(value, time, isSum: false, &readings) }
        if let sum = record.sum { append(.number(sum), time, isSum: true, &readings) }
    }

    private func append(
        _ value: Value, _ time: (moment: Timestamp?, isGood: Bool), isSum: Bool, _ readings: inout [DecodedReading]
    ) {
        if case .number(let number) = value, !number.isFinite {
            return note(PayloadProblem(.notFinite, "a number that is too large with its base"))
        }
        guard let field = field(isSum: isSum) else { return }
        readings.append(
            DecodedReading(
                field: field, time: time.moment, value: value, quality: time.isGood ? .good : .uncertain))
    }

    private func time(_ arrival: Timestamp) -> (moment: Timestamp?, isGood: Bool) {
        let seconds = record.seconds
        if seconds == 0 { return (nil, true) }
        let start = seconds < Self.smallestAbsolute ? Double(arrival.microseconds) / 1_000_000 : 0
        if let moment = TimeFormat.seconds.timestamp(start + seconds) { return (moment, true) }
        note(PayloadProblem(.badTime, "not a time between the years 1970 and 9999"))
        return (nil, false)
    }

    /// By name, unit, and whether it is the sum.
    private func field(isSum: Bool) -> Int? {
        key.removeAll(keepingCapacity: true)
        guard record.appendName(to: &key) else {
            note(
                PayloadProblem(
                    .notSenML, "a record without a name of letters, digits, \"-\", \":\", \".\", \"/\" and \"_\""))
            return nil
        }
        let nameLength = key.count
        key.append(isSum ? 0xFE : 0xFF)  // is nowhere in UTF-8
        key.append(contentsOf: record.unit)
        let field = key.withUnsafeBytes { key in
            table.find(key) {
                let name = String(decoding: key[..<nameLength], as: UTF8.self)
                let unit = record.unit.isEmpty || isSum ? nil : String(decoding: record.unit, as: UTF8.self)
                return PayloadField(suffix: isSum ? name + "/sum" : name, unit: unit)
            }
        }
        if field == nil { note(FieldTable.isFull(at: String(decoding: key[..<nameLength], as: UTF8.self))) }
        return field
    }
}
