import CSimdjson
import Readings

/// A payload that says whether a device is there: a word for it, or a JSON document that has the word under "state".
/// The reading is 1 or 0.
final class AvailabilityPayload {
    private let words: NumberWords
    private var document: JSONDocument

    init(_ words: NumberWords, maxPayload: Int) {
        self.words = words
        document = JSONDocument(paths: [Self.statePath], maxPayload: maxPayload)
    }

    private static let statePath = JSONPath(keys: ["state"])

    func decode(_ payload: UnsafeRawBufferPointer, into readings: inout [DecodedReading]) -> PayloadProblem? {
        let text = NumberText.trimmed(payload)
        guard text.first == UInt8(ascii: "{") else { return take(text, into: &readings) }
        if let problem = document.read(payload) { return problem }
        guard let entry = document.entries.first, entry.value.kind == .string else {
            return PayloadProblem(.noSuchField, field: "state", "no text")
        }
        return take(NumberText.trimmed(entry.value.string), into: &readings)
    }

    private func take(_ text: UnsafeRawBufferPointer, into readings: inout [DecodedReading]) -> PayloadProblem? {
        guard let value = words.value(of: text) else {
            let known = (words.trueWords + words.falseWords).joined(separator: ", ")
            return PayloadProblem(.wrongType, "none of \(known)")
        }
        readings.append(DecodedReading(field: 0, value: value, quality: value.saidQuality))
        return nil
    }
}

extension NumberWords {
    /// The level that whether it is there adds to the name of a device.
    public static let availabilitySuffix = "available"

    /// How devices say that they are there, and that they are gone.
    public static let availability = NumberWords(
        true: ["online", "true", "on", "1", "alive", "connected", "ready"],
        false: ["offline", "false", "off", "0", "dead", "disconnected", "lost"], null: [])
}
