import Glibc
import MQTTInput
import ModbusInput
import Platform
import Polling
import Readings
import Settings
import Synchronization

enum TestCommand: Command {
    static let name = "test"
    static let summary = "prints what comes, or one message, and what becomes of it; stores nothing"
    static let usage = """
        [--config FILE] [--for TIME | --topic TOPIC (--payload TEXT | --payload-file FILE)]

          --for TIME            ends by itself after a time such as 10s
          --topic TOPIC         asks no broker: takes the payload for a message of this topic
          --payload TEXT        its payload
          --payload-file FILE   or a file that holds it; "/dev/stdin" is the standard input
        """
    static let options = ArgumentRules(values: ["--config", "--for", "--topic", "--payload", "--payload-file"])

    static func run(_ arguments: Arguments) throws -> Int32 {
        let message = try Message(arguments)
        let settings = try arguments.loadSettings()
        guard !settings.mqtt.isEmpty || !settings.modbus.isEmpty else {
            throw CommandFailure("the configuration has neither an [[mqtt]] connection nor a [[modbus]] line")
        }
        if let message { return try take(message, settings) }
        return try connect(settings, seconds: try arguments.seconds("--for"))
    }

    // MARK: - One message

    private struct Message {
        let topic: String
        let payload: String?
        let file: String?

        /// Nil where none is given.
        init?(_ arguments: Arguments) throws(UsageError) {
            payload = arguments["--payload"]
            file = arguments["--payload-file"]
            guard let topic = arguments["--topic"] else {
                if payload != nil || file != nil { throw UsageError(message: "a payload needs a --topic") }
                return nil
            }
            if (payload == nil) == (file == nil) {
                throw UsageError(message: "--topic needs either --payload TEXT or --payload-file FILE")
            }
            if arguments["--for"] != nil { throw UsageError(message: "--for is of no use for one message") }
            if topic.isEmpty || topic.contains(where: { "+#".contains($0) }) {
                throw UsageError(message: "--topic takes the topic of a message, without \"+\" and \"#\"")
            }
            self.topic = topic
        }

        func read() throws(SystemError) -> [UInt8] {
            // What max_payload can be at most.
            if let file { return try Files.read(file, limit: 16 << 20) }
            return Array((payload ?? "").utf8)
        }
    }

    /// Fine where at least one reading came of it.
    private static func take(_ message: Message, _ settings: Settings) throws -> Int32 {
        let payload = try message.read()
        let catalogue = SeriesCatalogue(limit: settings.store.maxSeries)
        var isTaken = false
        var readings = 0
        for connection in settings.mqtt {
            MappingTrial(connection, catalogue: catalogue)
                .take(
                    topic: message.topic, payload: payload,
                    arrival: Timestamp(microseconds: Clocks.system.wall())
                ) { observation in
                    isTaken = true
                    readings += observation.readings.count
                    show(observation, catalogue)
                }
        }
        if !isTaken { StandardOutput.write("\(message.topic)\n    no [[mqtt.topic]] takes this topic\n") }
        return readings > 0 ? 0 : 1
    }

    // MARK: - A connection

    private static func connect(_ settings: Settings, seconds: Double?) throws -> Int32 {
        Signals.block()
        let surroundings = Surroundings(log: Log(level: .warning))
        let catalogue = SeriesCatalogue(limit: settings.store.maxSeries)
        let connections = try settings.mqtt.map { connection in
            try MQTTConnection(
                connection, purpose: .trial { show($0, catalogue) }, sink: NoStore(), catalogue: catalogue,
                surroundings: surroundings)
        }
        let lines = try settings.modbus.map { line in
            try ModbusLine(
                line, directory: nil, sink: NoStore(), catalogue: catalogue, surroundings: surroundings,
                observe: { show($0, line: line.name, catalogue) })
        }
        for connection in connections { try connection.start() }
        for line in lines { try line.start() }
        let clocks = Clocks.system
        let end = seconds.map { clocks.monotonic() + .seconds($0) }
        while end.map({ clocks.monotonic() < $0 }) ?? true {
            if Signals.wait(for: .milliseconds(100)) == .stop { break }
        }
        for connection in connections { connection.stop() }
        for line in lines { line.stop() }
        let deadline = clocks.monotonic() + .seconds(3)
        for connection in connections { _ = connection.waitUntilStopped(deadline: deadline) }
        for line in lines { _ = line.waitUntilStopped(deadline: deadline) }
        let isConnected = surroundings.metrics.entries.contains { entry in
            let counts = ["outpost_mqtt_connects_total", "outpost_modbus_opened_total"]
            if counts.contains(entry.name), case .counter(let count) = entry.instrument { return count.value > 0 }
            return false
        }
        return isConnected ? 0 : 1
    }

    private static func show(_ message: MQTTConnection.Observation, _ catalogue: SeriesCatalogue) {
        let topic = printable(message.topic)
        let filter = message.filter.map { "  [\($0)]" } ?? ""
        var lines =
            topic + filter + (message.isRetained ? "  retained: not stored unless retained = \"store\"" : "") + "\n"
        for reading in message.readings { lines += line(reading, catalogue) }
        if message.isLeftAlone { lines += "    left alone, as only or except says\n" }
        for topic in message.announced { lines += "    announces \(printable(topic.utf8)), which is asked for now\n" }
        if message.skewed > 0 {
            lines += "    the payload's time is further than max_skew from now: not believed\n"
        }
        if message.suppressed > 0 {
            lines += "    \(message.suppressed) left out by deadband or min_interval\n"
        }
        if let problem = message.problem {
            lines += "    \(problem)\n    payload: \(printable(message.payload.prefix(200)))\n"
        }
        StandardOutput.write(lines)
    }

    private static func show(_ request: ModbusLine.Observation, line name: String, _ catalogue: SeriesCatalogue) {
        let last = Int(request.request.first) + Int(request.request.count) - 1
        var lines =
            "\(name)/\(request.device)  [\(request.request.table.rawValue) \(request.request.first) to \(last)]\n"
        for reading in request.readings { lines += line(reading, catalogue) }
        if let problem = request.problem { lines += "    \(problem)\n" }
        StandardOutput.write(lines)
    }

    private static func line(_ reading: Reading, _ catalogue: SeriesCatalogue) -> String {
        let definition = catalogue.definition(of: reading.series)
        let unit = definition?.unit.map { " \($0)" } ?? ""
        return "    \(definition?.name.description ?? "?") = \(text(reading.value))\(unit)"
            + "  \(reading.quality.name)  \(reading.time.rfc3339)\n"
    }

    private static func text(_ value: Value) -> String {
        switch value {
        case .number(let number): "\(number)"
        case .text(let text): "\"\(text)\""
        case .absent: "(no value)"
        }
    }

    private static func printable(_ bytes: some Collection<UInt8>) -> String {
        Log.printable(String(decoding: bytes, as: UTF8.self))
    }
}
