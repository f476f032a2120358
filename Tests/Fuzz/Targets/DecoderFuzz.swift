import Payloads
import Readings

/// A decoder: of every input come readings or a problem, always the same, within all limits; and a sound message gives the
/// same after it as without it.
struct DecoderFuzz: FuzzTarget {
    private static let maxPayload = 8192
    private static let arrival = Timestamp(microseconds: 1_718_000_000_000_000)
    private static let endOf9999: Int64 = 253_402_300_799_999_999
    private static let mostReadings = 65_536

    private let format: PayloadFormat
    private let compression: PayloadCompression?
    private let good: [UInt8]
    private let expected: [NamedReading]
    private let template: SeriesTemplate

    /// A rule of the mapping may leave out all of a message.
    private let mayBeSilent: Bool

    init(
        _ format: PayloadFormat, _ compression: PayloadCompression? = nil, good: [UInt8], mayBeSilent: Bool = false
    ) throws {
        self.format = format
        self.mayBeSilent = mayBeSilent
        self.compression = compression
        self.good = good
        template = try SeriesTemplate(parsing: format.namesFields ? "fuzz/{field}" : "fuzz")
        let decoder = PayloadDecoder(format, maxPayload: Self.maxPayload, compression: compression)
        let (readings, problem) = good.withUnsafeBytes { Self.decode($0, decoder) }
        if readings.isEmpty || problem != nil { fatalError("the sound message is not sound: \(good)") }
        expected = readings.map { NamedReading($0, decoder.fields[$0.field]) }
    }

    private struct NamedReading: Equatable {
        var reading: DecodedReading
        let field: PayloadField

        init(_ reading: DecodedReading, _ field: PayloadField) {
            self.reading = reading
            self.reading.field = 0
            self.field = field
        }
    }

    private static func decode(
        _ input: UnsafeRawBufferPointer, _ decoder: PayloadDecoder
    ) -> (readings: [DecodedReading], problem: PayloadProblem?) {
        var readings: [DecodedReading] = []
        let problem = decoder.decode(input, arrival: arrival, into: &readings)
        return (readings, problem)
    }

    func complaint(about input: UnsafeRawBufferPointer) -> String? {
        let decoder = PayloadDecoder(format, maxPayload: Self.maxPayload, compression: compression)
        let first = Self.decode(input, decoder)
        if first.problem == nil, first.readings.isEmpty, !mayBeSilent { return "neither readings nor a problem" }
        if first.problem?.detail.isEmpty == true { return "a problem that says nothing" }
        if first.readings.count > Self.mostReadings { return "\(first.readings.count) readings" }
        for reading in first.readings {
            if let complaint = complaint(about: reading, decoder.fields) { return complaint }
        }
        // A null in JSON counts for fields that are known, which they all are now.
        let second = Self.decode(input, decoder)
        let third = Self.decode(input, decoder)
        if second.readings != third.readings || second.problem != third.problem {
            return "not the same every time: \(second), then \(third)"
        }
        if second.readings.count < first.readings.count { return "fewer readings the second time" }
        return complaintAboutGood(decoder)
    }

    private func complaintAboutGood(_ decoder: PayloadDecoder) -> String? {
        let (readings, _) = good.withUnsafeBytes { Self.decode($0, decoder) }
        let named = readings.map { NamedReading($0, decoder.fields[$0.field]) }
        return named == expected ? nil : "a sound message gives \(named) after it"
    }

    private func complaint(about reading: DecodedReading, _ fields: [PayloadField]) -> String? {
        guard fields.indices.contains(reading.field) else { return "a field that there is not" }
        let name = template.name(topic: "fuzz", suffix: fields[reading.field].suffix)
        guard let name, SeriesName(name.description) == name else { return "a series without a name" }
        if let time = reading.time, !(0...Self.endOf9999).contains(time.microseconds) { return "a time of \(time)" }
        return switch reading.value {
        case .number(let number): number.isFinite ? nil : "the number \(number)"
        case .text(let text): text.utf8.count <= Value.longestText ? nil : "a text of \(text.utf8.count) bytes"
        case .absent: nil
        }
    }
}
