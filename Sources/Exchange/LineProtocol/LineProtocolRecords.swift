import Readings

/// InfluxDB's line protocol, whoever wrote it. The series of a field is named by the measurement, the values of the
/// tags in the order of their keys, and the key of the field unless that is `value` or `text`:
/// `weather,site=a temp=21.5` is a reading of `weather/a/temp`. Times are rounded down to microseconds.
struct LineProtocolRecords: RecordFormat {
    private var scanner = LineProtocolScanner()
    private var head: LineProtocolHead?
    /// Made of `head` and the keys of the last lines, by their places in the line.
    private var names: [MadeName] = []
    private var line = LineProtocolLine()

    mutating func startRecord() { scanner = LineProtocolScanner() }

    mutating func findEnd(in bytes: Span<UInt8>, isLast: Bool) -> RecordEnd {
        scanner.findEnd(in: bytes, isLast: isLast)
    }

    mutating func read(_ record: Span<UInt8>, reading: (NamedReading) -> Void, problem: (String) -> Void) {
        guard !scanner.isBlank else { return }
        do {
            try read(record.extracting(first: record.endOfContent), reading: reading)
        } catch {
            problem(error.message)
        }
    }

    private mutating func read(_ bytes: Span<UInt8>, reading: (NamedReading) -> Void) throws(RecordProblem) {
        let head = try self.head(bytes.extracting(try scanner.head(in: bytes)))
        try line.read(bytes, head: try scanner.head(in: bytes), unit: "nanoseconds")
        for index in line.fields.indices { try makeName(index, bytes.extracting(line.fields[index].key), head) }
        let time = line.time.map(Self.timestamp)
        for (index, field) in line.fields.enumerated() {
            reading(NamedReading(name: names[index].name, time: time, value: field.value, quality: head.quality))
        }
    }

    private mutating func head(_ bytes: Span<UInt8>) throws(RecordProblem) -> LineProtocolHead {
        if let head, bytes.equals(head.source) { return head }
        let head = try LineProtocolHead(bytes)
        self.head = head
        names.removeAll(keepingCapacity: true)
        return head
    }

    private mutating func makeName(
        _ index: Int, _ key: Span<UInt8>, _ head: LineProtocolHead
    ) throws(RecordProblem) {
        if index < names.count, key.equals(names[index].source) { return }
        let name = try MadeName(head.path(ofField: key).span, from: key)
        if index < names.count { names[index] = name } else { names.append(name) }
    }

    private static func timestamp(nanoseconds: Int64) -> Timestamp {
        let (microseconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1000)
        return Timestamp(microseconds: rest < 0 ? microseconds - 1 : microseconds)
    }
}
