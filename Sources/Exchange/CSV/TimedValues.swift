import Readings

/// Which columns hold the time and the value, and how many there are.
struct TimedValueColumns: Sendable {
    private static let times: [StaticString] = ["timestamp", "time", "datetime", "date", "ts"]

    var time = 0
    var value = 1
    var count = 2

    init() {}

    /// Those of the first line, if it is a header: it names both columns, or there are two, with words where a row has a
    /// time and a number.
    init?(header fields: CSVFields, in line: Span<UInt8>) throws(RecordProblem) {
        let (foundTime, foundValue) = (Self.column(Self.times, fields, line), Self.column(["value"], fields, line))
        count = fields.count
        if let foundTime, let foundValue {
            (time, value) = (foundTime, foundValue)
            return
        }
        guard count > 1, Self.isWord(line.extracting(line.trimmed(fields[0].range))),
            Self.isWord(line.extracting(line.trimmed(fields[1].range)))
        else { return nil }
        guard count == 2 else { throw RecordProblem("the header has no columns \"timestamp\" and \"value\"") }
        if foundTime == 1 || foundValue == 0 { (time, value) = (1, 0) }
    }

    /// Neither a number, such as nan, nor something that begins like one.
    private static func isWord(_ bytes: Span<UInt8>) -> Bool {
        guard bytes.count > 0, Double(csv: bytes) == nil else { return false }
        return bytes[0] >= UInt8(ascii: "A")
    }

    private static func column(_ names: [StaticString], _ fields: CSVFields, _ line: Span<UInt8>) -> Int? {
        for name in names {
            for index in 0..<fields.count {
                if line.extracting(line.trimmed(fields[index].range)).equalsIgnoringCase(name) { return index }
            }
        }
        return nil
    }
}

extension CSVFields {
    /// Of a line with nothing in it.
    var isBlank: Bool { count == 1 && self[0].range.isEmpty && !self[0].isQuoted }

    /// With its quotes, if it has any.
    func wholeRange(_ index: Int) -> Range<Int> {
        let field = self[index]
        return field.isQuoted ? field.range.lowerBound - 1..<field.range.upperBound + 1 : field.range
    }

    func reading(_ columns: TimedValueColumns, in line: Span<UInt8>) throws(RecordProblem) -> (Timestamp, Double) {
        let time = line.extracting(line.trimmed(self[columns.time].range))
        let value = line.extracting(line.trimmed(self[columns.value].range))
        guard let moment = Timestamp(ofAnyKind: time) else {
            throw RecordProblem(
                "timestamp: \(quoted(time)) is neither like 2024-02-24T22:20:38Z nor seconds or milliseconds since 1970"
            )
        }
        guard let number = Double(csv: value), number.isFinite else {
            throw RecordProblem("value: \(quoted(value)) is not a finite number")
        }
        return (moment, number)
    }
}

extension Timestamp {
    /// RFC 3339, or a number since 1970: of the unit that puts it after the year 1973, seconds where none does.
    init?(ofAnyKind bytes: Span<UInt8>) {
        if let whole = NumberText.wholeNumber(bytes, as: Int64.self) {
            self = Self.ofNumber(whole)
        } else if let number = NumberText.number(bytes) {
            guard let time = Self.ofNumber(number) else { return nil }
            self = time
        } else {
            guard let time = bytes.withUnsafeBufferPointer({ Timestamp(rfc3339: $0) }) else { return nil }
            self = time
        }
    }

    private static func ofNumber(_ number: Int64) -> Timestamp {
        switch number.magnitude {
        case ..<100_000_000_000: Timestamp(microseconds: number * 1_000_000)
        case ..<100_000_000_000_000: Timestamp(microseconds: number * 1000)
        case ..<100_000_000_000_000_000: Timestamp(microseconds: number)
        default: Timestamp(microseconds: number / 1000)
        }
    }

    private static func ofNumber(_ number: Double) -> Timestamp? {
        let microseconds =
            switch abs(number) {
            case ..<1e11: number * 1e6
            case ..<1e14: number * 1e3
            case ..<1e17: number
            default: number / 1e3
            }
        return Int64(exactly: microseconds.rounded()).map { Timestamp(microseconds: $0) }
    }
}

extension Span<UInt8> {
    /// A range without the spaces and tabs at its ends.
    fileprivate func trimmed(_ range: Range<Int>) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end, Self.isBlank(self[start]) { start += 1 }
        while end > start, Self.isBlank(self[end - 1]) { end -= 1 }
        return start..<end
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == Byte.space || byte == UInt8(ascii: "\t") }

    fileprivate func equalsIgnoringCase(_ name: StaticString) -> Bool {
        guard count == name.utf8CodeUnitCount else { return false }
        for index in indices where self[index] | 0x20 != name.utf8Start[index] { return false }
        return true
    }
}
