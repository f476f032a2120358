import Gateway
import Glibc
import Platform

enum StatusCommand: Command {
    static let name = "status"
    static let summary = "shows how a running gateway is doing"
    static let usage = """
        [--data DIR | --config FILE] [--json]

          --json   everything, for programs
        """
    static let options = ArgumentRules(values: ["--data", "--config"], flags: ["--json"])

    static func run(_ arguments: Arguments) throws -> Int32 {
        let directory = try arguments.dataDirectory()
        do throws(SystemError) {
            let answer = try UnixSocket.ask(
                directory + "/" + Gateway.socketName, arguments.has("--json") ? "status json" : "status")
            StandardOutput.write(String(decoding: answer, as: UTF8.self) + "\n")
            return 0
        } catch {
            guard [ENOENT, ECONNREFUSED].contains(error.code) else { throw error }
            throw CommandFailure("no gateway is running on \(directory)")
        }
    }
}
