import Payloads
import Readings
import Settings

/// What devices have announced, and the mappings that come of it: one for each topic of states, one for each topic that
/// says whether a device is there. Used by one thread.
final class Discovery {
    /// Announcements past these are refused.
    static let mostEntities = 4096

    /// What a new announcement changes at the broker.
    struct Change {
        var subscribe: [String] = []
        var unsubscribe: [String] = []
    }

    private let settings: TopicSettings
    private let maxPayload: Int
    private let payload: DiscoveryPayload
    private var entities: [DiscoveryPayload.Subject: [DiscoveredEntity]] = [:]
    private var entityCount = 0
    /// How many entities need a topic.
    private var needs: [String: Int] = [:]
    /// By topic; made when its first message comes.
    private var mappings: [String: [Mapping]] = [:]
    /// Counts the changes.
    private(set) var version = 0

    init(_ settings: TopicSettings, maxPayload: Int) {
        self.settings = settings
        self.maxPayload = maxPayload
        payload = DiscoveryPayload(maxPayload: maxPayload)
    }

    /// All topics that are needed.
    var topics: [String] { needs.keys.sorted() }

    func take(
        _ bytes: UnsafeRawBufferPointer, _ subject: DiscoveryPayload.Subject
    ) -> (change: Change, problem: PayloadProblem?) {
        guard bytes.count <= maxPayload else { return (Change(), PayloadProblem(size: bytes.count, limit: maxPayload)) }
        var (announced, problem) = payload.decode(bytes, subject)
        let known = entities[subject] ?? []
        guard announced != known else { return (Change(), problem) }
        let room = Self.mostEntities - (entityCount - known.count)
        if announced.count > room {
            announced.removeLast(announced.count - room)
            problem = problem ?? .tooManyEntities(Self.mostEntities)
        }
        entityCount += announced.count - known.count
        entities[subject] = announced.isEmpty ? nil : announced
        version += 1
        return (replace(known, with: announced), problem)
    }

    private func replace(_ known: [DiscoveredEntity], with announced: [DiscoveredEntity]) -> Change {
        var change = Change()
        for topic in announced.flatMap(\.topics) {
            needs[topic, default: 0] += 1
            mappings[topic] = nil
            if needs[topic] == 1 { change.subscribe.append(topic) }
        }
        for topic in known.flatMap(\.topics) {
            needs[topic, default: 1] -= 1
            mappings[topic] = nil
            guard needs[topic] == 0 else { continue }
            needs[topic] = nil
            if let new = change.subscribe.firstIndex(of: topic) {
                change.subscribe.remove(at: new)
            } else {
                change.unsubscribe.append(topic)
            }
        }
        return change
    }

    // MARK: - Mappings

    /// For a topic that was announced; none for others.
    func mappings(for topic: String) -> [Mapping] {
        guard needs[topic] != nil else { return [] }
        if let known = mappings[topic] { return known }
        let new = make(for: topic).map { Mapping($0, maxPayload: maxPayload) }
        mappings[topic] = new
        return new
    }

    private func make(for topic: String) -> [TopicSettings] {
        guard let filter = try? TopicFilter(parsing: topic) else { return [] }
        let all = entities.values.joined().sorted { $0.name < $1.name }
        let states = all.filter { $0.stateTopic == topic }
        let devices = Set(all.filter { $0.availabilityTopics.contains(topic) }.map(\.device)).sorted()
        return plain(states, filter) + [json(states, filter)].compactMap(\.self)
            + devices.map { availability($0, filter) }
    }

    private func plain(_ states: [DiscoveredEntity], _ filter: TopicFilter) -> [TopicSettings] {
        states.filter { $0.path == nil }.map { entity in
            topic(
                filter, .payload(.number(NumberMapping(words: entity.words(.usual), texts: true))),
                settings.series.with(field: entity.name), unit: entity.unit)
        }
    }

    /// All values of one document are read at once.
    private func json(_ states: [DiscoveredEntity], _ filter: TopicFilter) -> TopicSettings? {
        let fields = states.compactMap { entity in
            entity.path.map { JSONMapping.Field(path: $0, suffix: entity.name, unit: entity.unit) }
        }
        guard !fields.isEmpty else { return nil }
        let words = states.filter { $0.path != nil }.reduce(NumberWords.usual) { $1.words($0) }
        return topic(filter, .payload(.json(JSONMapping(values: .fields(fields), words: words))), settings.series)
    }

    private func availability(_ device: String, _ filter: TopicFilter) -> TopicSettings {
        var topic = topic(filter, .payload(.availability(.availability)), settings.series.with(field: device))
        topic.retained = .store
        return topic
    }

    private func topic(
        _ filter: TopicFilter, _ format: MessageFormat, _ series: SeriesTemplate, unit: String? = nil
    ) -> TopicSettings {
        var topic = settings
        topic.filter = filter
        topic.format = format
        topic.series = series
        topic.unit = unit ?? settings.unit
        topic.only = nil
        topic.except = []
        return topic
    }
}

extension DiscoveredEntity {
    fileprivate var topics: [String] { [stateTopic] + availabilityTopics }

    /// With its own words beside others. What another says the opposite with stays the other's.
    fileprivate func words(_ others: NumberWords) -> NumberWords {
        let on = [onWord].compactMap(\.self).filter { !others.falseWords.contains($0.lowercased()) }
        let off = [offWord].compactMap(\.self).filter { !others.trueWords.contains($0.lowercased()) }
        return NumberWords(
            true: others.trueWords + on.map { $0.lowercased() }, false: others.falseWords + off.map { $0.lowercased() },
            null: others.nullWords)
    }
}
