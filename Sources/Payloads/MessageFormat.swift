/// What the messages of a mapping look like.
public enum MessageFormat: Sendable, Hashable {
    /// Each payload speaks for itself.
    case payload(PayloadFormat)
    /// Devices of the Homie convention, which say themselves what their values are.
    case homie
    /// Sparkplug B: edge nodes, their devices, and the births that say what their data means.
    case sparkplug
    /// What devices announce to Home Assistant, and then the topics that they announce.
    case homeassistant

    /// Whether what the messages say adds to the name of the series.
    public var namesFields: Bool {
        switch self {
        case .payload(let format): format.namesFields
        case .homie, .homeassistant, .sparkplug: true
        }
    }

    /// Whether it alone does: topics differ in their levels.
    public var namesSeries: Bool {
        switch self {
        case .payload: false
        case .homie, .homeassistant, .sparkplug: true
        }
    }

    public var isAvailability: Bool { if case .payload(.availability) = self { true } else { false } }
}
