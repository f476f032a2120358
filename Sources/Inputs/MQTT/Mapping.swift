import Payloads
import Platform
import Settings

/// One `[[mqtt.topic]]` and what it has done so far.
final class Mapping {
    private enum Decoder {
        case payload(PayloadDecoder)
        case homie(HomieDecoder)
        case sparkplug(SparkplugDecoder)
        case discovery(Discovery)
    }

    let settings: TopicSettings
    private let decoder: Decoder
    /// Where all topics lead to the same fields.
    private var shared: SeriesTargets?
    /// 1 until a topic matches the filter: a mistyped one is visible then.
    var unmatched: Gauge?
    /// Of one message.
    var decoded: [DecodedReading] = []

    init(_ settings: TopicSettings, maxPayload: Int) {
        self.settings = settings
        switch settings.format {
        case .payload(let format):
            decoder = .payload(
                PayloadDecoder(format, maxPayload: maxPayload, compression: settings.compression))
        case .homie: decoder = .homie(HomieDecoder(maxPayload: maxPayload))
        case .sparkplug: decoder = .sparkplug(SparkplugDecoder(maxPayload: maxPayload))
        case .homeassistant: decoder = .discovery(Discovery(settings, maxPayload: maxPayload))
        }
    }

    /// What the messages of the mapping have announced, where they announce anything.
    var discovery: Discovery? { if case .discovery(let discovery) = decoder { discovery } else { nil } }

    /// Edge nodes that do not know that they have to be asked for their birth.
    func takeRebirthRequests(now: Duration) -> [(topic: String, payload: [UInt8])] {
        if case .sparkplug(let decoder) = decoder { decoder.takeRebirthRequests(now: now) } else { [] }
    }

    func route(for topic: String, _ count: TargetCount) -> Route {
        let source = source(for: topic)
        guard settings.format.namesSeries else {
            return Route(self, source, SeriesTargets(settings, topic: topic, count: count))
        }
        let targets = shared ?? SeriesTargets(settings, topic: topic, count: count)
        shared = targets
        return Route(self, source, targets)
    }

    /// The routes that there are know all they need.
    func forgetTargets() { shared = nil }

    private func source(for topic: String) -> Route.Source {
        guard settings.takes(topic) else { return .nothing }
        switch decoder {
        case .payload(let decoder):
            guard settings.format.isAvailability, let device = settings.series.name(topic: topic) else {
                return .payload(decoder)
            }
            return .availability(decoder, device: device)
        case .homie(let decoder):
            return decoder.subject(of: levelsBehindBase(topic)).map { .homie(decoder, $0) } ?? .nothing
        case .sparkplug(let decoder):
            return SparkplugTopic(topic).map { .sparkplug(decoder, $0) } ?? .nothing
        case .discovery(let discovery):
            return DiscoveryPayload.Subject(levelsBehindBase(topic)).map { .discovery(discovery, $0) } ?? .nothing
        }
    }

    /// The base is what stands before the "#" of the filter.
    private func levelsBehindBase(_ topic: String) -> ArraySlice<Substring> {
        let base = settings.filter.pattern.utf8.count { $0 == UInt8(ascii: "/") }
        return topic.split(separator: "/", omittingEmptySubsequences: false).dropFirst(base)
    }
}
