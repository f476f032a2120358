/// `kind = "command"`: a program of this machine is run, without a shell.
public struct CommandSettings: Sendable, Hashable {
    /// A full path.
    public var program: String
    /// Each is one argument, whatever fills it.
    public var arguments: [AlarmTemplate]
    public var timeout: Duration
    /// At once.
    public var maxRunning: Int
}

extension CommandSettings {
    private static let fields: [AlarmTemplate.Field] = [.alarm, .series, .level, .state, .value, .message]
    private static let mostWords = 100

    /// Nil when something required is missing or wrong.
    init?(_ table: TableReader) {
        timeout = table.duration("timeout", default: .seconds(10), in: .milliseconds(100) ... .seconds(3600))
        maxRunning = table.integer("max_running", default: 4, in: 1...16)
        guard table.has("command") else {
            table.reportMissing("command = [\"/usr/local/bin/siren\", \"{alarm}\"]")
            return nil
        }
        let words = table.list("command", example: "[\"/usr/local/bin/siren\", \"{alarm}\"]", allowsEmpty: true) {
            (text) throws(ValueError) in try AlarmTemplate(parsing: text, fields: Self.fields)
        }
        guard let words, let first = words.first, let program = Self.program(first, table) else { return nil }
        if words.count > Self.mostWords {
            table.log.error("command: \(Self.mostWords) words at most", at: table.place(of: "command"))
        }
        self.program = program
        arguments = Array(words.dropFirst())
    }

    /// Who checks a configuration may see other files than the service does: what looks wrong is only warned of.
    private static func program(_ word: AlarmTemplate, _ table: TableReader) -> String? {
        let place = table.elements("command", example: "")?.first?.value.place ?? table.place(of: "command")
        let path = word.filled { _ in "" }
        guard path.hasPrefix("/"), word.pieces == [.text(path)] else {
            table.log.error("command: the program is a full path, such as \"/usr/local/bin/siren\"", at: place)
            return nil
        }
        if let problem = problem(of: path, table.files) { table.log.warning("command: \(problem)", at: place) }
        return path
    }

    private static func problem(of path: String, _ files: any SettingsFiles) -> String? {
        do throws(FileProblem) { _ = try files.read(path, limit: 0) } catch {
            switch error.kind {
            case .missing: return "there is no file \(path) yet"
            case .directory: return "\(path) is a directory"
            // One may be allowed to run what one cannot read.
            case .notPermitted, .tooLarge, .other: break
            }
        }
        return files.canRun(path) ? nil : "\(path) cannot be run: chmod +x \(path)"
    }
}
