/// `kind = "mqtt"`: a broker is told.
public struct MQTTActionSettings: Sendable, Hashable {
    /// The name of an `[[mqtt]]` section.
    public var broker: String
    /// Retained: what each alarm is at.
    public var topic: AlarmTemplate
    /// Not retained: what happens.
    public var events: AlarmTemplate
    /// 0 or 1.
    public var qos: Int
}

extension MQTTActionSettings {
    private static let fields: [AlarmTemplate.Field] = [.gateway, .alarm, .series]
    private static let usualTopic = "outpost/{gateway}/alarms/{alarm}/{series}"
    private static let usualEvents = "outpost/{gateway}/alarm-events"

    /// Nil when something required is missing or wrong.
    init?(_ table: TableReader, _ rules: ActionRules) {
        let broker = table.parsed("broker", example: "plant", isRequired: true) { (text) throws(ValueError) in
            try rules.checkBroker(text)
            return text
        }
        let topic = table.parsed("topic", example: Self.usualTopic, Self.template) ?? Self.usual(Self.usualTopic)
        let events = table.parsed("events", example: Self.usualEvents, Self.template) ?? Self.usual(Self.usualEvents)
        qos = table.integer("qos", default: 1, in: 0...1, remarks: [2: "brings nothing here: at 1 nothing is lost"])
        guard let broker else { return nil }
        self.broker = broker
        self.topic = topic
        self.events = events
        check(table)
    }

    private func check(_ table: TableReader) {
        if topic == events {
            table.log.error(
                "events: the state of an alarm is kept under this topic", at: table.place(of: "events"))
        }
        if !topic.uses(.alarm) || !topic.uses(.series) {
            table.log.warning(
                "topic: without {alarm} and {series} several alarms may share a state, and the last to change is all that is kept",
                at: table.place(of: "topic"))
        }
    }

    private static func usual(_ text: String) -> AlarmTemplate {
        do { return try template(text) } catch { fatalError(error.message) }
    }

    private static func template(_ text: String) throws(ValueError) -> AlarmTemplate {
        if let index = text.firstIndex(where: { "+#".contains($0) }) {
            throw ValueError(
                "\(quoted(text[index...].prefix(1))) stands for other topics, and cannot be in one",
                offset: text.utf8.distance(from: text.startIndex, to: index))
        }
        if text.hasPrefix("$") { throw ValueError("topics that begin with \"$\" are the broker's own", offset: 0) }
        guard text.utf8.count <= longestTopic else {
            throw ValueError("a topic has \(longestTopic) bytes at most here")
        }
        return try AlarmTemplate(parsing: text, fields: fields)
    }

    /// A topic has 65,535 bytes at most, and the names fill it up.
    private static let longestTopic = 1024
}
