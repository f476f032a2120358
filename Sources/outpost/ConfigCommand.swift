import Settings

enum ConfigCommand: Command {
    static let name = "config"
    static let summary = "prints a sample configuration with every option explained, or what a preset consists of"
    static let usage = """
        [--preset NAME] > outpost.toml

          --preset NAME   the mappings of a preset: \(Preset.allCases.map(\.rawValue).joined(separator: ", "))
        """
    static let options = ArgumentRules(values: ["--preset"])

    static func run(_ arguments: Arguments) throws -> Int32 {
        guard let name = arguments["--preset"] else {
            StandardOutput.write(String(decoding: Settings.sample, as: UTF8.self))
            return 0
        }
        guard let preset = Preset(rawValue: name) else {
            throw UsageError(message: "there is no preset \"\(name)\"")
        }
        StandardOutput.write(preset.mappings)
        return 0
    }
}
