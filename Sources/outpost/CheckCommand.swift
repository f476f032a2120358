import Settings

enum CheckCommand: Command {
    static let name = "check"
    static let summary = "says what is wrong with a configuration, or what it would run"
    static let usage = """
        [--config FILE]

        Exit status 0, or 2 with FILE:LINE:COLUMN: MESSAGE for every problem.
        """
    static let options = ArgumentRules(values: ["--config"])

    static func run(_ arguments: Arguments) throws -> Int32 {
        let settings = try arguments.loadSettings()
        StandardOutput.write(settings.summary())
        return 0
    }
}
