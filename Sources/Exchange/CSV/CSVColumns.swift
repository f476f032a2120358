import Readings

enum CSVColumn: String, CaseIterable {
    case series, time, value, text, quality

    static let names = allCases.map(\.rawValue).joined(separator: ",")
}

/// Where in a row each column stands.
struct CSVColumns: Sendable {
    private let names: [String]
    let series: Int
    let time: Int
    let value: Int?
    let text: Int?
    let quality: Int?

    /// Those of a file without a header.
    static let standard = CSVColumns(names: CSVColumn.allCases.map(\.rawValue), series: 0, time: 1)

    var count: Int { names.count }

    private init(names: [String], series: Int, time: Int) {
        self.names = names
        self.series = series
        self.time = time
        value = names.firstIndex(of: CSVColumn.value.rawValue)
        text = names.firstIndex(of: CSVColumn.text.rawValue)
        quality = names.firstIndex(of: CSVColumn.quality.rawValue)
    }

    /// Nil where a column is missing without which no row can be read.
    init?(header: CSVFields, in record: Span<UInt8>, problem: (String) -> Void) {
        let names = (0..<header.count).map { header.text($0, in: record) ?? "" }
        for (index, name) in names.enumerated() {
            if CSVColumn(rawValue: name) == nil {
                let found = quoted(record.extracting(header[index].range))
                problem("column \(index + 1): \(found) is unknown and ignored; known are \(CSVColumn.names)")
            } else if names[..<index].contains(name) {
                problem("column \(index + 1): \"\(name)\" stands in the header twice, and the first one counts")
            }
        }
        guard let series = names.firstIndex(of: CSVColumn.series.rawValue) else {
            problem("series: the header has no such column, so no row can be read")
            return nil
        }
        guard let time = names.firstIndex(of: CSVColumn.time.rawValue) else {
            problem("time: the header has no such column, so no row can be read")
            return nil
        }
        self.init(names: names, series: series, time: time)
    }

    func name(of index: Int) -> String {
        index < count ? names[index] : "field \(index + 1)"
    }

    /// Whether a first record names columns. In a row the second field is a time, whatever the series is called.
    static func isHeader(_ record: CSVFields, in bytes: Span<UInt8>) -> Bool {
        !isRow(record, in: bytes)
            && (0..<record.count).contains { index in
                let field = bytes.extracting(record[index].range)
                return field.equals("series") || field.equals("time")
            }
    }

    /// Whether a record could be a row of a file without a header.
    static func isRow(_ record: CSVFields, in bytes: Span<UInt8>) -> Bool {
        record.count > 1 && Timestamp(csv: bytes.extracting(record[1].range)) != nil
    }
}

extension Timestamp {
    /// Microseconds since 1970, or RFC 3339.
    init?(csv bytes: Span<UInt8>) {
        if let microseconds = NumberText.wholeNumber(bytes, as: Int64.self) {
            self.init(microseconds: microseconds)
        } else {
            guard let time = bytes.withUnsafeBufferPointer({ Timestamp(rfc3339: $0) }) else { return nil }
            self = time
        }
    }
}
