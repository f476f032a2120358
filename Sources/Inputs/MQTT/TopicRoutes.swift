import Glibc
import Mosquitto
import Payloads
import Readings
import Settings

/// One `[[mqtt.topic]]` and what it has done so far.
final class Mapping {
    let settings: TopicSettings
    let decoder: PayloadDecoder

    init(_ settings: TopicSettings, maxPayload: Int) {
        self.settings = settings
        decoder = PayloadDecoder(settings.format, maxPayload: maxPayload)
    }
}

/// A mapping for one topic: where each of its fields goes.
final class Route {
    enum Target {
        case unknown
        case series(SeriesID)
        /// The catalogue is full, or the topic cannot be named by the template.
        case refused
    }

    let mapping: Mapping
    private let topic: String
    private var targets: [Target] = []

    init(_ mapping: Mapping, topic: String) {
        self.mapping = mapping
        self.topic = topic
    }

    /// The series of a field; asks the catalogue the first time.
    @inline(__always)
    func target(of field: Int, in catalogue: SeriesCatalogue, refused: (String) -> Void) -> Target {
        if field < targets.count {
            if case .unknown = targets[field] {} else { return targets[field] }
        }
        return resolve(field, in: catalogue, refused: refused)
    }

    private func resolve(_ field: Int, in catalogue: SeriesCatalogue, refused: (String) -> Void) -> Target {
        while targets.count <= field { targets.append(.unknown) }
        let suffix = mapping.decoder.fields[field]
        guard let name = mapping.settings.series.name(topic: topic, suffix: suffix) else {
            refused("the topic \(topic) lacks a level that the template of its series uses")
            targets[field] = .refused
            return .refused
        }
        let definition = SeriesDefinition(name: name, unit: mapping.settings.unit, tags: mapping.settings.tags)
        switch catalogue.resolve(definition) {
        case .known(let id): targets[field] = .series(id)
        case .refused:
            refused("max_series = \(catalogue.limit) is reached: the new series \(name) is refused")
            targets[field] = .refused
        }
        return targets[field]
    }
}

/// Which mappings take a topic. A topic is matched and named once, and then found by its bytes: nothing is allocated
/// for a message of a topic that is known.
struct TopicRoutes {
    /// Past so many topics all are forgotten and learnt again: a flood of new ones costs time, not memory.
    static let mostTopics = 16_384

    private struct Entry {
        var hash: UInt64
        var topic: [UInt8]
        var routes: [Route]
    }

    private let mappings: [Mapping]
    private var entries: [Entry] = []
    /// Positions in `entries`, open addressing; -1 is free.
    private var slots = [Int32](repeating: -1, count: 256)

    init(_ mappings: [Mapping]) { self.mappings = mappings }

    mutating func routes(for topic: UnsafeBufferPointer<UInt8>) -> [Route] {
        let hash = ByteHash.of(UnsafeRawBufferPointer(topic))
        var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        while slots[slot] >= 0 {
            let position = Int(slots[slot])
            if entries[position].hash == hash, Self.equal(entries[position].topic, topic) {
                return entries[position].routes
            }
            slot = (slot + 1) & (slots.count - 1)
        }
        return learn(topic, hash)
    }

    private mutating func learn(_ topic: UnsafeBufferPointer<UInt8>, _ hash: UInt64) -> [Route] {
        if entries.count >= Self.mostTopics {
            entries.removeAll(keepingCapacity: true)
            slots = [Int32](repeating: -1, count: slots.count)
        }
        let text = String(decoding: topic, as: UTF8.self)
        let routes = mappings.filter { matches(filter: $0.settings.filter.description, topic: text) }
            .map { Route($0, topic: text) }
        entries.append(Entry(hash: hash, topic: Array(topic), routes: routes))
        if entries.count * 2 > slots.count {
            slots = [Int32](repeating: -1, count: slots.count * 2)
            for position in entries.indices { place(position) }
        } else {
            place(entries.count - 1)
        }
        return routes
    }

    private mutating func place(_ position: Int) {
        var slot = Int(truncatingIfNeeded: entries[position].hash) & (slots.count - 1)
        while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
        slots[slot] = Int32(position)
    }

    private static func equal(_ known: [UInt8], _ topic: UnsafeBufferPointer<UInt8>) -> Bool {
        known.count == topic.count && memcmp(known, topic.baseAddress!, known.count) == 0
    }
}
