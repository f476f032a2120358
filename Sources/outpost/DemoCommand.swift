import Demo
import Gateway
import Glibc
import Platform
import Polling
import SQLite
import Settings
import StoreSQL

enum DemoCommand: Command {
    static let name = "demo"
    static let summary = "runs a whole plant with a broker of its own: nothing to configure"
    static let usage = """
        [--data DIR] [--headless] [--for TIME]

          --data DIR   keeps the readings there; otherwise they are gone afterwards
          --headless   no table
          --for TIME   ends by itself after a time such as 10s
        """
    static let options = ArgumentRules(values: ["--data", "--for"], flags: ["--headless"])

    static func run(_ arguments: Arguments) throws -> Int32 {
        Signals.block()
        Memory.keepSmall()
        let seconds = try arguments.seconds("--for")
        let scratch = try Files.temporaryDirectory("demo")
        defer { Files.removeTree(scratch) }
        let data = arguments["--data"] ?? scratch + "/data"
        let brokerDirectory = scratch + "/broker"
        try Files.createDirectory(brokerDirectory)
        let broker = try PrivateBroker(directory: brokerDirectory)
        defer { broker.stop() }
        let configuration = scratch + "/outpost.toml"
        try Files.write(
            Array(
                PlantPublisher.configuration(brokerPort: broker.port, modbusPort: freePort(), data: data).utf8),
            to: configuration)
        guard let settings = Settings.load(configuration).settings else {
            throw CommandFailure("the demo's own configuration does not load")
        }
        for line in settings.modbus {
            if case .tcp(let host, let port) = line.address {
                try SimulatedLine.play(line, host: host, port: port)
            }
        }
        let surroundings = Surroundings(log: Log(level: .warning))
        let gateway = try Gateway(settings, surroundings: surroundings)
        do {
            try gateway.start(isCancelled: { Signals.wait(for: .zero) != nil })
            waitUntilSubscribed(surroundings)
            let plant = try PlantPublisher(port: broker.port)
            defer { plant.stop() }
            watch(directions(broker.port, data), data, seconds: seconds, showsTable: !arguments.has("--headless"))
        } catch {
            _ = gateway.stop()
            throw error
        }
        let isClean = gateway.stop()
        return try report(data) && isClean ? 0 : 1
    }

    /// So that the plant's first words are heard.
    private static func waitUntilSubscribed(_ surroundings: Surroundings) {
        let clocks = surroundings.clocks
        let deadline = clocks.monotonic() + .seconds(5)
        while clocks.monotonic() < deadline, surroundings.parts.all.contains(where: { $0.state == .starting }) {
            _ = pollDescriptors([], until: clocks.monotonic() + .milliseconds(5))
        }
    }

    private static func directions(_ port: Int, _ data: String) -> String {
        let program = CommandLine.arguments[0]
        return """
            A plant is running: its broker is mqtt://127.0.0.1:\(port), its readings are in \(data)

              \(program) query --data \(data) "SELECT * FROM latest"
              \(program) status --data \(data)
              \(program) alarms --data \(data)
              \(program) export --data \(data) --time iso


            """
    }

    /// Until a signal or the time's end; the latest readings once a second.
    private static func watch(_ directions: String, _ data: String, seconds: Double?, showsTable: Bool) {
        let isLive = showsTable && StandardOutput.isTerminal
        StandardOutput.write(directions)
        let clocks = Clocks.system
        let end = seconds.map { clocks.monotonic() + .seconds($0) }
        while end.map({ clocks.monotonic() < $0 }) ?? true {
            let left = end.map { $0 - clocks.monotonic() } ?? .seconds(1)
            if Signals.wait(for: min(.seconds(1), max(.zero, left))) != nil { return }
            guard isLive else { continue }
            // Home, the page anew, and whatever stood below it away.
            StandardOutput.write("\u{1B}[H\u{1B}[2J" + directions + "\nCtrl-C ends it.\n\n")
            try? showLatest(data)
        }
    }

    private static func showLatest(_ data: String) throws {
        var table = TableOutput()
        try StoreQuery(directory: data).run(
            """
            SELECT series, coalesce(round(value, 3), text, '(' || quality || ')') AS value,
            time(time / 1000000, 'unixepoch') AS "time (UTC)" FROM latest
            """
        ) {
            table.begin($0)
        } row: {
            table.row($0)
        }
        table.end()
        try showAlarms(data)
    }

    private static func showAlarms(_ data: String) throws {
        StandardOutput.write("\n")
        var table = TableOutput()
        try StoreQuery(directory: data).run(
            "SELECT level AS alarm, state, message FROM alarms ORDER BY since DESC LIMIT 6"
        ) {
            table.begin($0)
        } row: {
            table.row($0)
        }
        table.end()
    }

    /// What is in the store at the end; false when nothing is.
    private static func report(_ data: String) throws -> Bool {
        var counts: [SQLValue] = []
        try StoreQuery(directory: data).run("SELECT count(*), count(DISTINCT series) FROM readings") { _ in
        } row: {
            counts = $0
        }
        guard case .integer(let count) = counts.first, case .integer(let series) = counts.last else { return false }
        StandardOutput.write("\(count) readings of \(series) series are in the store.\n")
        return count > 0
    }
}
