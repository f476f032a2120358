import CSimdjson

/// A decimal number as devices write it: `71.3`, `-4`, `+3.5e-2`, `71,3`, with white space around it.
enum NumberText {
    enum Outcome: Equatable {
        case number(Double)
        case empty
        case notANumber
        /// Infinite, not a number by its own words, or too large for a double.
        case notFinite
    }

    static func read(_ text: UnsafeRawBufferPointer) -> Outcome {
        let text = trimmed(text)
        guard !text.isEmpty else { return .empty }
        guard let comma = text.firstIndex(of: UInt8(ascii: ",")) else { return readPlain(text) }
        // A comma is a decimal point where it is the only sign of its kind: "1,234.5" and "1,2,3" are not numbers.
        guard !text.contains(UInt8(ascii: ".")), !text[(comma + 1)...].contains(UInt8(ascii: ",")) else {
            return .notANumber
        }
        return withUnsafeTemporaryAllocation(byteCount: text.count, alignment: 1) { copy in
            copy.copyMemory(from: text)
            copy[comma] = UInt8(ascii: ".")
            return readPlain(UnsafeRawBufferPointer(copy))
        }
    }

    static func trimmed(_ text: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        guard let first = text.firstIndex(where: { !isSpace($0) }), let last = text.lastIndex(where: { !isSpace($0) })
        else { return UnsafeRawBufferPointer(rebasing: text[..<0]) }
        return UnsafeRawBufferPointer(rebasing: text[first...last])
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    private static func readPlain(_ text: UnsafeRawBufferPointer) -> Outcome {
        var number = 0.0
        switch cdecimal_read(text.baseAddress, text.count, &number) {
        case .ok: return .number(number)
        case .out_of_range: return readOutOfRange(text)
        case .malformed: return saysNotFinite(text) ? .notFinite : .notANumber
        }
    }

    /// The standard library tells too large (infinity) from too small (zero), which `from_chars` does not.
    private static func readOutOfRange(_ text: UnsafeRawBufferPointer) -> Outcome {
        guard let number = Double(String(decoding: text, as: UTF8.self)), number.isFinite else { return .notFinite }
        return .number(number)
    }

    private static func saysNotFinite(_ text: UnsafeRawBufferPointer) -> Bool {
        let isSigned = text.first == UInt8(ascii: "-") || text.first == UInt8(ascii: "+")
        let word = text.dropFirst(isSigned ? 1 : 0)
        return word.isWord("nan") || word.isWord("inf") || word.isWord("infinity")
    }
}

extension Sequence<UInt8> {
    /// Whether these bytes are `word`, which is in lower case, in any case.
    func isWord(_ word: StaticString) -> Bool {
        word.withUTF8Buffer { elementsEqual($0) { $0 | 0x20 == $1 } }
    }
}
