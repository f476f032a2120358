import Mosquitto
import Platform
import Readings
import Settings

/// One broker connection: a thread that connects, subscribes, decodes what comes and acknowledges what is durable,
/// until it is stopped.
public final class MQTTConnection: Sendable {
    /// What became of one message; for those who look on.
    public struct Observation {
        public let topic: UnsafeBufferPointer<UInt8>
        public let payload: UnsafeRawBufferPointer
        public let isRetained: Bool
        /// The filter of the mapping that took it; nil when none did.
        public let filter: String?
        /// By `only` or `except` of the mapping.
        public let isLeftAlone: Bool
        public let readings: [Reading]
        /// Readings that the mapping left out because they say nothing new.
        public let suppressed: Int
        /// Readings that have the time of arrival because their own was too far from it.
        public let skewed: Int
        /// Topics that it makes known, and that are asked for now.
        public let announced: [String]
        public let problem: String?
    }

    public enum Purpose: Sendable {
        /// A session that the broker keeps, so that it sends later what comes while we are away.
        case ingest
        /// A look at what comes, which leaves no trace at the broker.
        case trial(@Sendable (Observation) -> Void)
    }

    public let name: String
    private let settings: MQTTSettings
    private let purpose: Purpose
    private let sink: any ReadingSink
    private let catalogue: SeriesCatalogue
    private let surroundings: Surroundings
    private let wake: WakeUp
    private let life = Monitor<(isStopping: Bool, isOver: Bool)>((false, false))

    public init(
        _ settings: MQTTSettings, purpose: Purpose = .ingest, sink: any ReadingSink, catalogue: SeriesCatalogue,
        surroundings: Surroundings
    ) throws(SystemError) {
        self.settings = settings
        self.purpose = purpose
        self.sink = sink
        self.catalogue = catalogue
        self.surroundings = surroundings
        name = "mqtt/\(settings.name)"
        wake = try WakeUp()
    }

    public func start() throws(SystemError) {
        surroundings.parts.report(name, .starting)
        sink.afterCommits { [wake] in wake.call() }
        _ = try DedicatedThread(settings.name) { [self] in
            ConnectionLoop(
                settings, name: name, purpose: purpose, sink: sink, catalogue: catalogue, surroundings: surroundings,
                wake: wake, isStopping: { [life] in life.withLock { $0.isStopping } }
            ).run()
            surroundings.parts.report(name, .stopped)
            life.withLock { $0.isOver = true }
            life.notify()
        }
    }

    /// Asks the thread to come to its end; `waitUntilStopped` tells when it has.
    public func stop() {
        life.withLock { $0.isStopping = true }
        life.notify()
        wake.call()
    }

    /// False when it has not ended by the deadline: it may hang in a connect that nobody answers.
    public func waitUntilStopped(deadline: MonotonicTime) -> Bool {
        life.wait(until: deadline) { !$0.isOver }
    }
}
