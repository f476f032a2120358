import Payloads
import Readings
import Settings

/// What the mappings of one connection make of messages that no broker sent. Stores nothing; used by one thread.
public final class MappingTrial {
    private let catalogue: SeriesCatalogue
    private var routes: TopicRoutes
    private var batch = ReadingBatch()
    private var absent: AbsentDevices

    public init(_ settings: MQTTSettings, catalogue: SeriesCatalogue) {
        self.catalogue = catalogue
        absent = AbsentDevices(catalogue)
        routes = TopicRoutes(settings)
    }

    /// Shows what each mapping makes of the message, in the order of the file; nothing where none takes its topic.
    public func take(
        topic: String, payload: [UInt8], arrival: Timestamp, _ show: (MQTTConnection.Observation) -> Void
    ) {
        Array(topic.utf8).withUnsafeBufferPointer { topic in
            payload.withUnsafeBytes { payload in
                for route in TopicRoutes.worthShowing(routes.routes(for: topic)) {
                    batch.removeAll()
                    var refusal: String?
                    let outcome = route.read(
                        payload, isRetained: false, arrival: arrival, watch: nil, catalogue: catalogue, absent: &absent,
                        into: &batch
                    ) { refusal = $0 }
                    show(
                        MQTTConnection.Observation(
                            topic: topic, payload: payload, isRetained: false,
                            filter: route.mapping.settings.filter.description, isLeftAlone: route.isIgnored,
                            readings: (0..<batch.count).map { batch[$0] }, suppressed: outcome.suppressed,
                            skewed: outcome.skewed, announced: outcome.change?.subscribe ?? [],
                            problem: outcome.problem?.detail ?? refusal))
                }
            }
        }
    }
}
