/// The formats of payloads as the configuration says them. A new one is a case here and a file beside this one.
enum FormatName: String, CaseIterable {
    case number
    case text
    case json
    case line
    case csv
    case binary
    case senml
    case availability
    case homie
    case homeassistant
    case sparkplug

    /// Of all formats, each once.
    static let allKeys = allCases.flatMap(\.keys).reduce(into: [String]()) { keys, key in
        if !keys.contains(key) { keys.append(key) }
    }

    /// The keys that a topic may have because of its format.
    var keys: [String] {
        switch self {
        case .number: ["true_words", "false_words", "null_words", "texts"]
        case .text, .senml, .homie, .homeassistant, .sparkplug: []
        case .line: ["precision"]
        case .csv: ["columns", "separator", "texts", "time_format"]
        case .binary: ["layout", "names"]
        case .json:
            [
                "value", "fields", "include", "ignore", "texts", "under", "each", "name", "time", "time_format",
                "true_words", "false_words", "null_words",
            ]
        case .availability: ["true_words", "false_words"]
        }
    }
}
