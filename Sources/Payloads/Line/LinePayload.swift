import Exchange
import Readings

/// What the times of line protocol are counted in.
public enum LinePrecision: String, Sendable, CaseIterable {
    case seconds = "s"
    case milliseconds = "ms"
    case microseconds = "us"
    case nanoseconds = "ns"
    case auto

    fileprivate var unit: String {
        switch self {
        case .seconds: "seconds"
        case .milliseconds: "milliseconds"
        case .microseconds: "microseconds"
        case .nanoseconds: "nanoseconds"
        case .auto: "units"
        }
    }

    /// Rounded down to microseconds, as an import does it, so that the same line has the same time on both ways.
    fileprivate func timestamp(_ count: Int64) -> Timestamp? {
        guard let count = UInt64(exactly: count) else { return nil }
        return switch self {
        case .seconds: TimeFormat.seconds.timestamp(count)
        case .milliseconds: TimeFormat.milliseconds.timestamp(count)
        case .microseconds: TimeFormat.microseconds.timestamp(count)
        case .nanoseconds: TimeFormat.microseconds.timestamp(count / 1000)
        case .auto: TimeFormat.auto.timestamp(count)
        }
    }
}

/// Payloads of line protocol, of any number of lines. The fields are named as an import names them. A line without a
/// time has that of its arrival; one with a time that cannot be has none, and is `uncertain`.
final class LinePayload {
    /// Of a measurement with its tags, and the key of a field, in bytes: what is known of a mapping's fields has a bound.
    private static let longestKey = 2048

    private let precision: LinePrecision
    private let table: FieldTable
    private var reader: LineProtocolReader
    /// By field: the head of a line says it.
    private var qualities: [Quality] = []
    private var key: [UInt8] = []

    init(_ precision: LinePrecision, _ table: FieldTable) {
        self.precision = precision
        self.table = table
        reader = LineProtocolReader(unit: precision.unit)
    }

    func decode(_ payload: UnsafeRawBufferPointer, into readings: inout [DecodedReading]) -> PayloadProblem? {
        var problem: PayloadProblem?
        let before = readings.count
        reader.read(payload.bindMemory(to: UInt8.self).span) { bytes, line in
            let trouble = take(line, bytes, into: &readings)
            problem = problem ?? trouble
        } problem: { trouble in
            problem = problem ?? PayloadProblem(.notLineProtocol, "line \(trouble.line): \(trouble.message)")
        }
        if readings.count == before { problem = problem ?? PayloadProblem(.empty, "no line that says anything") }
        return problem
    }

    private func take(
        _ line: LineProtocolLine, _ bytes: Span<UInt8>, into readings: inout [DecodedReading]
    ) -> PayloadProblem? {
        var problem: PayloadProblem?
        let time = line.time.flatMap(precision.timestamp)
        let isBadTime = line.time != nil && time == nil
        if isBadTime {
            problem = PayloadProblem(.badTime, "not a time in \(precision.unit) between the years 1970 and 9999")
        }
        for field in line.fields {
            guard readings.count < PayloadDecoder.mostReadings else { return PayloadDecoder.tooManyReadings }
            switch number(of: bytes.extracting(field.key), head: bytes.extracting(line.head)) {
            case .failure(let trouble): problem = problem ?? trouble
            case .success(let number):
                let quality = qualities[number] == .good && isBadTime ? .uncertain : qualities[number]
                readings.append(DecodedReading(field: number, time: time, value: field.value, quality: quality))
            }
        }
        return problem
    }

    private func number(of field: Span<UInt8>, head: Span<UInt8>) -> Result<Int, PayloadProblem> {
        guard head.count + field.count < Self.longestKey else { return .failure(tooLong) }
        key.removeAll(keepingCapacity: true)
        head.withUnsafeBufferPointer { key.append(contentsOf: $0) }
        key.append(UInt8(ascii: "\n"))  // ends a line, and is in none of its names
        field.withUnsafeBufferPointer { key.append(contentsOf: $0) }
        if let number = key.withUnsafeBytes({ table.find($0) }) { return .success(number) }
        do {
            return learn(try LineProtocolSeries(head: head, key: field))
        } catch {
            return .failure(PayloadProblem(.notLineProtocol, error.message))
        }
    }

    private var tooLong: PayloadProblem {
        PayloadProblem(.notLineProtocol, "a measurement, its tags and a key of more than \(Self.longestKey) bytes")
    }

    private func learn(_ series: LineProtocolSeries) -> Result<Int, PayloadProblem> {
        let field = PayloadField(suffix: series.name, tags: series.tags)
        guard let number = key.withUnsafeBytes({ table.find($0, orAdd: { field }) }) else {
            return .failure(FieldTable.isFull(at: series.name))
        }
        qualities.append(series.quality)
        return .success(number)
    }
}
