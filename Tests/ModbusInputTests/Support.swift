import ModbusInput
import Platform
import Readings
import Settings
import Synchronization
import TestSupport
import Testing

/// Keeps what comes.
final class CollectingSink: ReadingSink {
    private let state = Mutex((rows: [Reading](), gaps: [Gap](), audit: [AuditEntry](), hasRoom: true))

    func submit(_ readings: ReadingBatch) -> UInt64? {
        state.withLock { state in
            guard state.hasRoom else { return nil }
            state.rows += (0..<readings.count).map { readings[$0] }
            return 1
        }
    }

    func submit(_ letter: DeadLetter) -> UInt64 { 1 }
    func submit(_ gap: Gap) { state.withLock { $0.gaps.append(gap) } }
    func submit(_ entry: AuditEntry) { state.withLock { $0.audit.append(entry) } }
    var hasRoom: Bool { state.withLock { $0.hasRoom } }
    var committed: UInt64 { .max }
    func hurry() {}
    func afterCommits(_ call: @escaping @Sendable () -> Void) {}

    var rows: [Reading] { state.withLock { $0.rows } }
    var gaps: [Gap] { state.withLock { $0.gaps } }
    var audit: [AuditEntry] { state.withLock { $0.audit } }
    func setRoom(_ hasRoom: Bool) { state.withLock { $0.hasRoom = hasRoom } }
}

/// One line under test.
final class LineBench {
    let sink = CollectingSink()
    let scene = Scene()
    let catalogue = SeriesCatalogue(limit: 2000)
    let line: ModbusLine

    /// A line with these devices.
    static func settings(_ address: String, _ devices: String) throws -> ModbusSettings {
        let text = "[[modbus]]\nname = \"line\"\naddress = \"\(address)\"\n\(devices)"
        let loaded = Settings.load(
            "outpost.toml", files: ConfigurationText(text), environment: { _ in nil }, hostname: "here")
        return try #require(loaded.settings, "\(loaded.problems)").modbus[0]
    }

    init(_ address: String, _ devices: String, directory: String? = nil) throws {
        line = try ModbusLine(
            try Self.settings(address, devices), directory: directory, sink: sink, catalogue: catalogue,
            surroundings: scene.surroundings)
        try line.start()
    }

    /// The readings as (series, value, quality).
    var shown: [(name: String, value: Value, quality: Quality)] {
        sink.rows.map { row in
            (catalogue.definition(of: row.series)?.name.description ?? "?", row.value, row.quality)
        }
    }

    /// The last of a series.
    func last(_ name: String) -> (value: Value, quality: Quality)? {
        shown.last { $0.name == name }.map { ($0.value, $0.quality) }
    }

    /// Writes, and waits for what becomes of it.
    func write(_ value: String, to series: String) -> WriteOutcome? {
        let outcome = Monitor<WriteOutcome?>(nil)
        line.write(value, to: SeriesName(path: series), by: "tester") { result in
            outcome.withLock { $0 = result }
            outcome.notify()
        }
        _ = outcome.wait(until: Clocks.farAway) { $0 == nil }
        return outcome.withLock { $0 }
    }

    func stop() -> Bool {
        line.stop()
        return line.waitUntilStopped(deadline: Clocks.farAway)
    }

    func counter(_ name: String, _ labels: [String: String] = [:]) -> Int {
        for case .counter(let counter) in instruments(name, labels) { return counter.value }
        return 0
    }

    func gauge(_ name: String, _ labels: [String: String] = [:]) -> Int {
        for case .gauge(let gauge) in instruments(name, labels) { return gauge.value }
        return 0
    }

    private func instruments(_ name: String, _ labels: [String: String]) -> [Metrics.Instrument] {
        scene.surroundings.metrics.entries.filter { entry in
            entry.name == name && labels.allSatisfy { entry.labels[$0.key] == $0.value }
        }.map(\.instrument)
    }
}
