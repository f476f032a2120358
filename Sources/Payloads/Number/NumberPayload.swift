import Readings

/// A payload that is one number, with or without a unit behind it, or a word for 1, for 0 or for no value.
struct NumberPayload {
    private let mapping: NumberMapping

    init(_ mapping: NumberMapping) { self.mapping = mapping }

    func decode(_ payload: UnsafeRawBufferPointer, into readings: inout [DecodedReading]) -> PayloadProblem? {
        switch NumberText.read(payload) {
        case .number(let plain): readings.append(DecodedReading(field: 0, value: .number(plain)))
        case .empty: return PayloadProblem(.empty, "nothing but white space")
        case let outcome:
            let text = NumberText.trimmed(payload)
            if let value = mapping.words.value(of: text) ?? NumberText.numberWithUnit(text).map({ .number($0) }) {
                readings.append(DecodedReading(field: 0, value: value, quality: value.saidQuality))
            } else if mapping.texts {
                return TextPayload.decode(text, into: &readings)
            } else {
                return problem(outcome)
            }
        }
        return nil
    }

    private func problem(_ outcome: NumberText.Outcome) -> PayloadProblem {
        if outcome == .notFinite { return PayloadProblem(.notFinite, "not a finite number, or too large for a double") }
        let known = (mapping.words.trueWords + mapping.words.falseWords).joined(separator: ", ")
        return PayloadProblem(.notANumber, "neither a decimal number nor one of \(known)")
    }
}

extension NumberText {
    /// In bytes.
    private static let longestUnit = 16

    /// `21.5 C`, `48%`, `3,2 m/s`: a decimal number and, behind all its digits, a unit. What stands there must look like
    /// one: 0x1F, 12:30 and 1e5x3 are no numbers, and neither is a number that breaks off at its exponent.
    static func numberWithUnit(_ text: UnsafeRawBufferPointer) -> Double? {
        guard let end = text.lastIndex(where: isEndOfNumber), end + 1 < text.count else { return nil }
        let rest = UnsafeRawBufferPointer(rebasing: text[(end + 1)...])
        guard !"xXeE".utf8.contains(rest[0]), isUnit(trimmed(rest)),
            case .number(let number) = read(UnsafeRawBufferPointer(rebasing: text[...end]))
        else { return nil }
        return number
    }

    private static func isEndOfNumber(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: ",")
    }

    private static func isUnit(_ text: UnsafeRawBufferPointer) -> Bool {
        guard !text.isEmpty, text.count <= longestUnit, text.first != UInt8(ascii: "/"), text.last != UInt8(ascii: "/")
        else { return false }
        let span = text.bindMemory(to: UInt8.self).span
        guard let characters = try? UTF8Span(validating: span) else { return false }
        var scalars = characters.makeUnicodeScalarIterator()
        while let scalar = scalars.next() {
            guard scalar.properties.isAlphabetic || "%\u{B0}/\u{B5}\u{2126}\u{B2}\u{B3}".unicodeScalars.contains(scalar)
            else { return false }
        }
        return true
    }
}
