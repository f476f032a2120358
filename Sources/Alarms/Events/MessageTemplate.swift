import Readings

/// What an alarm says to people: text with `{alarm}`, `{series}`, `{value}`, `{unit}`, `{level}`, `{limit}`,
/// `{quality}` and `{reason}` in it.
public struct MessageTemplate: Sendable, Hashable {
    public enum Word: String, Sendable, CaseIterable {
        case alarm, series, value, unit, level, limit, quality, reason
    }

    private enum Part: Sendable, Hashable {
        case text(String)
        case word(Word)
    }

    public struct Failure: Error {
        public let word: String
        /// Nothing closes the brace.
        public let isOpen: Bool
        /// In bytes.
        public let offset: Int
    }

    private var parts: [Part] = []

    /// `{{` is a brace.
    public init(_ text: String) throws(Failure) {
        var plain: [UInt8] = []
        let bytes = Array(text.utf8)
        var index = 0
        while index < bytes.count {
            guard bytes[index] == UInt8(ascii: "{") else {
                plain.append(bytes[index])
                index += 1
                continue
            }
            if index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: "{") {
                plain.append(bytes[index])
                index += 2
                continue
            }
            let end = bytes[index...].firstIndex(of: UInt8(ascii: "}")) ?? bytes.count
            let name = String(decoding: bytes[(index + 1)..<end], as: UTF8.self)
            guard end < bytes.count, let word = Word(rawValue: name) else {
                throw Failure(word: name, isOpen: end == bytes.count, offset: index)
            }
            if !plain.isEmpty { parts.append(.text(String(decoding: plain, as: UTF8.self))) }
            plain = []
            parts.append(.word(word))
            index = end + 1
        }
        if !plain.isEmpty { parts.append(.text(String(decoding: plain, as: UTF8.self))) }
    }

    func filled(_ words: (Word) -> String) -> String {
        parts.map { part in
            switch part {
            case .text(let text): text
            case .word(let word): words(word)
            }
        }.joined()
    }

    // MARK: - Values as people write them

    public static func text(_ number: Double) -> String {
        let text = "\(number)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    /// With three digits that count, or all of a whole number.
    static func roughly(_ number: Double) -> String {
        var power = 1.0
        while number != 0, abs(number) * power < 100, power < 1e15 { power *= 10 }
        return text((number * power).rounded() / power)
    }

    public static func text(_ value: Value) -> String {
        switch value {
        case .number(let number): text(number)
        case .text(let text): text
        case .absent: "without a value"
        }
    }

    /// Of nanoseconds.
    public static func duration(_ nanoseconds: Int64) -> String {
        let seconds = Double(nanoseconds) / 1e9
        return switch seconds {
        case ..<120: "\(text(seconds)) s"
        case ..<7200: "\(text((seconds / 6).rounded() / 10)) min"
        default: "\(text((seconds / 360).rounded() / 10)) h"
        }
    }
}
