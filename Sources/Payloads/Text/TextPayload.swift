import Readings

/// A payload that is a state: all of it, without the white space around it.
enum TextPayload {
    /// In bytes, here and in the other formats: a state, and no document.
    static let longest = 256

    static func decode(_ payload: UnsafeRawBufferPointer, into readings: inout [DecodedReading]) -> PayloadProblem? {
        let text = NumberText.trimmed(payload)
        guard !text.isEmpty else { return PayloadProblem(.empty, "nothing but white space") }
        guard text.count <= longest else { return PayloadProblem(size: text.count, limit: longest) }
        guard let state = String(validating: text, as: UTF8.self) else {
            return PayloadProblem(.notUTF8, "bytes that are not UTF-8")
        }
        readings.append(DecodedReading(field: 0, value: .text(state)))
        return nil
    }
}
