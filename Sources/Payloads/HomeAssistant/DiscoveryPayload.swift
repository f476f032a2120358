import CSimdjson
import Readings

/// The messages by which devices announce to Home Assistant what they publish and where: one entity a message, or all of
/// a device. Owned by one thread.
public final class DiscoveryPayload {
    /// The topic of an announcement, from behind its base on: COMPONENT/[NODE/]OBJECT/config.
    public struct Subject: Sendable, Hashable {
        let node: String?
        let object: String
        let isDevice: Bool

        public init?(_ levels: some Collection<Substring>) {
            let levels = Array(levels)
            guard (3...4).contains(levels.count), levels.last == "config" else { return nil }
            isDevice = levels[0] == "device"
            node = levels.count == 4 ? String(levels[1]) : nil
            object = String(levels[levels.count - 2])
        }
    }

    /// Nobody announces more entities in one message.
    private static let mostEntities = 256

    private var document: JSONDocument

    public init(maxPayload: Int) {
        document = JSONDocument(paths: DiscoveryKey.paths, maxPayload: maxPayload)
    }

    /// What is announced; an empty payload takes back what was. Entities that cannot be read are left out, and the first
    /// reason is returned with the others.
    public func decode(
        _ payload: UnsafeRawBufferPointer, _ subject: Subject
    ) -> (entities: [DiscoveredEntity], problem: PayloadProblem?) {
        guard !payload.isEmpty else { return ([], nil) }
        if let problem = document.read(payload) { return ([], problem) }
        var shared = Announcement()
        var components: [String: Announcement] = [:]
        for entry in document.entries {
            guard let key = entry.pathNumber.map(DiscoveryKey.of), let text = entry.value.plainText else { continue }
            if key.isShared {
                shared.take(key.name, text)
            } else {
                let component = String(decoding: entry.keyBytes.prefix { $0 != UInt8(ascii: "/") }, as: UTF8.self)
                components[component, default: Announcement()].take(key.name, text)
            }
        }
        return subject.isDevice
            ? entities(components, shared, subject) : entities([subject.object: shared], nil, subject)
    }

    private func entities(
        _ announcements: [String: Announcement], _ shared: Announcement?, _ subject: Subject
    ) -> (entities: [DiscoveredEntity], problem: PayloadProblem?) {
        var entities: [DiscoveredEntity] = []
        var problem: PayloadProblem?
        let device = shared == nil ? subject.node : subject.object
        for (object, announcement) in announcements.sorted(by: { $0.key < $1.key }).prefix(Self.mostEntities) {
            do throws(PayloadProblem) {
                if let entity = try announcement.entity(object, device: device, shared: shared) {
                    entities.append(entity)
                }
            } catch {
                problem = problem ?? error
            }
        }
        if announcements.count > Self.mostEntities {
            problem = problem ?? PayloadProblem(.tooManyFields, "more than \(Self.mostEntities) entities")
        }
        return (entities, problem)
    }
}

/// The members of an announcement that matter here, under the names that they may have.
private struct DiscoveryKey {
    enum Name: CaseIterable {
        case base, stateTopic, template, unit, onWord, offWord, availability, schema

        var spellings: [String] {
            switch self {
            case .base: ["~"]
            case .stateTopic: ["state_topic", "stat_t"]
            case .template: ["value_template", "val_tpl", "state_value_template", "stat_val_tpl"]
            case .unit: ["unit_of_measurement", "unit_of_meas"]
            case .onWord: ["state_on", "stat_on", "payload_on", "pl_on"]
            case .offWord: ["state_off", "stat_off", "payload_off", "pl_off"]
            case .availability: ["availability_topic", "avty_t"]
            case .schema: ["schema"]
            }
        }
    }

    let name: Name
    /// Not below a component.
    let isShared: Bool
    let path: JSONPath

    static let all: [DiscoveryKey] = Name.allCases.flatMap { name in
        let plain = name.spellings.map { JSONPath(keys: [$0]) } + lists(name, from: JSONPath(keys: []))
        let nested = ["components", "cmps"].flatMap { components in
            let start = JSONPath(keys: [components]).below(.any)
            return name.spellings.map { start.below(.key($0)) } + lists(name, from: start)
        }
        return plain.map { DiscoveryKey(name: name, isShared: true, path: $0) }
            + nested.map { DiscoveryKey(name: name, isShared: false, path: $0) }
    }

    /// Several topics of availability stand in a list.
    private static func lists(_ name: Name, from start: JSONPath) -> [JSONPath] {
        guard name == .availability else { return [] }
        return ["availability", "avty"].flatMap { list in
            ["topic", "t"].map { start.below(.key(list)).below(.any).below(.key($0)) }
        }
    }

    static let paths = all.map(\.path)

    static func of(_ number: Int) -> DiscoveryKey { all[number] }
}

/// What one announcement says, as text.
private struct Announcement {
    private var texts: [DiscoveryKey.Name: String] = [:]
    private var availability: [String] = []

    mutating func take(_ name: DiscoveryKey.Name, _ text: String) {
        if name == .availability {
            if availability.count < 8 { availability.append(text) }
        } else if texts[name] == nil {
            texts[name] = text
        }
    }

    /// Nil where it has no state, as a button has none.
    func entity(_ object: String, device: String?, shared: Announcement?) throws(PayloadProblem) -> DiscoveredEntity? {
        func text(_ name: DiscoveryKey.Name) -> String? { texts[name] ?? shared?.texts[name] }
        guard let topic = text(.stateTopic) else { return nil }
        let topics = availability.isEmpty ? shared?.availability ?? [] : availability
        return DiscoveredEntity(
            name: device.map { $0 + "/" + object } ?? object, device: device ?? object,
            stateTopic: try Self.topic(topic, text(.base)), path: try path(), unit: texts[.unit],
            onWord: texts[.onWord], offWord: texts[.offWord],
            availabilityTopics: try topics.map { (topic) throws(PayloadProblem) in try Self.topic(topic, text(.base)) })
    }

    private func path() throws(PayloadProblem) -> JSONPath? {
        guard let template = texts[.template] else {
            return texts[.schema] == "json" ? JSONPath(keys: ["state"]) : nil
        }
        switch ValueTemplate(template) {
        case .whole: return nil
        case .path(let path): return path
        case nil:
            throw PayloadProblem(
                .wrongType, field: "value_template",
                "\"\(template.prefix(100))\" is more than a way to a value, such as {{ value_json.a.b }}")
        }
    }

    /// "~" at the beginning or the end stands for the base.
    private static func topic(_ topic: String, _ base: String?) throws(PayloadProblem) -> String {
        var full = topic
        if let base {
            if full.hasPrefix("~") { full = base + full.dropFirst() }
            if full.hasSuffix("~") { full = full.dropLast() + base }
        }
        guard !full.isEmpty, full.utf8.count <= 1024,
            !full.utf8.contains(where: { $0 < 0x20 || "+#".utf8.contains($0) })
        else { throw PayloadProblem(.wrongType, field: "state_topic", "no topic of messages") }
        return full
    }
}

extension cjson_value {
    /// Words for states may be numbers or booleans.
    fileprivate var plainText: String? {
        switch kind {
        case .string: text.length <= 4096 ? String(decoding: string, as: UTF8.self) : nil
        case .bool: boolean ? "true" : "false"
        case .int64: "\(int64)"
        case .uint64: "\(uint64)"
        case .double: "\(number)"
        case .null, .container: nil
        }
    }
}
