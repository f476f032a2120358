import Demo
import Foundation
import Platform
import TestSupport
import Testing

/// The released binary under test; `make test` builds it and says where.
let outpostBinary: String = {
    guard let path = getenv("OUTPOST_BINARY").map({ String(cString: $0) }) else {
        fatalError("OUTPOST_BINARY does not say where the binary is: run `make test`")
    }
    return path
}()

/// What a command printed, and how it ended.
struct CommandResult {
    var status: Int32
    var output: String
    var errors: String
}

/// Runs the binary to its end.
func outpost(_ arguments: String..., environment: [String: String] = [:]) -> CommandResult {
    outpost(arguments, environment: environment)
}

func outpost(_ arguments: [String], environment: [String: String] = [:]) -> CommandResult {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: outpostBinary)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let directory = TemporaryDirectory()
    let files = ["out", "err"].map { directory.path + "/" + $0 }
    for file in files { try! Files.write([], to: file) }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle(forWritingAtPath: files[0])
    process.standardError = FileHandle(forWritingAtPath: files[1])
    try! process.run()
    process.waitUntilExit()
    func text(_ file: String) -> String { String(decoding: (try? Files.read(file)) ?? [], as: UTF8.self) }
    return CommandResult(status: process.terminationStatus, output: text(files[0]), errors: text(files[1]))
}

/// A broker and a gateway's configuration and data, in a directory of their own.
final class Site {
    let directory = TemporaryDirectory()
    let brokerPort: Int
    let data: String
    private(set) var broker: PrivateBroker?

    init(
        startsBroker: Bool = true, data: String? = nil, commitEvery: String = "500ms", additionalSettings: String = ""
    ) throws {
        self.data = data ?? directory.path + "/data"
        brokerPort = freePort()
        try Files.createDirectory(directory.path + "/broker")
        let configuration = """
            [gateway]
            id = "under-test"
            data = "\(self.data)"

            [store]
            commit_every = "\(commitEvery)"

            [[mqtt]]
            name = "plant"
            broker = "mqtt://127.0.0.1:\(brokerPort)"
            \(additionalSettings)

              [[mqtt.topic]]
              filter = "json/+"
              format = "json"
              series = "{topic}"
              value = "v"
              time = "ts"
              time_format = "us"

              [[mqtt.topic]]
              filter = "number/+"
              format = "number"
              series = "{topic}"

            """
        try Files.write(Array(configuration.utf8), to: configurationPath)
        if startsBroker { try startBroker() }
    }

    var configurationPath: String { directory.path + "/outpost.toml" }

    func startBroker(lines: String = "") throws {
        broker = try PrivateBroker(directory: directory.path + "/broker", port: brokerPort, additionalLines: lines)
    }

    func stopBroker(signal: Int32 = SIGTERM) {
        broker?.stop(signal: signal)
        broker = nil
    }

    func startGateway(preload library: String? = nil) throws -> GatewayProcess {
        try GatewayProcess(self, preload: library)
    }

    /// One column of what a query finds.
    func query(_ sql: String) -> [String] {
        let result = outpost("query", "--data", data, "--format", "csv", sql)
        #expect(result.status == 0, "\(result.errors)")
        return result.output.split(separator: "\n").dropFirst().map(String.init)
    }
}

/// A running `outpost run`.
final class GatewayProcess {
    private let process: ChildProcess
    private let logPath: String

    init(_ site: Site, preload library: String? = nil) throws {
        logPath = site.directory.path + "/gateway.log"
        unlink(logPath)
        let log = open(logPath, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        defer { close(log) }
        let words = ["run", "--config", site.configurationPath]
        process =
            if let library {
                try ChildProcess("/usr/bin/env", ["LD_PRELOAD=\(library)", outpostBinary] + words, output: log)
            } else {
                try ChildProcess(outpostBinary, words, output: log)
            }
    }

    var id: Int32 { process.id }
    var isRunning: Bool { process.isRunning }
    var log: String { String(decoding: (try? Files.read(logPath)) ?? [], as: UTF8.self) }

    func logs(_ text: String) -> Bool { eventually { log.contains(text) || !isRunning } && log.contains(text) }
    func isReady() -> Bool { logs("ready\n") }
    func isConnected() -> Bool { logs("connected to mqtt://") }

    func stop(signal: Int32 = SIGTERM) -> Int32 { process.stop(signal: signal).status }

    /// In kilobytes.
    var residentMemory: Int {
        let status = String(decoding: (try? Files.read("/proc/\(id)/status")) ?? [], as: UTF8.self)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        return line.flatMap { Int($0.filter(\.isNumber)) } ?? 0
    }
}
