/// In which order the bytes of a value come over the wire. A is the most significant one: CDAB comes with its words
/// swapped, BADC with the bytes of each word swapped, DCBA from behind.
public struct ByteOrder: Sendable, Hashable, CustomStringConvertible {
    /// The letters as they come.
    public let description: String
    /// Of each byte of the value, the most significant first, where it comes.
    let positions: [Int]

    private static let names: [Int: [String]] = [
        2: ["AB", "BA"], 4: ["ABCD", "CDAB", "BADC", "DCBA"],
        8: ["ABCDEFGH", "GHEFCDAB", "BADCFEHG", "HGFEDCBA", "CDABGHEF", "EFGHABCD"],
    ]

    /// What the four usual names mean for other lengths.
    private static let usual = ["ABCD": 0, "CDAB": 1, "BADC": 2, "DCBA": 3]

    /// Those for a length, the plain one first.
    public static func all(byteCount: Int) -> [ByteOrder] { (names[byteCount] ?? []).map(ByteOrder.init(letters:)) }

    public static func plain(byteCount: Int) -> ByteOrder {
        ByteOrder(letters: names[byteCount]?[0] ?? "AB")
    }

    /// Nil where a value of this length has no such order. The names for four bytes serve for others, too: for two bytes,
    /// where there are no words to swap, and for eight.
    public init?(_ name: String, byteCount: Int) {
        guard let known = Self.names[byteCount] else { return nil }
        if known.contains(name) {
            self.init(letters: name)
        } else if let index = Self.usual[name], byteCount != 4 {
            self.init(letters: byteCount == 2 ? known[index / 2] : known[index])
        } else {
            return nil
        }
    }

    private init(letters: String) {
        description = letters
        let letters = Array(letters.utf8)
        positions = letters.indices.map { letter in letters.firstIndex(of: UInt8(ascii: "A") + UInt8(letter)) ?? 0 }
    }

    /// The value whose bytes come from `start` on.
    @inline(__always)
    func read(_ data: UnsafeRawBufferPointer, at start: Int) -> UInt64 {
        var pattern: UInt64 = 0
        for position in positions { pattern = pattern << 8 | UInt64(data[start + position]) }
        return pattern
    }

    /// The bytes as they are sent.
    func write(_ pattern: UInt64) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: positions.count)
        for (index, position) in positions.enumerated() {
            bytes[position] = UInt8(truncatingIfNeeded: pattern >> (8 * (positions.count - 1 - index)))
        }
        return bytes
    }
}
