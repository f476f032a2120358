import Exchange
import History
import Readings

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
        let range = try range(arguments)
        let glob = arguments["--series"].map(SeriesGlob.init)
        let reader = try StoreReader(directory: try arguments.dataDirectory())
        var writer = ReadingsWriter(format, time: style == .iso ? .iso : .microseconds)
        var output = StandardOutput()
        var progress = ProgressLine()
        var (count, leftOut) = (0, 0)
        output.append { writer.header(into: &$0) }
        for id in reader.ids {
            let name = reader.definition(of: id).name
            guard glob?.matches(name) ?? true else { continue }
            let scan = try reader.scan(id, range)
            while try scan.next() {
                for row in scan.rows {
                    output.append { if !writer.append(name, scan.batch[row], into: &$0) { leftOut += 1 } }
                }
                count += scan.rows.count
                progress.show(count, of: "readings")
            }
        }
        output.flush()
        progress.end()
        if leftOut > 0 {
            printError("outpost export: \(leftOut) readings left out: line protocol has no form for them")
        }
        for damage in reader.damages { printError("outpost export: \(damage)") }
        return reader.damages.isEmpty ? 0 : 1
    }

    private enum TimeWord: String { case us, iso }

    private static func range(_ arguments: Arguments) throws -> TimeRange {
        var range = TimeRange()
        if let from = try arguments.moment("--from") { range.first = from }
        if let to = try arguments.moment("--to") {
            guard to > .min else { throw UsageError(message: "--to lies before all time") }
            range.last = to - 1
        }
        return range
    }
}
