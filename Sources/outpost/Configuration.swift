import Gateway
import Platform
import Settings

extension Arguments {
    static let installedConfiguration = "/etc/outpost/outpost.toml"

    /// The settings that `--config` names, or the installed ones. Prints all problems; exit status 2 when there is one.
    func loadSettings() throws -> Settings {
        let loaded = Settings.load(self["--config"] ?? Self.installedConfiguration)
        for problem in loaded.problems { printError("\(problem)") }
        guard let settings = loaded.settings else {
            let count = loaded.problems.count { $0.severity == .error }
            throw CommandFailure("\(count) error\(count == 1 ? "" : "s") in the configuration", status: 2)
        }
        return settings
    }

    /// The data directory: `--data`, or what the configuration says.
    func dataDirectory() throws -> String {
        if let directory = self["--data"] { return directory }
        guard self["--config"] != nil || Files.exists(Self.installedConfiguration) else {
            throw UsageError(message: "which data directory? Say --data DIR, or --config FILE")
        }
        return try loadSettings().gateway.data
    }
}

extension Log.Level {
    init(_ level: LogSettings.Level) {
        switch level {
        case .error: self = .error
        case .warning: self = .warning
        case .info: self = .info
        case .debug: self = .debug
        }
    }
}
