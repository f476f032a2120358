import Readings

struct CSVRecords: RecordFormat {
    private enum Layout {
        /// The first record has not come yet.
        case unknown
        case known(CSVColumns)
        /// The header lacks a column that every row needs.
        case unusable
    }

    private var layout = Layout.unknown
    private var fields = CSVFields()
    private var lastName: MadeName?

    mutating func startRecord() { fields.startRecord() }

    mutating func findEnd(in bytes: Span<UInt8>, isLast: Bool) -> RecordEnd {
        let end = fields.findEnd(in: bytes, isLast: isLast)
        guard case .broken(let reason) = end else { return end }
        return .broken("\(nameOfColumn(fields.count)): \(reason)")
    }

    private func nameOfColumn(_ index: Int) -> String {
        if case .known(let columns) = layout { columns.name(of: index) } else { CSVColumns.standard.name(of: index) }
    }

    mutating func read(_ record: Span<UInt8>, reading: (NamedReading) -> Void, problem: (String) -> Void) {
        guard !isBlank else { return }
        switch layout {
        case .unknown where CSVColumns.isHeader(fields, in: record):
            layout = CSVColumns(header: fields, in: record, problem: problem).map(Layout.known) ?? .unusable
        case .unknown:
            layout = .known(.standard)
            read(record, reading: reading, problem: problem)
        case .known(let columns):
            do {
                reading(try row(record, columns))
            } catch {
                problem(error.message)
            }
        case .unusable: break
        }
    }

    private var isBlank: Bool {
        fields.count == 1 && fields[0].range.isEmpty && !fields[0].isQuoted
    }

    private mutating func row(_ record: Span<UInt8>, _ columns: CSVColumns) throws(RecordProblem) -> NamedReading {
        guard fields.count == columns.count else {
            throw RecordProblem("fields: \(fields.count) where there are \(columns.count) columns")
        }
        return NamedReading(
            name: try series(columns.series, record), time: try time(columns.time, record),
            value: try value(columns, record), quality: try quality(columns.quality, record))
    }

    private mutating func series(_ index: Int, _ record: Span<UInt8>) throws(RecordProblem) -> SeriesName {
        let source = record.extracting(fields[index].range)
        if let lastName, source.equals(lastName.source) { return lastName.name }
        let made =
            fields[index].hasDoubledQuotes
            ? try MadeName(fields.withoutDoubledQuotes(index, in: record).span, from: source)
            : try MadeName(source, from: source)
        lastName = made
        return made.name
    }

    private func time(_ index: Int, _ record: Span<UInt8>) throws(RecordProblem) -> Timestamp {
        let bytes = record.extracting(fields[index].range)
        guard let time = Timestamp(csv: bytes) else {
            throw RecordProblem(
                "time: \(quoted(bytes)) is neither microseconds since 1970 nor like 2024-02-24T22:20:38Z")
        }
        return time
    }

    private func value(_ columns: CSVColumns, _ record: Span<UInt8>) throws(RecordProblem) -> Value {
        guard let index = columns.value, !isEmpty(index) else { return try text(columns.text, record) }
        let bytes = record.extracting(fields[index].range)
        if let other = columns.text, !isEmpty(other) {
            let text = quoted(record.extracting(fields[other].range))
            throw RecordProblem("text: \(text) stands beside the value \(quoted(bytes)), and only one can be")
        }
        guard let number = Double(csv: bytes) else {
            throw RecordProblem("value: \(quoted(bytes)) is not a number that a double can hold")
        }
        return .number(number)
    }

    /// A text may be empty: then it stands there as `""`, and a value that is absent as nothing at all.
    private func text(_ index: Int?, _ record: Span<UInt8>) throws(RecordProblem) -> Value {
        guard let index, !isEmpty(index) || fields[index].isQuoted else { return .absent }
        guard let text = fields.text(index, in: record) else {
            throw RecordProblem("text: \(quoted(record.extracting(fields[index].range))) is not UTF-8")
        }
        return try Value(text: text, of: "text")
    }

    private func quality(_ index: Int?, _ record: Span<UInt8>) throws(RecordProblem) -> Quality {
        guard let index, !isEmpty(index) else { return .good }
        let bytes = record.extracting(fields[index].range)
        guard let quality = bytes.text.flatMap({ Quality(name: $0) }) else {
            let known = Quality.allCases.map(\.name).joined(separator: ", ")
            throw RecordProblem("quality: \(quoted(bytes)) is unknown; known are \(known)")
        }
        return quality
    }

    private func isEmpty(_ index: Int) -> Bool { fields[index].range.isEmpty }
}
