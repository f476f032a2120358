import Alarms

/// `[[action]]`: what alarms do.
public struct ActionSettings: Sendable, Hashable {
    public enum Work: Sendable, Hashable {
        case mqtt(MQTTActionSettings)
        case webhook(WebhookSettings)
        case command(CommandSettings)
        case modbusWrite(ModbusWriteSettings)
        case gpio(GPIOSettings)
        case log
    }

    public var name: String
    public var work: Work
    /// What it is told of; empty for what moves something.
    public var on: Set<AlarmEvent.Change>
    /// Nil for what tells.
    public var until: ActionTraits.Until?
    /// How long a request is tried again; zero: it is not.
    public var retryFor: Duration

    public var isMover: Bool { until != nil }
}

extension ActionSettings {
    private static let patience = Duration.zero ... .seconds(7 * 86_400)

    /// Nil when something required is missing or wrong.
    init?(_ table: TableReader, _ rules: ActionRules) {
        let name = table.parsed("name", example: "siren", isRequired: true, Identifier.check)
        guard let kind = table.word("kind", example: ActionKind.mqtt, isRequired: true) else {
            // Which keys belong here is open until the kind is known.
            for key in ActionKind.allKeys { _ = table.member(key) }
            return nil
        }
        on = kind.isMover ? [] : Self.changes(table) ?? kind.usualChanges
        until = kind.isMover ? table.word("until", default: ActionTraits.Until.cleared) : nil
        retryFor =
            kind.keys.contains("retry_for")
            ? table.duration("retry_for", default: kind.usualPatience, in: Self.patience) : .zero
        let work = Self.work(kind, table, rules)
        Self.refuseKeys(ofOthersThan: kind, table)
        guard let name, let work else { return nil }
        self.name = name
        self.work = work
    }

    private static func work(_ kind: ActionKind, _ table: TableReader, _ rules: ActionRules) -> Work? {
        switch kind {
        case .mqtt: MQTTActionSettings(table, rules).map { .mqtt($0) }
        case .webhook: WebhookSettings(table).map { .webhook($0) }
        case .command: CommandSettings(table).map { .command($0) }
        case .modbusWrite: ModbusWriteSettings(table, rules).map { .modbusWrite($0) }
        case .gpio: GPIOSettings(table).map { .gpio($0) }
        case .log: .log
        }
    }

    private static func changes(_ table: TableReader) -> Set<AlarmEvent.Change>? {
        let changes = table.list("on", example: "[\"raised\", \"cleared\"]") { (text) throws(ValueError) in
            if let change = AlarmEvent.Change(rawValue: text) { return change }
            let known = AlarmEvent.Change.allCases.map(\.rawValue)
            if Suggestions.closest(to: text, among: known) == nil {
                throw ValueError("\(quoted(text)) is none of \(known.joinedAsWords)")
            }
            throw ValueError("\(quoted(text)) is not known\(Suggestions.hint(for: text, among: known))")
        }
        return changes.map { Set($0) }
    }

    private static func refuseKeys(ofOthersThan kind: ActionKind, _ table: TableReader) {
        for key in ActionKind.allKeys where !kind.keys.contains(key) {
            let owners = ActionKind.allCases.filter { $0.keys.contains(key) }
            table.refuse(
                [key], because: "belongs to kind = " + owners.map { "\"\($0.rawValue)\"" }.joined(separator: " or "))
        }
    }
}
