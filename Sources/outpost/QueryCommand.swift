import Platform
import SQLite
import StoreSQL

enum QueryCommand: Command {
    static let name = "query"
    static let summary = "asks the store in SQL, while the gateway runs or not"
    static let usage = """
        [--data DIR | --config FILE] [--format table|csv|json] SQL

        Tables: readings (series, time, value, text, quality), latest (the same columns), series (series, unit, tags),
        gaps, dead_letters. Times are microseconds since 1970: datetime(time / 1000000, 'unixepoch') reads well.

          --format   table on a terminal and csv in a pipe unless said; json is one object a line
        """
    static let options = ArgumentRules(values: ["--data", "--config", "--format"], words: 1...1)

    static func run(_ arguments: Arguments) throws -> Int32 {
        let format = arguments["--format"] ?? (StandardOutput.isTerminal ? "table" : "csv")
        var output: any RowOutput
        switch format {
        case "table": output = TableOutput()
        case "csv": output = CSVOutput()
        case "json": output = JSONOutput()
        default: throw UsageError(message: "--format is table, csv or json, not \"\(format)\"")
        }
        let store = try StoreQuery(directory: try arguments.dataDirectory())
        do {
            try store.run(arguments.words[0]) {
                output.begin($0)
            } row: {
                output.row($0)
            }
        } catch let error as SQLiteError {
            output.end()
            throw CommandFailure(error.message)
        }
        output.end()
        for damage in store.damages { printError("outpost query: \(damage)") }
        return store.damages.isEmpty ? 0 : 1
    }
}

/// Where rows go.
private protocol RowOutput {
    mutating func begin(_ columns: [String])
    mutating func row(_ values: [SQLValue])
    mutating func end()
}

extension SQLValue {
    fileprivate var text: String {
        switch self {
        case .null: ""
        case .integer(let number): String(number)
        case .real(let number): "\(number)"
        case .text(let text): text
        case .blob(let bytes): bytes.map { String($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        }
    }
}

private struct CSVOutput: RowOutput {
    private var output = StandardOutput()

    mutating func begin(_ columns: [String]) { write(columns) }
    mutating func row(_ values: [SQLValue]) { write(values.map(\.text)) }
    mutating func end() { output.flush() }

    private mutating func write(_ fields: [String]) {
        let quoted = fields.map { field in
            field.utf8.contains(where: { [0x22, 0x2C, 0x0A, 0x0D].contains($0) })
                ? "\"" + field.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
                : field
        }
        output.append(quoted.joined(separator: ",") + "\n")
    }
}

private struct JSONOutput: RowOutput {
    private var output = StandardOutput()
    private var columns: [String] = []

    mutating func begin(_ columns: [String]) { self.columns = columns }

    mutating func row(_ values: [SQLValue]) {
        let members = zip(columns, values).map { name, value -> (String, JSON) in
            switch value {
            case .null: (name, .null)
            case .integer(let number): (name, .integer(number))
            case .real(let number): (name, .number(number))
            case .text, .blob: (name, .text(value.text))
            }
        }
        output.append(JSON.object(members).description + "\n")
    }

    mutating func end() { output.flush() }
}

/// Columns as wide as the first rows need; numbers to the right.
struct TableOutput: RowOutput {
    private static let measuredRows = 1000

    private var output = StandardOutput()
    private var columns: [String] = []
    private var waiting: [[SQLValue]] = []
    private var widths: [Int]?

    mutating func begin(_ columns: [String]) {
        end()
        self.columns = columns
    }

    mutating func row(_ values: [SQLValue]) {
        if widths != nil { return print(values) }
        waiting.append(values)
        if waiting.count == Self.measuredRows { measure() }
    }

    mutating func end() {
        if widths == nil, !columns.isEmpty { measure() }
        widths = nil
        columns = []
        output.flush()
    }

    private mutating func measure() {
        widths = columns.indices.map { column in
            waiting.reduce(columns[column].count) { max($0, $1[column].text.count) }
        }
        output.append(zip(columns, widths!).map { $0.padded(to: $1) }.joined(separator: "  ").trimmed + "\n")
        output.append(widths!.map { String(repeating: "-", count: $0) }.joined(separator: "  ") + "\n")
        for row in waiting { print(row) }
        waiting = []
    }

    private mutating func print(_ values: [SQLValue]) {
        let cells = zip(values, widths!).map { value, width -> String in
            let text = value.text
            switch value {
            case .integer, .real: return String(repeating: " ", count: max(0, width - text.count)) + text
            default: return text.padded(to: width)
            }
        }
        output.append(cells.joined(separator: "  ").trimmed + "\n")
    }
}

extension String {
    /// Without blanks at the end.
    fileprivate var trimmed: String {
        var end = endIndex
        while end > startIndex, self[index(before: end)] == " " { end = index(before: end) }
        return String(self[..<end])
    }
}
