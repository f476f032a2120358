/// Goes over the bytes of a text of the configuration.
struct TextScanner {
    private let bytes: [UInt8]
    private(set) var position: Int
    private let end: Int

    init(_ text: String) {
        bytes = Array(text.utf8)
        position = 0
        end = bytes.count
    }

    private init(_ bytes: [UInt8], _ range: Range<Int>) {
        self.bytes = bytes
        position = range.lowerBound
        end = range.upperBound
    }

    var isAtEnd: Bool { position == end }

    var next: UInt8? { isAtEnd ? nil : bytes[position] }

    /// All of some characters, or none.
    mutating func take(_ wanted: String) -> Bool {
        guard bytes[position..<end].starts(with: wanted.utf8) else { return false }
        position += wanted.utf8.count
        return true
    }

    /// As many bytes as are so.
    mutating func take(while isWanted: (UInt8) -> Bool) -> String {
        let start = position
        while let byte = next, isWanted(byte) { position += 1 }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    mutating func skipSpaces() { _ = take { Self.isSpace($0) } }

    /// The words between the spaces, each to be read by itself; offsets are those in the whole text.
    mutating func words() -> [TextScanner] {
        var words: [TextScanner] = []
        skipSpaces()
        while !isAtEnd {
            let start = position
            _ = take { !Self.isSpace($0) }
            words.append(TextScanner(bytes, start..<position))
            skipSpaces()
        }
        return words
    }

    /// Nil where there are no digits. What is more than anything here can be is told as `tooLarge`.
    mutating func number() -> Int? {
        let digits = take { Self.isDigit($0) }
        return digits.isEmpty ? nil : Int(digits) ?? Self.tooLarge
    }

    static let tooLarge = Int.max

    /// In small letters, as names of days and months may be written in any.
    mutating func word() -> String { take { Self.isLetter($0) }.lowercased() }

    static func isSpace(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

    static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
}
