import Mosquitto
import Platform
import Settings

/// Publishes what alarms have to say to one broker, on a thread and a connection of its own: that of readings holds back
/// what it sends until the disk has what it has read. All actions that name the broker share it.
final class AlarmPublisher: Sendable {
    enum Line: Sendable {
        case connecting
        case up
        /// And why.
        case down(String)
    }

    struct Job: Sendable {
        var id: Int
        var publications: [AlarmPublication]
    }

    private struct State {
        var line = Line.connecting
        var nextID = 0
        var jobs: [Job] = []
        /// Of those that somebody waits for; nil as long as there is none.
        var outcomes: [Int: ActionOutcome?] = [:]
        var keepers: [any StateKeeper] = []
        var whenConnected: [@Sendable () -> Void] = []

        /// The number under which its outcome will be; nil while there is no connection.
        mutating func take(_ publications: [AlarmPublication]) -> Int? {
            guard case .up = line else { return nil }
            nextID += 1
            jobs.append(Job(id: nextID, publications: publications))
            outcomes[nextID] = .some(nil)
            return nextID
        }
    }

    /// Until the broker has confirmed it.
    private static let patience: Duration = .seconds(10)
    private static let patienceForConnection: Duration = .seconds(2)
    private static let glance: Duration = .milliseconds(100)

    var name: String { thread.name }
    private let settings: MQTTSettings
    private let surroundings: Surroundings
    private let thread: PartThread
    private let state = Monitor(State())

    init(_ settings: MQTTSettings, surroundings: Surroundings) throws(SystemError) {
        self.settings = settings
        self.surroundings = surroundings
        thread = try PartThread("mqtt/\(settings.name)/alarms", surroundings.parts)
    }

    // MARK: - For actions

    /// Before the start.
    func add(_ keeper: any StateKeeper, whenConnected: @escaping @Sendable () -> Void) {
        state.withLock { state in
            state.keepers.append(keeper)
            state.whenConnected.append(whenConnected)
        }
    }

    /// Blocks until the broker has confirmed all of them, or it is known that it does not now.
    func publish(_ publications: [AlarmPublication], stop: StopSignal) -> ActionOutcome {
        // Right after the start it is only a moment away.
        _ = wait(Self.patienceForConnection, stop) { state in
            if case .connecting = state.line { true } else { false }
        }
        let job = state.withLock { $0.take(publications) }
        guard let job else { return .again(reasonForNothing) }
        thread.wake.call()
        let isAnswered = wait(Self.patience, stop) { $0.outcomes[job] == .some(nil) }
        let outcome = state.withLock { state in
            state.jobs.removeAll { $0.id == job }
            return state.outcomes.removeValue(forKey: job) ?? nil
        }
        if let outcome { return outcome }
        return isAnswered == nil ? .interrupted : .again("\(settings.broker) does not confirm what is published")
    }

    private var reasonForNothing: String {
        if case .down(let reason) = state.withLock({ $0.line }) { return reason }
        return "not connected to \(settings.broker) yet"
    }

    /// False when the time ran out, nil at the end of the gateway.
    private func wait(_ patience: Duration, _ stop: StopSignal, while hold: (inout State) -> Bool) -> Bool? {
        let deadline = surroundings.clocks.monotonic() + patience
        while true {
            let now = surroundings.clocks.monotonic()
            if state.wait(until: min(deadline, now + Self.glance), while: hold) { return true }
            if stop.isOver(now) { return nil }
            if now >= deadline { return false }
        }
    }

    // MARK: - For the thread

    /// All that wait, in order.
    func takeJobs() -> [Job] {
        state.withLock { state in
            defer { state.jobs = [] }
            return state.jobs
        }
    }

    func conclude(_ id: Int, _ outcome: ActionOutcome) {
        state.withLock { state in
            if state.outcomes.keys.contains(id) { state.outcomes[id] = .some(outcome) }
        }
        state.notify()
    }

    var keepers: [any StateKeeper] { state.withLock { $0.keepers } }

    func connected() {
        let calls = state.withLock { state in
            state.line = .up
            return state.whenConnected
        }
        state.notify()
        for call in calls { call() }
    }

    /// What was on its way has to be said again.
    func disconnected(_ reason: String) {
        state.withLock { state in
            state.line = .down(reason)
            for job in state.jobs { state.outcomes[job.id] = .some(.again(reason)) }
            state.jobs = []
        }
        state.notify()
    }

    // MARK: - Its life

    func start() throws(SystemError) {
        try thread.start(thread: "alarms") { [self] in
            PublisherLoop(
                self, settings, surroundings: surroundings, wake: thread.wake,
                isStopping: { [thread] in thread.isStopping }
            ).run()
        }
    }

    func stop() { thread.stop() }

    func waitUntilStopped(deadline: MonotonicTime) -> Bool { thread.waitUntilStopped(deadline: deadline) }
}
