import Gateway
import Glibc
import Platform
import Settings

/// What a command is asked with, and does. Exit status: 0 fine, 1 the work failed, 2 the command line or the
/// configuration was wrong.
protocol Command: SendableMetatype {
    static var name: String { get }
    /// One line for the list of commands.
    static var summary: String { get }
    /// The rest of the usage line, then the options.
    static var usage: String { get }
    static var options: ArgumentRules { get }
    static func run(_ arguments: Arguments) throws -> Int32
}

/// The work failed, for a reason that a person can read.
struct CommandFailure: Error, CustomStringConvertible {
    let description: String
    var status: Int32 = 1

    init(_ description: String, status: Int32 = 1) {
        self.description = description
        self.status = status
    }
}

enum CommandLineTool {
    static let commands: [any Command.Type] = [
        RunCommand.self, CheckCommand.self, ConfigCommand.self, DemoCommand.self, TestCommand.self, QueryCommand.self,
        ExportCommand.self, ImportCommand.self, BackupCommand.self, VerifyCommand.self, StatusCommand.self,
        AlarmsCommand.self, DetectCommand.self, FailsafeCommand.self, ModbusCommand.self, BenchCommand.self,
    ]

    static func run(_ words: [String]) -> Int32 {
        guard let name = words.first else {
            printError(overview)
            return 2
        }
        switch name {
        case "--help", "-h", "help":
            print(overview)
            return 0
        case "--version", "version":
            print("outpost \(outpostVersion)")
            return 0
        default: break
        }
        guard let command = commands.first(where: { $0.name == name }) else {
            let hint =
                Suggestions.closest(to: name, among: commands.map { $0.name }).map { ", did you mean \"\($0)\"?" } ?? ""
            printError("outpost: unknown command \"\(name)\"\(hint)\nRun outpost --help for the list.")
            return 2
        }
        return run(command, Array(words.dropFirst()))
    }

    private static func run(_ command: any Command.Type, _ words: [String]) -> Int32 {
        if words.contains("--help") || words.contains("-h") {
            print("\(command.summary)\n\nusage: outpost \(command.name) \(command.usage)")
            return 0
        }
        do {
            return try command.run(try Arguments(words, command.options))
        } catch let error as UsageError {
            printError("outpost \(command.name): \(error.message)\n\nusage: outpost \(command.name) \(command.usage)")
            return 2
        } catch let error as CommandFailure {
            printError("outpost \(command.name): \(error)")
            return error.status
        } catch {
            printError("outpost \(command.name): \(error)")
            return 1
        }
    }

    private static var overview: String {
        let width = commands.map { $0.name.count }.max()! + 2
        let lines = commands.map { "  " + $0.name.padded(to: width) + $0.summary }
        return """
            Outpost \(outpostVersion): an IoT gateway that loses nothing.

            usage: outpost COMMAND [OPTIONS]

            \(lines.joined(separator: "\n"))

            outpost COMMAND --help tells more. A first look: outpost demo
            """
    }
}

func printError(_ text: String) { Log.toStderr(text + "\n") }

extension String {
    func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
