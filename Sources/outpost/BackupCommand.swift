import History
import Platform

enum BackupCommand: Command {
    static let name = "backup"
    static let summary = "copies the store, as it is at one moment, while the gateway runs or not"
    static let usage = """
        [--data DIR | --config FILE] FILE

        FILE becomes a tar archive, once it is whole. To go back to it: stop the gateway, move its journal.db* and
        history.db* away, and unpack the archive in their place: tar -xf FILE -C DIR
        """
    static let options = ArgumentRules(values: ["--data", "--config"], words: 1...1)

    static func run(_ arguments: Arguments) throws -> Int32 {
        var progress = ProgressLine()
        defer { progress.end() }
        try StoreBackup.write(
            arguments.dataDirectory(), to: arguments.words[0], clocks: .system,
            progress: { progress.show($0, of: "bytes") })
        return 0
    }
}
