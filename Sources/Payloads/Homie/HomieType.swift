import Readings

/// What a property's values are, as far as it matters here.
enum HomieType {
    case number
    case text
    /// A number or one of the usual words for 1 and 0, and otherwise a text.
    case unknown

    init(_ name: UnsafeRawBufferPointer) {
        let name = NumberText.trimmed(name)
        if ["integer", "float", "percent", "boolean"].contains(where: { name.elementsEqual($0.utf8) }) {
            self = .number
        } else if ["string", "enum", "color", "datetime", "duration", "json"]
            .contains(where: { name.elementsEqual($0.utf8) })
        {
            self = .text
        } else {
            self = .unknown
        }
    }

    func decode(_ payload: UnsafeRawBufferPointer, into readings: inout [DecodedReading]) -> PayloadProblem? {
        switch self {
        case .number: NumberPayload(Self.numbers).decode(payload, into: &readings)
        case .text: TextPayload.decode(payload, into: &readings)
        case .unknown: NumberPayload(Self.anything).decode(payload, into: &readings)
        }
    }

    private static let numbers = NumberMapping()
    private static let anything = NumberMapping(
        words: NumberWords(true: ["true"], false: ["false"], null: []), texts: true)
}
