import Readings

/// A pack of SenML in JSON or in CBOR (RFC 8428): the first byte tells them apart. Each name is a field, with the unit that
/// the pack gives it; a sum is a field of its own below the name. Data (`vd`) is kept as the text that JSON has for it.
///
/// A pack of a newer version, or with a label that one must understand (they end in "_"), is refused as a whole.
final class SenMLPayload {
    private static let version = 10.0
    /// Smaller times count from now.
    private static let smallestAbsolute = 268_435_456.0

    private var document: JSONDocument
    private var pack = SenMLCBOR()
    private let table: FieldTable
    private var record = SenMLRecord()
    private var key: [UInt8] = []
    private var problem: PayloadProblem?

    init(_ table: FieldTable, maxPayload: Int) {
        self.table = table
        document = JSONDocument(paths: [], each: .root, walkFrom: .root, maxPayload: maxPayload)
    }

    func decode(
        _ payload: UnsafeRawBufferPointer, arrival: Timestamp, into readings: inout [DecodedReading]
    ) -> PayloadProblem? {
        if SenMLCBOR.isPack(payload) {
            problem = pack.read(payload)
            return decode(pack.entries, arrival, &readings)
        }
        problem = document.read(payload)
        return decode(document.entries.lazy.map(SenMLEntry.init), arrival, &readings)
    }

    private func decode(
        _ entries: some Collection<SenMLEntry>, _ arrival: Timestamp, _ readings: inout [DecodedReading]
    ) -> PayloadProblem? {
        if let refusal = refusal(entries) { return refusal }
        let before = readings.count
        record.startPack()
        var number = 0
        var isSound = true
        for entry in entries {
            if entry.record != number {
                if isSound { finish(arrival, &readings) }
                record.startRecord()
                number = entry.record
                isSound = true
            }
            isSound = take(entry) && isSound
        }
        if isSound, !entries.isEmpty { finish(arrival, &readings) }
        if readings.count == before { note(PayloadProblem(.noSuchField, "no record with a value")) }
        return problem
    }

    private func note(_ other: PayloadProblem) { problem = problem ?? other }

    private func refusal(_ entries: some Sequence<SenMLEntry>) -> PayloadProblem? {
        for entry in entries {
            switch (entry.key, entry.value) {
            case (.mandatory(let label), _):
                return PayloadProblem(
                    .notSenML, "\"\(String(decoding: label, as: UTF8.self))\" has to be understood, and is not")
            case (.label(.version), .number(let version)) where version > Self.version:
                return PayloadProblem(.notSenML, "version \(version), where \(Self.version) is the latest known")
            default: continue
            }
        }
        return nil
    }

    /// False where the record cannot be used.
    private func take(_ entry: SenMLEntry) -> Bool {
        switch entry.key {
        case .none:
            note(PayloadProblem(.notSenML, "a record that is no object"))
            return false
        case .label(let label):
            if record.take(label, entry.value) { return true }
            note(PayloadProblem(.wrongType, field: "\(label.text)", "a value of another type, or too long"))
            return false
        case .unknown, .mandatory: return true
        }
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
            return note(PayloadProblem(.notFinite, "no finite number with its base"))
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
        record.appendName(to: &key)
        let nameLength = key.count
        key.append(isSum ? 0xFE : 0xFF)  // is nowhere in UTF-8
        key.append(contentsOf: record.unit)
        return key.withUnsafeBytes { table.find($0) } ?? newField(nameLength, isSum: isSum)
    }

    private func newField(_ nameLength: Int, isSum: Bool) -> Int? {
        guard SenMLRecord.isName(key[..<nameLength]) else {
            note(
                PayloadProblem(
                    .notSenML, "a record without a name of letters, digits, \"-\", \":\", \".\", \"/\" and \"_\""))
            return nil
        }
        let name = String(decoding: key[..<nameLength], as: UTF8.self)
        let unit = record.unit.isEmpty || isSum ? nil : String(decoding: record.unit, as: UTF8.self)
        let field = key.withUnsafeBytes { key in
            table.find(key) { PayloadField(suffix: isSum ? name + "/sum" : name, unit: unit) }
        }
        if field == nil { note(FieldTable.isFull(at: name)) }
        return field
    }
}
