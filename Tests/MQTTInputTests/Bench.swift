import MQTTInput
import Platform
import Readings
import Settings
import Synchronization
import TestSupport
import Testing

/// A sink that commits when the test says so.
final class ManualSink: ReadingSink {
    private struct State {
        var rows: [Reading] = []
        var letters: [DeadLetter] = []
        var gaps: [Gap] = []
        var ticket: UInt64 = 0
        var committed: UInt64 = 0
        var hasRoom = true
        var hurries = 0
        var calls: [@Sendable () -> Void] = []
    }

    private let state = Mutex(State())

    func submit(_ readings: ReadingBatch) -> UInt64? {
        state.withLock { state in
            guard state.hasRoom else { return nil }
            state.rows += (0..<readings.count).map { readings[$0] }
            state.ticket += 1
            return state.ticket
        }
    }

    func submit(_ letter: DeadLetter) -> UInt64 {
        state.withLock { state in
            state.letters.append(letter)
            state.ticket += 1
            return state.ticket
        }
    }

    func submit(_ gap: Gap) { state.withLock { $0.gaps.append(gap) } }
    func submit(_ entry: AuditEntry) {}
    var hasRoom: Bool { state.withLock { $0.hasRoom } }
    var committed: UInt64 { state.withLock { $0.committed } }
    func hurry() { state.withLock { $0.hurries += 1 } }
    func afterCommits(_ call: @escaping @Sendable () -> Void) { state.withLock { $0.calls.append(call) } }

    // MARK: For the test

    var rows: [Reading] { state.withLock { $0.rows } }
    var letters: [DeadLetter] { state.withLock { $0.letters } }
    var gaps: [Gap] { state.withLock { $0.gaps } }
    var hurries: Int { state.withLock { $0.hurries } }
    var ticket: UInt64 { state.withLock { $0.ticket } }

    func commit(upTo ticket: UInt64? = nil) {
        let calls = state.withLock { state in
            state.committed = ticket ?? state.ticket
            return state.calls
        }
        for call in calls { call() }
    }

    func setRoom(_ hasRoom: Bool) {
        state.withLock { $0.hasRoom = hasRoom }
        commit(upTo: committed)
    }
}

/// One connection under test.
final class ConnectionBench {
    let sink = ManualSink()
    let scene = Scene()
    let catalogue = SeriesCatalogue(limit: 1000)
    let connection: MQTTConnection

    static let numbers = """
          [[mqtt.topic]]
          filter = "n/+"
          format = "number"
          series = "{topic}"
        """

    static func settings(
        port: Int = 0, scheme: String = "mqtt", address: String? = nil, hasStatus: Bool = false, lines: String = "",
        topics: String
    ) throws -> MQTTSettings {
        let text = """
            [gateway]
            id = "test"
            [[mqtt]]
            name = "plant"
            status = \(hasStatus)
            broker = "\(address ?? "\(scheme)://127.0.0.1:\(port)")"
            \(lines)
            \(topics)
            """
        let loaded = Settings.load(
            "outpost.toml", files: ConfigurationText(text), environment: { _ in nil }, hostname: "here")
        return try #require(loaded.settings, "\(loaded.problems)").mqtt[0]
    }

    init(
        port: Int = 0, scheme: String = "mqtt", address: String? = nil, hasStatus: Bool = false, lines: String = "",
        topics: String = ConnectionBench.numbers
    ) throws {
        connection = try MQTTConnection(
            Self.settings(
                port: port, scheme: scheme, address: address, hasStatus: hasStatus, lines: lines, topics: topics),
            sink: sink,
            catalogue: catalogue,
            surroundings: scene.surroundings)
        try connection.start()
    }

    /// A connection that a scripted broker has taken, subscribed and ready for what the test sends.
    static func welcomed(
        lines: String = ""
    ) throws -> (broker: ScriptedBroker, bench: ConnectionBench, peer: ScriptedBroker.Peer) {
        let broker = try ScriptedBroker()
        let bench = try ConnectionBench(port: broker.port, lines: lines)
        let peer = try broker.accept()
        peer.welcome(filters: 1)
        return (broker, bench, peer)
    }

    func stop() -> Bool {
        connection.stop()
        return connection.waitUntilStopped(deadline: Clocks.farAway)
    }

    func counter(_ name: String) -> Int {
        for entry in scene.surroundings.metrics.entries where entry.name == name {
            if case .counter(let counter) = entry.instrument { return counter.value }
        }
        return 0
    }

    /// As `outpost status` shows them.
    var unmatchedFilters: [String] {
        scene.surroundings.metrics.entries.compactMap { entry in
            guard entry.name == "outpost_mqtt_unmatched_mappings", case .gauge(let gauge) = entry.instrument,
                gauge.value == 1
            else { return nil }
            return entry.labels["filter"]
        }
    }
}
