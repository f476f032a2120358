/// The words that stand for 1 and for 0, in any case.
public struct NumberWords: Sendable, Hashable {
    public static let usual = NumberWords(true: ["true", "on"], false: ["false", "off"])

    public let trueWords: [String]
    public let falseWords: [String]
    private let trueBytes: [[UInt8]]
    private let falseBytes: [[UInt8]]

    public init(true trueWords: [String], false falseWords: [String]) {
        self.trueWords = trueWords
        self.falseWords = falseWords
        trueBytes = trueWords.map { $0.utf8.map(Self.lowercased) }
        falseBytes = falseWords.map { $0.utf8.map(Self.lowercased) }
    }

    func value(of text: UnsafeRawBufferPointer) -> Double? {
        if trueBytes.contains(where: { Self.equals($0, text) }) { return 1 }
        if falseBytes.contains(where: { Self.equals($0, text) }) { return 0 }
        return nil
    }

    private static func equals(_ word: [UInt8], _ text: UnsafeRawBufferPointer) -> Bool {
        word.count == text.count && word.elementsEqual(text) { $0 == lowercased($1) }
    }

    /// Of ASCII only: letters beyond it are taken as they are written.
    private static func lowercased(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }
}
