import Glibc
import Platform
import SQLite
import StoreSQL

enum QueryCommand: Command {
    static let name = "query"
    static let summary = "asks the store in SQL, while the gateway runs or not"
    static let usage = """
        [--data DIR | --config FILE] [--format table|csv|json] [--timeout T] SQL

          --format   table on a terminal and csv in a pipe unless said; json is one object a line
          --timeout  the longest that the query may take: 60s unless said. Ctrl-C ends it, too

        Tables
          readings       series, time, value, text, quality
          latest         the newest of each series, in the same columns
          readings_1m, readings_1h, readings_1d (or what [store] rollups says)
                         series, time, count, texts, bad, min, max, sum, avg, first, last, time_weighted_avg:
                         what the readings of each bucket come to; time is where it begins
          buckets(series, from, to, width)
                         the same columns but the series: buckets of any width of one series; "to" is left out
          series         series, unit, tags (JSON)
          gaps           source, reason, first, last, count
          dead_letters   source, topic, reason, detail, payload, count, first, last
          audit          time, action, target, value, by, outcome: what was written to devices, or tried

        Functions
          now(), ago('1h')                   microseconds since 1970, as all times
          iso(time), micros('2026-11-20')    to text and back
          time_bucket('15m', time)           where the bucket begins
          asof(series, time)                 what a series read last up to a moment
          first(value, time), last(value, time), delta(value, time)
          rate(value, time)                  of a counter, a second; where it drops it has started over
          percentile(value, 95)              of all values, on the line between neighbours
          time_weighted_avg(value, time)     each value stands until the next
          interpolate(value, time, at)       on the line between the neighbours of a moment

        Conditions on series (=, IN, GLOB, LIKE) and time are quick, and so is ORDER BY series or time. A NaN is NULL.
        """
    static let options = ArgumentRules(values: ["--data", "--config", "--format", "--timeout"], words: 1...1)

    /// Of what SQLite sorts and gathers: more than that is not for a small machine.
    private static let mostMegabytes = 64

    static func run(_ arguments: Arguments) throws -> Int32 {
        var output = try output(arguments)
        let timeout = try arguments.seconds("--timeout") ?? 60
        let directory = try arguments.dataDirectory()
        let brake = StatementBrake()
        try stopOnSignal(brake)
        SQLiteMemory.limit(toBytes: mostMegabytes << 20)
        let store = try StoreQuery(directory: directory, brake: brake)
        brake.limitTime(to: .seconds(timeout))
        do {
            try store.run(arguments.words[0]) {
                output.begin($0)
            } row: {
                output.row($0)
            }
        } catch let error as SQLiteError {
            output.end()
            throw failure(error, timeout: arguments["--timeout"] ?? "60s")
        }
        output.end()
        for damage in store.damages { printError("outpost query: \(damage)") }
        return store.damages.isEmpty ? 0 : 1
    }

    private static func output(_ arguments: Arguments) throws -> any RowOutput {
        switch arguments["--format"] ?? (StandardOutput.isTerminal ? "table" : "csv") {
        case "table": TableOutput()
        case "csv": CSVOutput()
        case "json": JSONOutput()
        case let format: throw UsageError(message: "--format is table, csv or json, not \"\(format)\"")
        }
    }

    /// Ctrl-C ends the statement; and the process, where that has not ended soon after, as while nobody reads what it
    /// prints.
    private static func stopOnSignal(_ brake: StatementBrake) throws {
        Signals.block()
        _ = try DedicatedThread("signals") {
            while Signals.wait(for: .seconds(3600)) == nil {}
            brake.pull()
            _ = Signals.wait(for: .seconds(2))
            _exit(statusOfInterruption)
        }
    }

    /// As a shell says it of a program that Ctrl-C has ended.
    private static let statusOfInterruption: Int32 = 130

    private static func failure(_ error: SQLiteError, timeout: String) -> CommandFailure {
        if error.isTimeUp {
            return CommandFailure(
                "not done after \(timeout): narrow it by series or time, or give it a longer --timeout")
        }
        if error.isInterrupted { return CommandFailure("interrupted", status: statusOfInterruption) }
        if error.isNoMemory {
            return CommandFailure("the query needs more than \(mostMegabytes) MB: narrow it by series or time")
        }
        return CommandFailure(error.message)
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
