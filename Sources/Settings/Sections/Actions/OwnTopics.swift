import Payloads

/// Finds subscriptions that would take what an action publishes for readings: an alarm about its own message would never
/// come to an end.
struct OwnTopics {
    private let topics: [String]

    init(_ action: MQTTActionSettings, gatewayID: String) {
        topics = [action.topic, action.events].flatMap { template in
            // Of one level, and of several.
            ["x", "x/x"].map { series in
                template.filled { field in
                    switch field {
                    case .gateway: gatewayID
                    case .series: series
                    case .alarm, .level, .state, .value, .message: "x"
                    }
                }
            }
        }
    }

    /// The filters of those, as they were written.
    func takers(among brokers: [MQTTSettings], of name: String) -> [String] {
        guard let address = brokers.first(where: { $0.name == name })?.broker else { return [] }
        return brokers.filter { $0.broker == address }.flatMap(\.topics).filter(takes).map(\.filter.description)
    }

    private func takes(_ settings: TopicSettings) -> Bool {
        topics.contains { Self.matches(settings.filter.pattern, $0) && settings.takes($0) }
    }

    private static func matches(_ pattern: String, _ topic: String) -> Bool {
        var levels = topic.split(separator: "/", omittingEmptySubsequences: false)[...]
        for wanted in pattern.split(separator: "/", omittingEmptySubsequences: false) {
            if wanted == "#" { return true }
            guard let level = levels.popFirst(), wanted == "+" || wanted == level else { return false }
        }
        return levels.isEmpty
    }
}
