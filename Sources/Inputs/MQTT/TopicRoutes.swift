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
    private let discoveries: [Discovery]
    /// Of the discoveries, when the routes were found.
    private var version = 0
    let targets = TargetCount()
    private var index = ByteIndex()
    /// By the number of the topic.
    private var routes: [[Route]] = []

    init(_ mappings: [Mapping]) {
        self.mappings = mappings
        discoveries = mappings.compactMap(\.discovery)
    }

    /// `unmatched` gives the gauge of a filter.
    init(_ settings: MQTTSettings, unmatched: (String) -> Gauge? = { _ in nil }) {
        self.init(
            settings.topics.map { topic in
                let mapping = Mapping(topic, maxPayload: settings.maxPayload)
                mapping.unmatched = unmatched(topic.filter.description)
                return mapping
            })
    }

    /// The topics that have been announced, with the quality of service that they are asked for with.
    var announced: [(filter: String, qos: Int)] {
        mappings.flatMap { mapping in mapping.discovery?.topics.map { ($0, mapping.settings.qos) } ?? [] }
    }

    /// What has to be published so that edge nodes of Sparkplug are born again.
    func takeRebirthRequests(now: Duration) -> [(topic: String, payload: [UInt8])] {
        mappings.flatMap { $0.takeRebirthRequests(now: now) }
    }

    mutating func routes(for topic: UnsafeBufferPointer<UInt8>) -> [Route] {
        let bytes = UnsafeRawBufferPointer(topic)
        if targets.count > Self.mostTargets || hasNewAnnouncements { forget() }
        if let position = index.position(of: bytes) { return routes[position] }
        if index.count >= Self.mostTopics { forget() }
        let text = String(decoding: topic, as: UTF8.self)
        index.append(bytes)
        let matching = mappings.filter { matches(filter: $0.settings.filter.pattern, topic: text) }
        for mapping in matching { mapping.unmatched?.set(0) }
        let announced = discoveries.flatMap { $0.mappings(for: text) }
        routes.append((matching + announced).map { $0.route(for: text, targets) })
        return routes[index.count - 1]
    }

    /// Without those that leave the topic alone where others do not.
    static func worthShowing(_ routes: [Route]) -> [Route] {
        let taken = routes.filter { !$0.isIgnored }
        return taken.isEmpty ? Array(routes.prefix(1)) : taken
    }

    private var hasNewAnnouncements: Bool {
        !discoveries.isEmpty && discoveries.reduce(0) { $0 + $1.version } != version
    }

    /// With the topics goes what was last stored of each series: the next reading of each is stored.
    mutating func forget() {
        index.removeAll()
        routes.removeAll(keepingCapacity: true)
        for mapping in mappings { mapping.forgetTargets() }
        targets.count = 0
        version = discoveries.reduce(0) { $0 + $1.version }
    }
}
