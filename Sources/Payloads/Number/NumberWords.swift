import Readings

/// The words that stand for 1, for 0, and for a device that has no value, in any case.
public struct NumberWords: Sendable, Hashable {
    public static let usual = NumberWords(
        true: ["true", "on"], false: ["false", "off"], null: ["unavailable", "unknown", "null", "none"])
    /// No word stands for anything.
    public static let none = NumberWords(true: [], false: [], null: [])

    public let trueWords: [String]
    public let falseWords: [String]
    public let nullWords: [String]
    private let trueBytes: [[UInt8]]
    private let falseBytes: [[UInt8]]
    private let nullBytes: [[UInt8]]

    public init(true trueWords: [String], false falseWords: [String], null nullWords: [String]) {
        self.trueWords = trueWords
        self.falseWords = falseWords
        self.nullWords = nullWords
        trueBytes = Self.bytes(trueWords)
        falseBytes = Self.bytes(falseWords)
        nullBytes = Self.bytes(nullWords)
    }

    func value(of text: UnsafeRawBufferPointer) -> Value? {
        if trueBytes.contains(where: { Self.equals($0, text) }) { return .number(1) }
        if falseBytes.contains(where: { Self.equals($0, text) }) { return .number(0) }
        if nullBytes.contains(where: { Self.equals($0, text) }) { return .absent }
        return nil
    }

    private static func bytes(_ words: [String]) -> [[UInt8]] { words.map { $0.utf8.map(lowercased) } }

    private static func equals(_ word: [UInt8], _ text: UnsafeRawBufferPointer) -> Bool {
        word.count == text.count && word.elementsEqual(text) { $0 == lowercased($1) }
    }

    /// Of ASCII only: letters beyond it are taken as they are written.
    private static func lowercased(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }
}

extension Value {
    /// A device that says that it has none is believed.
    var saidQuality: Quality { self == .absent ? .deviceException : .good }
}
