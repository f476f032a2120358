import Gateway
import Platform
import Settings

enum RunCommand: Command {
    static let name = "run"
    static let summary = "runs the gateway in the foreground until SIGTERM or Ctrl-C"
    static let usage = """
        [--config FILE]

          --config FILE   the configuration (default \(Arguments.installedConfiguration))
        """
    static let options = ArgumentRules(values: ["--config"])

    static func run(_ arguments: Arguments) throws -> Int32 {
        Signals.block()
        Memory.keepSmall()
        let settings = try arguments.loadSettings()
        let writer = try LogWriter()
        defer { writer.finish(within: .seconds(1)) }
        let log = Log(level: Log.Level(settings.log.level), write: { writer.write($0) })
        log.info(
            "gateway", "outpost \(outpostVersion) starts as \(settings.gateway.id), data in \(settings.gateway.data)")
        let isClean = try Gateway.run(settings, surroundings: Surroundings(log: log)) {
            Memory.trim()
            StandardOutput.write("ready\n")
        }
        return isClean ? 0 : 1
    }
}
