import Mosquitto
import Payloads
import Platform
import Readings
import Settings

/// Which mappings take a topic. A topic is matched and named once, and then found by its bytes: nothing is allocated
/// for a message of a topic that is known.
struct TopicRoutes {
    /// Past so many topics, or so many fields of all of them, all are forgotten and learnt again: a flood of new ones
    /// costs time, not memory.
    static let mostTopics = 16_384
    static let mostTargets = 1 << 20

    private let mappings: [Mapping]
    let targets = TargetCount()
    private var index = ByteIndex()
    /// By the number of the topic.
    private var routes: [[Route]] = []

    init(_ mappings: [Mapping]) { self.mappings = mappings }

    /// `unmatched` gives the gauge of a filter.
    init(_ settings: MQTTSettings, unmatched: (String) -> Gauge? = { _ in nil }) {
        self.init(
            settings.topics.map { topic in
                let mapping = Mapping(topic, maxPayload: settings.maxPayload)
                mapping.unmatched = unmatched(topic.filter.description)
                return mapping
            })
    }

    mutating func routes(for topic: UnsafeBufferPointer<UInt8>) -> [Route] {
        let bytes = UnsafeRawBufferPointer(topic)
        if targets.count > Self.mostTargets { forget() }
        if let position = index.position(of: bytes) { return routes[position] }
        if index.count >= Self.mostTopics { forget() }
        let text = String(decoding: topic, as: UTF8.self)
        index.append(bytes)
        let matching = mappings.filter { matches(filter: $0.settings.filter.pattern, topic: text) }
        for mapping in matching { mapping.unmatched?.set(0) }
        routes.append(matching.map { Route($0, topic: text, targets: targets) })
        return routes[index.count - 1]
    }

    /// With the topics goes what was last stored of each series: the next reading of each is stored.
    mutating func forget() {
        index.removeAll()
        routes.removeAll(keepingCapacity: true)
        targets.count = 0
    }
}

/// How many targets the routes of a connection hold.
final class TargetCount {
    var count = 0
}
