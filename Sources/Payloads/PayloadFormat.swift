/// What the payloads of a topic look like. A new format is one folder and one case here.
public enum PayloadFormat: Sendable, Hashable {
    case number(NumberMapping)
    case text
    case json(JSONMapping)
    case line(LinePrecision)
    case csv(CSVMapping)
    case binary(BinaryMapping)
    case senml
    /// Whether a device is there.
    case availability(NumberWords)

    /// Whether the payload adds to the name of the series.
    public var namesFields: Bool {
        switch self {
        case .number, .text, .availability: false
        case .line, .csv, .senml: true
        case .binary(let mapping): !mapping.names.isEmpty
        case .json(let mapping): mapping.namesFields
        }
    }
}
