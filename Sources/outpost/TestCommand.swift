import Glibc
import MQTTInput
import Platform
import Readings
import Settings
import Synchronization

enum TestCommand: Command {
    static let name = "test"
    static let summary = "connects, and prints what comes and what becomes of it; stores nothing"
    static let usage = """
        [--config FILE] [--for TIME]

          --for TIME   ends by itself after a time such as 10s
        """
    static let options = ArgumentRules(values: ["--config", "--for"])

    static func run(_ arguments: Arguments) throws -> Int32 {
        Signals.block()
        let settings = try arguments.loadSettings()
        let seconds = try arguments.seconds("--for")
        guard !settings.mqtt.isEmpty else { throw CommandFailure("the configuration has no [[mqtt]] connection") }
        let surroundings = Surroundings(log: Log(level: .warning))
        let catalogue = SeriesCatalogue(limit: settings.store.maxSeries)
        let connections = try settings.mqtt.map { connection in
            try MQTTConnection(
                connection, purpose: .trial { show($0, catalogue) }, sink: NoStore(), catalogue: catalogue,
                surroundings: surroundings)
        }
        for connection in connections { try connection.start() }
        let clocks = Clocks.system
        let end = seconds.map { clocks.monotonic() + .seconds($0) }
        while end.map({ clocks.monotonic() < $0 }) ?? true {
            if Signals.wait(for: .milliseconds(100)) == .stop { break }
        }
        for connection in connections { connection.stop() }
        let deadline = clocks.monotonic() + .seconds(3)
        for connection in connections { _ = connection.waitUntilStopped(deadline: deadline) }
        let isConnected = surroundings.metrics.entries.contains { entry in
            if entry.name == "outpost_mqtt_connects_total", case .counter(let count) = entry.instrument {
                return count.value > 0
            }
            return false
        }
        return isConnected ? 0 : 1
    }

    private static func show(_ message: MQTTConnection.Observation, _ catalogue: SeriesCatalogue) {
        let topic = printable(message.topic)
        let filter = message.filter.map { "  [\($0)]" } ?? ""
        var lines =
            topic + filter + (message.isRetained ? "  retained: not stored unless retained = \"store\"" : "") + "\n"
        for reading in message.readings {
            let definition = catalogue.definition(of: reading.series)
            let unit = definition?.unit.map { " \($0)" } ?? ""
            lines += "    \(definition?.name.description ?? "?") = \(text(reading.value))\(unit)"
            lines += "  \(reading.quality.name)  \(reading.time.rfc3339)\n"
        }
        if let problem = message.problem {
            lines += "    \(problem)\n    payload: \(printable(message.payload.prefix(200)))\n"
        }
        StandardOutput.write(lines)
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

/// Takes everything and keeps nothing.
private final class NoStore: ReadingSink {
    func submit(_ readings: ReadingBatch) -> UInt64? { 0 }
    func submit(_ letter: DeadLetter) -> UInt64 { 0 }
    func submit(_ gap: Gap) {}
    var hasRoom: Bool { true }
    var committed: UInt64 { .max }
    func hurry() {}
    func afterCommits(_ call: @escaping @Sendable () -> Void) {}
}
