import Readings

struct CSVWriter: Sendable {
    let time: TimeStyle
    private var isoTimes = ISOTimes()

    init(time: TimeStyle) { self.time = time }

    func appendHeader(to output: inout [UInt8]) {
        output.append(contentsOf: CSVColumn.names.utf8)
        output.append(Byte.newline)
    }

    mutating func append(_ name: SeriesName, _ reading: Reading, to output: inout [UInt8]) {
        Self.append(field: name.description, to: &output)
        output.append(Byte.comma)
        switch time {
        case .microseconds: output.append(whole: reading.time.microseconds)
        case .iso: isoTimes.append(reading.time, to: &output)
        }
        output.append(Byte.comma)
        if case .number(let number) = reading.value { output.append(csv: number) }
        output.append(Byte.comma)
        if case .text(let text) = reading.value { Self.append(text: text, to: &output) }
        output.append(Byte.comma)
        output.append(contentsOf: reading.quality.name.utf8)
        output.append(Byte.newline)
    }

    /// Nothing at all would be an absent value.
    private static func append(text: String, to output: inout [UInt8]) {
        if text.isEmpty {
            output.append(contentsOf: [Byte.quote, Byte.quote])
        } else {
            append(field: text, to: &output)
        }
    }

    private static func append(field: String, to output: inout [UInt8]) {
        let bytes = field.utf8.span
        guard needsQuotes(bytes) else { return output.append(contentsOf: bytes) }
        output.append(Byte.quote)
        for index in bytes.indices {
            if bytes[index] == Byte.quote { output.append(Byte.quote) }
            output.append(bytes[index])
        }
        output.append(Byte.quote)
    }

    private static func needsQuotes(_ bytes: Span<UInt8>) -> Bool {
        for index in bytes.indices {
            switch bytes[index] {
            case Byte.comma, Byte.quote, Byte.newline, Byte.carriageReturn: return true
            default: continue
            }
        }
        return false
    }
}

/// Times as RFC 3339. The calendar is asked once for each day: the next row mostly has the same one.
private struct ISOTimes: Sendable {
    private static let day: Int64 = 86_400_000_000

    private var start: Int64?
    /// Such as `2024-02-24T`; empty for a year that does not have four digits, which could not be read back.
    private var date: [UInt8] = []

    mutating func append(_ time: Timestamp, to output: inout [UInt8]) {
        let remainder = time.microseconds % Self.day
        let ofDay = remainder < 0 ? remainder + Self.day : remainder
        // The first day that an Int64 has begins before it, which is why this may wrap.
        let start = time.microseconds &- ofDay
        if self.start != start {
            self.start = start
            date = Self.date(of: time)
        }
        guard !date.isEmpty else { return output.append(whole: time.microseconds) }
        output.append(contentsOf: date)
        Self.append(UInt64(ofDay), to: &output)
    }

    private static func date(of time: Timestamp) -> [UInt8] {
        let text = Array(time.rfc3339.utf8)
        let hasFourDigits = text.count == "2024-02-24T22:20:38.500000Z".utf8.count
        return hasFourDigits ? Array(text.prefix("2024-02-24T".utf8.count)) : []
    }

    private static func append(_ microseconds: UInt64, to output: inout [UInt8]) {
        let seconds = microseconds / 1_000_000
        output.append(digits: seconds / 3600, atLeast: 2)
        output.append(UInt8(ascii: ":"))
        output.append(digits: seconds / 60 % 60, atLeast: 2)
        output.append(UInt8(ascii: ":"))
        output.append(digits: seconds % 60, atLeast: 2)
        output.append(Byte.point)
        output.append(digits: microseconds % 1_000_000, atLeast: 6)
        output.append(UInt8(ascii: "Z"))
    }
}
