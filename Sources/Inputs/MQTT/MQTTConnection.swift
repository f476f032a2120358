import Alarms
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
        /// For alarms alone, while the one that ingests cannot read because nothing more finds room: what comes is looked
        /// at, at QoS 0, and not kept.
        case watch
        /// A look at what comes, which leaves no trace at the broker.
        case trial(@Sendable (Observation) -> Void)
    }

    public var name: String { thread.name }
    private let settings: MQTTSettings
    private let purpose: Purpose
    private let sink: any ReadingSink
    private let catalogue: SeriesCatalogue
    private let surroundings: Surroundings
    private let thread: PartThread

    public init(
        _ settings: MQTTSettings, purpose: Purpose = .ingest, sink: any ReadingSink, catalogue: SeriesCatalogue,
        surroundings: Surroundings
    ) throws(SystemError) {
        self.settings = settings
        self.purpose = purpose
        self.sink = sink
        self.catalogue = catalogue
        self.surroundings = surroundings
        let suffix = if case .watch = purpose { "/watch" } else { "" }
        thread = try PartThread("mqtt/\(settings.name)\(suffix)", surroundings.parts)
    }

    /// `alarms` makes what looks at its readings, on its thread.
    public func start(alarms: (@Sendable () -> AlarmShare)? = nil) throws(SystemError) {
        sink.afterCommits { [wake = thread.wake] in wake.call() }
        try thread.start(thread: settings.name) { [self] in
            ConnectionLoop(
                settings, name: name, purpose: purpose, sink: sink, alarms: alarms?(), catalogue: catalogue,
                surroundings: surroundings, wake: thread.wake, isStopping: { [thread] in thread.isStopping }
            ).run()
        }
    }

    public func stop() { thread.stop() }

    public func waitUntilStopped(deadline: MonotonicTime) -> Bool { thread.waitUntilStopped(deadline: deadline) }
}
