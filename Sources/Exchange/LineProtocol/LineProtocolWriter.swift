import Readings

/// `press/temperature,quality=stale value=21.5 1708813238500000000`: the whole name is the measurement, a text is the
/// field `text`, and a good quality is not mentioned.
enum LineProtocolWriter {
    static func append(_ name: SeriesName, _ reading: Reading, to output: inout [UInt8]) -> Bool {
        let (nanoseconds, isTooFar) = reading.time.microseconds.multipliedReportingOverflow(by: 1000)
        guard !isTooFar, canWrite(name), canWrite(reading.value) else { return false }
        output.append(escaping: name.description.utf8.span, .measurement)
        if reading.quality != .good {
            output.append(contentsOf: ",quality=".utf8)
            output.append(contentsOf: reading.quality.name.utf8)
        }
        append(reading.value, to: &output)
        output.append(Byte.space)
        output.append(whole: nanoseconds)
        output.append(Byte.newline)
        return true
    }

    /// The one would be a comment, the other would take the meaning from what follows it.
    private static func canWrite(_ name: SeriesName) -> Bool {
        let bytes = name.description.utf8
        return bytes.first != Byte.hash && bytes.last != Byte.backslash
    }

    private static func canWrite(_ value: Value) -> Bool {
        switch value {
        case .number(let number): number.isFinite
        case .text: true
        case .absent: false
        }
    }

    private static func append(_ value: Value, to output: inout [UInt8]) {
        switch value {
        case .number(let number):
            output.append(contentsOf: " value=".utf8)
            output.append(number: number)
        case .text(let text):
            output.append(contentsOf: " text=\"".utf8)
            let bytes = text.utf8.span
            for index in bytes.indices {
                if bytes[index] == Byte.quote || bytes[index] == Byte.backslash { output.append(Byte.backslash) }
                output.append(bytes[index])
            }
            output.append(Byte.quote)
        case .absent: break
        }
    }
}
