import Alarms

/// What came of reading a configuration.
public struct LoadedSettings: Sendable {
    /// Nil when there is any error.
    public var settings: Settings?
    /// Errors and warnings in the order of the files, then of the lines.
    public var problems: [Problem]
}

extension Settings {
    /// Reads `path`, then `conf.d/*.toml` beside it, and reports everything that is wrong with them at once.
    public static func load(
        _ path: String, files: some SettingsFiles, environment: (String) -> String?, hostname: String
    ) -> LoadedSettings {
        let log = ProblemLog()
        let configuration = ConfigurationFiles(mainPath: path, files: files, log: log)
        var root = configuration.readAll()
        root.substituteVariables(from: environment, log: log)
        let settings = TableReader.readRoot(root, place: Place(file: path), log: log, files: files) {
            Settings($0, hostname: hostname)
        }
        return LoadedSettings(
            settings: log.hasErrors ? nil : settings,
            problems: log.problems.sorted { configuration.standsBefore($0, $1) })
    }
}

/// What came of reading alarms alone.
public struct LoadedRules: Sendable {
    /// Nil when there is any error.
    public var rules: [AlarmRule]?
    public var problems: [Problem]
}

extension Settings {
    /// Reads the `[[alarm]]` tables of one file, and nothing else of it: their actions may be anywhere.
    public static func loadRules(
        _ path: String, files: some SettingsFiles, environment: (String) -> String?
    ) -> LoadedRules {
        let log = ProblemLog()
        var root = ConfigurationFiles(path, files: files, log: log).readAll()
        root.members.removeAll { $0.key != "alarm" }
        root.substituteVariables(from: environment, log: log)
        let rules = TableReader.readRoot(root, place: Place(file: path), log: log, files: files) { root in
            var checks = AlarmRuleChecks()
            let rules = root.tables("alarm") { AlarmRule($0, &checks) }.compactMap(\.self)
            checks.checkVotes(log)
            return rules
        }
        return LoadedRules(rules: log.hasErrors ? nil : rules, problems: log.problems.sorted())
    }
}

/// The files that make up a configuration.
private struct ConfigurationFiles {
    private static let sizeLimit = 4 << 20

    /// In the order of reading.
    let paths: [String]
    let files: any SettingsFiles
    let log: ProblemLog

    init(mainPath: String, files: any SettingsFiles, log: ProblemLog) {
        self.files = files
        self.log = log
        let directory = FilePath.directory(of: mainPath) + "conf.d"
        paths = [mainPath] + Self.additionalPaths(in: directory, files: files, log: log)
    }

    /// One file alone.
    init(_ path: String, files: any SettingsFiles, log: ProblemLog) {
        (paths, self.files, self.log) = ([path], files, log)
    }

    /// All files as one table; whatever cannot be read is in the log, and the others are read nevertheless.
    func readAll() -> Table {
        var root = Table()
        for path in paths {
            if let table = read(path) { root.merge(table, log: log) }
        }
        return root
    }

    func standsBefore(_ left: Problem, _ right: Problem) -> Bool {
        if left.file == right.file { return left < right }
        return index(of: left.file) < index(of: right.file)
    }

    /// What is not a file of the configuration, such as an unreadable directory, comes last.
    private func index(of file: String) -> Int { paths.firstIndex(of: file) ?? paths.count }

    private static func additionalPaths(
        in directory: String, files: any SettingsFiles, log: ProblemLog
    ) -> [String] {
        do {
            let names = try files.list(directory).filter { $0.hasSuffix(".toml") && !$0.hasPrefix(".") }
            return names.sorted().map { "\(directory)/\($0)" }
        } catch  where error.kind == .missing {
            return []
        } catch {
            log.error(explain(error), at: Place(file: directory))
            return []
        }
    }

    private func read(_ path: String) -> Table? {
        do {
            return parseToml(try files.read(path, limit: Self.sizeLimit), file: path, log: log)
        } catch {
            let hint = error.kind == .missing && path == paths[0] ? "; `outpost config > \(path)` writes a sample" : ""
            log.error(Self.explain(error) + hint, at: Place(file: path))
            return nil
        }
    }

    private static func explain(_ problem: FileProblem) -> String {
        switch problem.kind {
        case .missing: "there is no such file"
        case .directory: "this is a directory, not a configuration file"
        case .notPermitted: "there is no permission to read this"
        case .tooLarge: "a configuration has 4 MiB at most; this file is larger"
        case .other: problem.message
        }
    }
}
