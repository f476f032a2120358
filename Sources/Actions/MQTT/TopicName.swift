import Settings

/// The topic that a template makes of an alarm.
enum TopicName {
    static func fill(_ template: AlarmTemplate, _ value: (AlarmTemplate.Field) -> String) -> String {
        var topic = ""
        var isLevelLeftOut = false
        for piece in template.pieces {
            switch piece {
            case .text(let text):
                topic += isLevelLeftOut && text.hasPrefix("/") && topic.isEmpty ? text.dropFirst() : text[...]
                isLevelLeftOut = false
            case .field(let field):
                let text = value(field)
                topic += permitted(text)
                // An alarm without a series has no such level, rather than an empty one.
                isLevelLeftOut = text.isEmpty
                if text.isEmpty, topic.hasSuffix("/") { topic.removeLast() }
            }
        }
        return topic.hasPrefix("$") ? "_" + topic.dropFirst() : topic
    }

    /// Without what stands for other topics, and what brokers refuse.
    private static func permitted(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { isRefused($0) ? "_" : $0 }))
    }

    private static func isRefused(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "+" || scalar == "#" || scalar.properties.generalCategory == .control
            || scalar.properties.isNoncharacterCodePoint
    }
}
