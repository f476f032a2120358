import Readings

/// What a payload says of one field; which series that is, and what `nil` as time means, is for the input to decide.
public struct DecodedReading: Sendable, Hashable {
    /// An index into the decoder's `fields`.
    public var field: Int
    /// Nil where the payload gives none.
    public var time: Timestamp?
    public var value: Value
    public var quality: Quality

    public init(field: Int, time: Timestamp? = nil, value: Value, quality: Quality = .good) {
        self.field = field
        self.time = time
        self.value = value
        self.quality = quality
    }
}

/// Turns the payloads of one mapping into readings. Owned by one thread; what it needs for a payload it keeps for the
/// next.
public final class PayloadDecoder {
    private enum Format {
        case number(NumberPayload)
        case text
        case json(JSONPayload)
        case line(LinePayload)
        case csv(CSVPayload)
        case binary(BinaryPayload)
        case senml(SenMLPayload)
        case availability(AvailabilityPayload)
    }

    private let table: FieldTable
    private let format: Format
    private let maxPayload: Int
    private let expander: PayloadExpander?

    /// A message gives no more.
    static let mostReadings = 65_536

    static var tooManyReadings: PayloadProblem {
        PayloadProblem(.tooManyReadings, "more than \(mostReadings) readings")
    }

    /// Grows while payloads are decoded, up to 4,096; a field keeps its place.
    public var fields: [PayloadField] { table.fields }

    /// `maxPayload` is in bytes; a larger payload is refused before anything looks at it, and so is what a compressed one
    /// holds.
    public init(_ format: PayloadFormat, maxPayload: Int, compression: PayloadCompression? = nil) {
        self.maxPayload = maxPayload
        expander = compression.map { PayloadExpander($0, limit: maxPayload) }
        switch format {
        case .number(let mapping):
            table = FieldTable([PayloadField()])
            self.format = .number(NumberPayload(mapping))
        case .text:
            table = FieldTable([PayloadField()])
            self.format = .text
        case .json(let mapping):
            table = FieldTable(mapping.fields.map { PayloadField(suffix: $0.suffix, unit: $0.unit) })
            self.format = .json(JSONPayload(mapping, table, maxPayload: maxPayload))
        case .line(let precision):
            table = FieldTable()
            self.format = .line(LinePayload(precision, table))
        case .csv(let mapping):
            table = FieldTable(mapping.names.map { PayloadField(suffix: $0) })
            self.format = .csv(CSVPayload(mapping))
        case .binary(let mapping):
            table = FieldTable(mapping.fields)
            self.format = .binary(BinaryPayload(mapping))
        case .senml:
            table = FieldTable()
            self.format = .senml(SenMLPayload(table, maxPayload: maxPayload))
        case .availability(let words):
            table = FieldTable([PayloadField(suffix: NumberWords.availabilitySuffix)])
            self.format = .availability(AvailabilityPayload(words, maxPayload: maxPayload))
        }
    }

    /// Appends what the payload says. Of a payload with several fields the sound ones are appended although others
    /// are not; the first problem is returned. `arrival` is what times relative to the present refer to.
    public func decode(
        _ payload: UnsafeRawBufferPointer, arrival: Timestamp, into readings: inout [DecodedReading]
    ) -> PayloadProblem? {
        guard !payload.isEmpty else { return PayloadProblem(.empty, "no bytes") }
        guard payload.count <= maxPayload else { return PayloadProblem(size: payload.count, limit: maxPayload) }
        guard let expander else { return decode(plain: payload, arrival, into: &readings) }
        do {
            return decode(plain: try expander.expand(payload), arrival, into: &readings)
        } catch {
            return error
        }
    }

    private func decode(
        plain payload: UnsafeRawBufferPointer, _ arrival: Timestamp, into readings: inout [DecodedReading]
    ) -> PayloadProblem? {
        switch format {
        case .number(let number): return number.decode(payload, into: &readings)
        case .text: return TextPayload.decode(payload, into: &readings)
        case .json(let json): return json.decode(payload, into: &readings)
        case .line(let line): return line.decode(payload, into: &readings)
        case .csv(let csv): return csv.decode(payload, into: &readings)
        case .binary(let binary): return binary.decode(payload, into: &readings)
        case .senml(let senml): return senml.decode(payload, arrival: arrival, into: &readings)
        case .availability(let availability): return availability.decode(payload, into: &readings)
        }
    }
}
