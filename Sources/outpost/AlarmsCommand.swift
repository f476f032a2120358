import Alarms
import Gateway
import Glibc
import Journal
import Platform
import Readings
import SQLite

enum AlarmsCommand: Command {
    static let name = "alarms"
    static let summary = "lists alarms, acknowledges, shelves, clears and tries them, and tries rules on the past"
    static let usage = """
        [--data DIR | --config FILE] [list [--all] [--json]]
               outpost alarms [...] ack NAME [SERIES]
               outpost alarms [...] shelve NAME [SERIES] --for 2h --because TEXT
               outpost alarms [...] unshelve NAME [SERIES]
               outpost alarms [...] clear NAME [SERIES]
               outpost alarms [...] remove NAME [SERIES] --because TEXT
               outpost alarms [...] restore NAME [SERIES]
               outpost alarms [...] history [NAME] [--last 50]
               outpost alarms [...] test NAME [SERIES]
               outpost alarms [...] replay [--rules FILE] [--since 30d | --from T --to T] [--all] [--json]
               outpost alarms [...] suggest SERIES [--since 30d | --from T --to T]

          list       those that are not as they are when all is well, the worst first; --all: every one
          ack        says that somebody knows
          shelve     leaves an alarm aside for a while, 7 days at most: it is recorded, and does nothing
          clear      ends a latched alarm that no longer stands
          remove     takes an alarm out of service, until it is restored
          history    what has happened, the latest last; needs no running gateway
          test       sends a made up reading through the rule to the real actions, and says how long each took
          replay     what the rules would have done with the stored readings, each taken to have come at its own time; and
                     the limits that would have raised half as many alarms
          suggest    rules for a series, ready to be pasted, from what is stored of it

          NAME       of an [[alarm]]
          SERIES     one, or a pattern such as "press/**"; without it all series of the alarm are meant
          --by NAME  who is named beside the user who runs this
          --rules    takes the [[alarm]] tables of FILE instead of those of the configuration
          --since    how far to look back (30d); silence counts until the newest reading of the store, or until --to
        """
    static let options = ArgumentRules(
        values: ["--data", "--config", "--for", "--because", "--by", "--last", "--rules", "--since", "--from", "--to"],
        flags: ["--all", "--json"],
        words: 0...3)

    static func run(_ arguments: Arguments) throws -> Int32 {
        let words = arguments.words
        guard let verb = words.first, verb != "list" else {
            if words.count > 1 { throw UsageError(message: "too many words: \(words[1...].joined(separator: " "))") }
            return try list(arguments)
        }
        if verb == "history" { return try history(arguments) }
        if verb == "replay" { return try AlarmReplay.run(arguments) }
        if verb == "suggest" { return try AlarmSuggestion.run(arguments) }
        guard words.count > 1 else { throw UsageError(message: "which alarm? outpost alarms list shows them") }
        if verb == "test" { return try test(arguments) }
        let command = AlarmCommand(
            try self.verb(verb, arguments), rule: words[1], series: words.count > 2 ? SeriesGlob(words[2]) : nil,
            by: arguments["--by"] ?? "", because: arguments["--because"] ?? "")
        for line in try accepted(ask(.perform(command), arguments)) {
            StandardOutput.write(line.split(separator: "\t").joined(separator: "  ") + ": done\n")
        }
        return 0
    }

    private static func verb(_ word: String, _ arguments: Arguments) throws -> AlarmCommand.Verb {
        func because() throws {
            guard arguments["--because"] != nil else {
                throw UsageError(message: "\(word) needs --because: whoever comes next wants to know")
            }
        }
        switch word {
        case "ack": return .acknowledge
        case "unshelve": return .unshelve
        case "clear": return .clear
        case "restore": return .restore
        case "remove":
            try because()
            return .remove
        case "shelve":
            guard let seconds = try arguments.seconds("--for") else {
                throw UsageError(message: "shelve needs --for, such as --for 2h")
            }
            try because()
            return .shelve(Int64(min(seconds * 1e6, Double(AlarmDesk.longestShelf))))
        default:
            throw UsageError(message: "unknown word \"\(word)\"")
        }
    }

    // MARK: - Asking the gateway

    /// The lines of the answer.
    private static func ask(_ request: AlarmRequest, _ arguments: Arguments) throws -> [String] {
        let directory = try arguments.dataDirectory()
        guard let text = request.text else { throw UsageError(message: "control characters are not allowed") }
        do throws(SystemError) {
            let answer = try UnixSocket.ask(directory + "/" + Gateway.socketName, text)
            return String(decoding: answer, as: UTF8.self)
                .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        } catch {
            guard [ENOENT, ECONNREFUSED].contains(error.code) else { throw error }
            throw NoGateway(directory: directory)
        }
    }

    private static func list(_ arguments: Arguments) throws -> Int32 {
        let isJSON = arguments.has("--json")
        let lines: [String]
        do {
            lines = try accepted(ask(.list(all: arguments.has("--all"), asJSON: isJSON), arguments), isJSON)
        } catch let failure as NoGateway {
            guard !isJSON, let kept = try? kept(arguments) else { throw failure }
            printError("\(failure): this is how it was when the last one ended")
            lines = kept
        }
        if isJSON {
            StandardOutput.write(lines.joined(separator: "\n") + "\n")
        } else {
            StandardOutput.write(AlarmTable(lines).text(isColoured: isatty(1) == 1))
        }
        return 0
    }

    /// What the journal has.
    private static func kept(_ arguments: Arguments) throws -> [String] {
        let rows = try JournalReader(directory: try arguments.dataDirectory()).rows(of: .alarms)
        let columns = JournalReader.Log.alarms.columns
        return rows.map { row in
            func text(_ name: String) -> String {
                guard let column = columns.firstIndex(of: name) else { return "" }
                return switch row[column] {
                case .text(let text): Log.printable(text)
                case .integer(let time): Timestamp(microseconds: time).wholeSecond
                default: ""
                }
            }
            return ["level", "state", "alarm", "series", "since", "message", "aside_because"].map(text)
                .joined(separator: "\t")
        }
    }

    /// What follows on the word that says that it was done.
    private static func accepted(_ lines: [String], _ isJSON: Bool = false) throws -> [String] {
        if isJSON, lines.first?.hasPrefix("[") ?? false { return lines }
        let rest = Array(lines.dropFirst()).filter { !$0.isEmpty }
        if lines.first == "ok" { return rest }
        throw CommandFailure(rest.first ?? "the gateway is of another version: restart it")
    }

    private static func test(_ arguments: Arguments) throws -> Int32 {
        let words = arguments.words
        let series = words.count > 2 ? SeriesName(words[2]) : nil
        let request = AlarmRequest.test(rule: words[1], series: series, by: arguments["--by"] ?? "")
        let lines = try accepted(ask(request, arguments))
        for line in lines { StandardOutput.write(line.split(separator: "\t").joined(separator: "  ") + "\n") }
        if lines.count == 1 { StandardOutput.write("this alarm has no actions that are told of it\n") }
        return 0
    }

    // MARK: - What has happened

    private static func history(_ arguments: Arguments) throws -> Int32 {
        let last = try arguments.integer("--last", in: 1...100_000) ?? 50
        let reader = try JournalReader(directory: try arguments.dataDirectory())
        let columns = JournalReader.Log.alarmEvents.columns
        func column(_ name: String) -> Int { columns.firstIndex(of: name) ?? 0 }
        let rule = arguments.words.count > 1 ? arguments.words[1] : nil
        let rows = try reader.rows(of: .alarmEvents).lazy
            .filter { row in rule.map { row[column("alarm")] == .text($0) } ?? true }.prefix(last)
        for row in rows.reversed() {
            func text(_ name: String) -> String {
                if case .text(let text) = row[column(name)] { Log.printable(text) } else { "" }
            }
            var time = ""
            if case .integer(let decided) = row[column("decided")] { time = Timestamp(microseconds: decided).rfc3339 }
            let marks = [
                row[column("late")] == .integer(1) ? "from old readings" : "",
                row[column("test")] == .integer(1) ? "a trial" : "", text("by").isEmpty ? "" : "by \(text("by"))",
                text("because").isEmpty ? "" : "because: \(text("because"))",
            ].filter { !$0.isEmpty }
            let end = marks.isEmpty ? "" : "  (\(marks.joined(separator: ", ")))"
            StandardOutput.write(
                "\(time)  \(text("level").padded(to: 9))  \(text("change").padded(to: 12))  \(text("alarm"))  "
                    + "\(text("message"))\(end)\n")
        }
        return 0
    }
}

private struct NoGateway: Error, CustomStringConvertible {
    let directory: String
    var description: String { "no gateway is running on \(directory)" }
}

/// The alarms of a gateway, for people.
private struct AlarmTable {
    private let rows: [[String]]

    init(_ lines: [String]) {
        rows = lines.map { $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init) }
            .filter { $0.count == 7 }
    }

    func text(isColoured: Bool) -> String {
        guard !rows.isEmpty else { return "all is well: no alarm stands, and none waits to be acknowledged\n" }
        let widths = (0..<5).map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = (0..<5).map { row[$0].padded(to: widths[$0]) }.joined(separator: "  ")
            let line = "\(cells)  \(row[5])\(row[6].isEmpty ? "" : "  (\(row[6]))")"
            let colour = isColoured ? Self.colour(of: row) : ""
            return colour.isEmpty ? line + "\n" : "\u{1B}[\(colour)m\(line)\u{1B}[0m\n"
        }.joined()
    }

    /// Who has not been acknowledged is bright, the others are plain, and what is aside is dim.
    private static func colour(of row: [String]) -> String {
        if row[0] == "notice" { return "" }
        switch row[1] {
        case "shelved", "suppressed", "out_of_service", "normal": return "2"
        case "acknowledged", "latched": return row[0] == "warning" ? "33" : "31"
        default: return row[0] == "warning" ? "1;33" : row[0] == "emergency" ? "1;37;41" : "1;31"
        }
    }
}
