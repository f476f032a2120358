/// The name of a series: a path such as `plant/press-3/temperature`.
///
/// Names are UTF-8 without control characters, 1 to 1,024 bytes. An empty level is allowed (topics have them).
public struct SeriesName: Sendable, Hashable, Comparable, CustomStringConvertible {
    public static let longest = 1024

    private let text: ExactText

    public var description: String { text.string }

    /// Takes a name as a person wrote it; nil when it is empty, too long, or holds control characters.
    public init?(_ text: some StringProtocol) {
        let bytes = text.utf8
        guard !bytes.isEmpty, bytes.count <= Self.longest, !bytes.contains(where: Self.isControl) else { return nil }
        self.text = ExactText(String(text))
    }

    /// Makes a name of any path at all, the same name for the same path and different names for different ones:
    /// control characters are written `%0A`, a percent sign that would look like one of those is written `%25`, no
    /// path at all is a lone `%25`, and a path past the limit keeps its head and ends in a hash of the whole.
    public init(path: some StringProtocol) {
        let bytes = path.utf8
        let isPlain = bytes.count < Self.shortestHashed && !bytes.contains { Self.isControl($0) || $0 == Self.percent }
        if isPlain, !bytes.isEmpty {
            text = ExactText(String(path))
        } else {
            text = ExactText(String(decoding: Self.shortened(Self.escaped(Array(bytes))), as: UTF8.self))
        }
    }

    private static func escaped(_ path: [UInt8]) -> [UInt8] {
        var escaped: [UInt8] = []
        for (index, byte) in path.enumerated() {
            let looksEscaped =
                byte == percent && path.count - index > 2 && path[index + 1...index + 2].allSatisfy(isHexDigit)
            if isControl(byte) || looksEscaped {
                escaped += [percent, hexDigits[Int(byte >> 4)], hexDigits[Int(byte & 15)]]
            } else {
                escaped.append(byte)
            }
        }
        // The escape of a percent sign that needs none: no other path has it.
        return escaped.isEmpty ? Array("%25".utf8) : escaped
    }

    /// A tilde and the 16 digits of a hash.
    private static let hashLength = 17
    /// The head of a name with a hash ends before the character that would pass the limit, which has 4 bytes at most.
    private static let shortestHashed = longest - 3

    private static func shortened(_ path: [UInt8]) -> [UInt8] {
        guard path.count > longest || looksHashed(path) else { return path }
        var end = longest - hashLength
        while path[end] & 0xC0 == 0x80 { end -= 1 }  // never inside a character
        let digits = String(hash(path), radix: 16)
        return path[..<end] + Array("~".utf8) + repeatElement(UInt8(ascii: "0"), count: 16 - digits.utf8.count)
            + Array(digits.utf8)
    }

    /// Whether a path that is short enough could be taken for the name of one that was not.
    private static func looksHashed(_ path: [UInt8]) -> Bool {
        let end = path.suffix(hashLength)
        return path.count >= shortestHashed && end.first == UInt8(ascii: "~") && end.dropFirst().allSatisfy(isHexDigit)
    }

    /// FNV-1a.
    private static func hash(_ bytes: [UInt8]) -> UInt64 {
        bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }

    /// By bytes, so that every tool sorts names alike.
    public static func < (left: SeriesName, right: SeriesName) -> Bool { left.text < right.text }

    private static func isControl(_ byte: UInt8) -> Bool { byte < 0x20 || byte == 0x7F }

    private static let percent = UInt8(ascii: "%")
    private static let hexDigits = Array("0123456789ABCDEF".utf8)

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x46, 0x61...0x66: true
        default: false
        }
    }
}
