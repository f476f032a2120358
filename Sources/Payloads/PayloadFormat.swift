/// What the payloads of a topic look like. A new format is one folder and one case here.
public enum PayloadFormat: Sendable, Hashable {
    case number
    case json(JSONMapping)
}
