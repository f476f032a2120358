import Exchange
import Journal
import Readings
import StoreSQL

enum ExportCommand: Command {
    static let name = "export"
    static let summary = "prints stored readings as CSV or line protocol"
    static let usage = """
        [--data DIR | --config FILE] [--series GLOB] [--from T] [--to T] [--format csv|line] [--time us|iso]

          --series GLOB   such as "plant/*/temperature" or "cnc/**"
          --from T        the first moment: 2026-11-20T06:00:00Z, a date, or microseconds since 1970
          --to T          the first moment that is left out again
          --format        csv: series,time,value,text,quality, from which every reading returns bit for bit;
                          line: Influx line protocol, which has no place for NaN, infinity and absent values
          --time          of CSV: us are microseconds since 1970, iso is for people
        """
    static let options = ArgumentRules(values: [
        "--data", "--config", "--series", "--from", "--to", "--format", "--time",
    ])

    static func run(_ arguments: Arguments) throws -> Int32 {
        let format = try arguments.word("--format", [ExchangeFormat.csv, .line]) ?? .csv
        let style = try arguments.word("--time", [TimeWord.us, .iso]) ?? .us
        let selection = try selection(arguments)
        let reader = try JournalReader(directory: try arguments.dataDirectory())
        var writer = ReadingsWriter(format, time: style == .iso ? .iso : .microseconds)
        var output = StandardOutput()
        var leftOut = 0
        output.append { writer.header(into: &$0) }
        try StoredReadings(reader, selection).forEachReading { reading in
            let name = reader.definition(of: reading.series).name
            output.append { if !writer.append(name, reading, into: &$0) { leftOut += 1 } }
        }
        output.flush()
        if leftOut > 0 {
            printError("outpost export: \(leftOut) readings left out: line protocol has no form for them")
        }
        for damage in reader.damages { printError("outpost export: \(damage)") }
        return reader.damages.isEmpty ? 0 : 1
    }

    private enum TimeWord: String { case us, iso }

    private static func selection(_ arguments: Arguments) throws -> StoredReadings.Selection {
        var selection = StoredReadings.Selection()
        if let pattern = arguments["--series"] {
            let glob = SeriesGlob(pattern)
            selection.names = { glob.matches($0) }
        }
        if let from = try moment(arguments, "--from") { selection.range.first = from }
        if let to = try moment(arguments, "--to") {
            guard to > .min else { throw UsageError(message: "--to lies before all time") }
            selection.range.last = to - 1
        }
        return selection
    }

    private static func moment(_ arguments: Arguments, _ option: String) throws -> Int64? {
        guard let text = arguments[option] else { return nil }
        if let time = Int64(text) ?? Timestamp(rfc3339: text)?.microseconds { return time }
        throw UsageError(
            message: "\(option) takes a moment such as 2026-11-20T06:00:00Z or microseconds since 1970, not \"\(text)\""
        )
    }
}
