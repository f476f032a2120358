/// A small file of CSV as a whole: a header, and rows with the lines that they begin at.
public struct CSVTable: Sendable {
    public struct Row: Sendable {
        public let line: Int
        /// As many as the header has.
        public let cells: [String]
    }

    public struct Problem: Error, CustomStringConvertible, Sendable {
        public let line: Int
        public let message: String

        public init(line: Int, message: String) {
            self.line = line
            self.message = message
        }

        public var description: String { "line \(line): \(message)" }
    }

    public let header: [String]
    public let rows: [Row]

    public init(_ bytes: [UInt8]) throws(Problem) {
        var records = try Self.records(bytes)
        guard !records.isEmpty else { throw Problem(line: 1, message: "there is no header") }
        header = records.removeFirst().cells
        for record in records where record.cells.count != header.count {
            throw Problem(
                line: record.line, message: "\(record.cells.count) fields, where the header has \(header.count)")
        }
        rows = records
    }

    private static func records(_ bytes: [UInt8]) throws(Problem) -> [Row] {
        var records: [Row] = []
        var fields = CSVFields()
        var start = 0
        var line = 1
        while start < bytes.count {
            let rest = bytes.span.extracting(start...)
            guard case .found(let end, let lineEnds) = fields.findEnd(in: rest, isLast: true) else {
                throw Problem(line: line, message: "a quote that does not end")
            }
            var cells: [String] = []
            for index in 0..<fields.count {
                guard let text = fields.text(index, in: rest) else { throw Problem(line: line, message: "not UTF-8") }
                cells.append(text)
            }
            if cells != [""] { records.append(Row(line: line, cells: cells)) }
            start += end
            line += lineEnds
            fields.startRecord()
        }
        return records
    }
}
