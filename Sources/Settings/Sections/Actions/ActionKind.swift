import Alarms

/// The kinds of actions as the configuration says them. A new one is a case here and a file beside this one.
enum ActionKind: String, CaseIterable {
    case mqtt
    case webhook
    case command
    case modbusWrite = "modbus_write"
    case gpio
    case log

    /// Of all kinds, each once.
    static let allKeys = allCases.flatMap(\.keys).reduce(into: [String]()) { keys, key in
        if !keys.contains(key) { keys.append(key) }
    }

    /// The keys that an action may have because of its kind.
    var keys: [String] {
        switch self {
        case .mqtt: ["on", "retry_for", "broker", "topic", "events", "qos"]
        case .webhook:
            ["on", "retry_for", "url", "secret", "secret_file", "headers", "timeout", "ca_file", "insecure"]
        case .command: ["on", "command", "timeout", "max_running"]
        case .modbusWrite: ["until", "failsafe", "retry_for", "point", "value", "clear_value"]
        case .gpio: ["until", "failsafe", "chip", "line", "active_low"]
        case .log: ["on"]
        }
    }

    /// It moves something, which stays so for as long as an alarm stands; the others tell of what happens.
    var isMover: Bool {
        switch self {
        case .modbusWrite, .gpio: true
        case .mqtt, .webhook, .command, .log: false
        }
    }

    /// What it is told of where nothing else is said.
    var usualChanges: Set<AlarmEvent.Change> {
        switch self {
        case .mqtt: Set(AlarmEvent.Change.allCases)
        case .webhook, .command, .log: [.raised, .level, .cleared, .repeated, .flood, .present]
        case .modbusWrite, .gpio: []
        }
    }

    /// How long it is tried where nothing else is said.
    var usualPatience: Duration {
        switch self {
        case .mqtt, .webhook: .seconds(3600)
        case .modbusWrite: .seconds(60)
        case .command, .gpio, .log: .zero
        }
    }
}
