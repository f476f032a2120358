import Readings

/// How CSV has times.
public enum TimeStyle: Sendable {
    /// Microseconds since 1970.
    case microseconds
    /// RFC 3339, in UTC. Years that do not have four digits are written as microseconds all the same.
    case iso
}

/// Readings as text, to be appended to whatever the caller writes to a file.
public struct ReadingsWriter: Sendable {
    private let format: ExchangeFormat
    private var csv: CSVWriter

    /// - Parameter time: for CSV alone; line protocol has nanoseconds.
    public init(_ format: ExchangeFormat, time: TimeStyle = .microseconds) {
        self.format = format
        csv = CSVWriter(time: time)
    }

    /// To be called once, before all rows. Line protocol has no header.
    public func header(into output: inout [UInt8]) {
        if format == .csv { csv.appendHeader(to: &output) }
    }

    /// False where the format has no way to write this reading, which is then left out.
    ///
    /// CSV takes everything. Line protocol has no infinity, no NaN and no absent value, no times whose nanoseconds
    /// exceed an Int64 (before 1677 and after 2262), and no series whose name begins with `#` or ends with `\`.
    public mutating func append(_ name: SeriesName, _ reading: Reading, into output: inout [UInt8]) -> Bool {
        switch format {
        case .csv:
            csv.append(name, reading, to: &output)
            return true
        case .line: return LineProtocolWriter.append(name, reading, to: &output)
        }
    }
}
