/// Readings out of a file that comes in chunks, which may end anywhere. One for each file.
public struct ReadingsParser: Sendable {
    // One of them: a payload of an enum could not be changed in place.
    private var csv: RecordReader<CSVRecords>?
    private var line: RecordReader<LineProtocolRecords>?

    public init(_ format: ExchangeFormat) {
        switch format {
        case .csv: csv = RecordReader()
        case .line: line = RecordReader()
        }
    }

    /// Takes the next chunk, and calls back for all records that end in it, in their order. The last chunk may be
    /// empty. A record that is at fault is a problem, and the rest is read all the same.
    public mutating func feed(
        _ bytes: Span<UInt8>, isLast: Bool, reading: (NamedReading) -> Void, problem: (LineProblem) -> Void
    ) {
        csv?.feed(bytes, isLast: isLast, reading: reading, problem: problem)
        line?.feed(bytes, isLast: isLast, reading: reading, problem: problem)
    }
}
