import Readings

/// A payload that is one number, or a word for one: `true` and `on` are 1, `false` and `off` are 0, in any case.
enum NumberPayload {
    static func decode(_ payload: UnsafeRawBufferPointer, into readings: inout [DecodedReading]) -> PayloadProblem? {
        switch NumberText.read(payload) {
        case .number(let number):
            readings.append(DecodedReading(field: 0, value: .number(number)))
            return nil
        case .notANumber:
            guard let number = wordValue(NumberText.trimmed(payload)) else {
                return PayloadProblem(.notANumber, "neither a decimal number nor true, false, on or off")
            }
            readings.append(DecodedReading(field: 0, value: .number(number)))
            return nil
        case .notFinite: return PayloadProblem(.notFinite, "not a finite number, or too large for a double")
        case .empty: return PayloadProblem(.empty, "nothing but white space")
        }
    }

    private static func wordValue(_ text: UnsafeRawBufferPointer) -> Double? {
        if text.isWord("on") || text.isWord("true") { return 1 }
        if text.isWord("off") || text.isWord("false") { return 0 }
        return nil
    }
}
