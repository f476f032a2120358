import Settings

enum ConfigCommand: Command {
    static let name = "config"
    static let summary = "prints a sample configuration with every option explained"
    static let usage = "> outpost.toml"
    static let options = ArgumentRules()

    static func run(_ arguments: Arguments) -> Int32 {
        StandardOutput.write(String(decoding: Settings.sample, as: UTF8.self))
        return 0
    }
}
