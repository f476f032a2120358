import Alarms
import MQTTInput
import Platform
import Readings
import Settings
import Synchronization

/// While the journal has no room, connections that lose nothing do not read: the broker keeps what comes. Alarms do not wait
/// for that. For as long as it lasts each of those brokers is asked for its messages a second time, at QoS 0, by a connection
/// that keeps nothing and only looks.
final class AlarmWatches: Sendable {
    /// Calls of `tick` in a row before it begins, and before it ends.
    private static let turnsBefore = 2
    private static let turnsAfter = 5

    private struct State {
        var running: [MQTTConnection] = []
        var fullTurns = 0
        var quietTurns = 0
    }

    private let settings: [MQTTSettings]
    private let catalogue: SeriesCatalogue
    private let surroundings: Surroundings
    private let share: @Sendable () -> AlarmShare
    private let state = Mutex(State())

    init(
        _ settings: [MQTTSettings], catalogue: SeriesCatalogue, surroundings: Surroundings,
        share: @escaping @Sendable () -> AlarmShare
    ) {
        self.settings = settings.filter { $0.topics.contains { $0.qos > 0 } }
        self.catalogue = catalogue
        self.surroundings = surroundings
        self.share = share
    }

    /// Once a second.
    func tick(hasRoom: Bool) {
        state.withLock { state in
            state.fullTurns = hasRoom ? 0 : state.fullTurns + 1
            state.quietTurns = hasRoom ? state.quietTurns + 1 : 0
            if state.running.isEmpty, state.fullTurns >= Self.turnsBefore {
                state.running = settings.compactMap(begin)
            } else if state.quietTurns >= Self.turnsAfter {
                for connection in state.running { connection.stop() }
                state.running = []
            }
        }
    }

    func stop() {
        state.withLock { state in
            for connection in state.running { connection.stop() }
            state.running = []
        }
    }

    /// Its figures are nobody's: they would be counted twice.
    private func begin(_ settings: MQTTSettings) -> MQTTConnection? {
        surroundings.log.warning(
            "alarms", repeats: settings.name,
            "the journal is full and \(settings.name) waits: its messages are looked at for alarms, and not kept")
        do throws(SystemError) {
            let connection = try MQTTConnection(
                settings, purpose: .watch, sink: NoStore(), catalogue: catalogue,
                surroundings: Surroundings(clocks: surroundings.clocks, log: surroundings.log))
            try connection.start(alarms: share)
            return connection
        } catch {
            surroundings.log.error("alarms", repeats: "watch \(settings.name)", "\(error)")
            return nil
        }
    }
}
