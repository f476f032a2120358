/// What one expression (a header, or a key with its value) may nest. The parser, and whoever frees or walks its tree,
/// use stack for each level, and dotted keys pass its own limit: `a.a.a.a` is four levels.
let deepestNesting = 64

/// The first byte at which a document would nest too deeply; nil when it nowhere does.
func firstTooDeepNesting(in bytes: [UInt8]) -> Int? {
    bytes.withUnsafeBufferPointer { buffer in
        var scanner = NestingScanner(bytes: buffer)
        return scanner.firstTooDeep()
    }
}

/// Knows of TOML only what hides a bracket or a dot: comments and the four kinds of strings. In a malformed document
/// it may lose its way, but only behind the place at which the parser gives up.
private struct NestingScanner {
    let bytes: UnsafeBufferPointer<UInt8>
    var position = 0
    /// Levels inside of the innermost open bracket, its own keys included.
    var level = 0
    /// For each open bracket, the level around it.
    var outerLevels: [Int] = []

    init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    mutating func firstTooDeep() -> Int? {
        while position < bytes.count {
            let byte = bytes[position]
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "'"): skipString(quote: byte)
            case UInt8(ascii: "#"): skipLine()
            default:
                nest(byte)
                if level > deepestNesting { return position }
                position += 1
            }
        }
        return nil
    }

    private mutating func nest(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "."):
            level += 1
        case UInt8(ascii: "["), UInt8(ascii: "{"):
            level += 1
            outerLevels.append(level)
        case UInt8(ascii: "]"), UInt8(ascii: "}"):
            level = max(0, (outerLevels.popLast() ?? 0) - 1)
        case UInt8(ascii: ","), UInt8(ascii: "\n"):
            level = outerLevels.last ?? 0
        default:
            break
        }
    }

    private mutating func skipLine() {
        while position < bytes.count, bytes[position] != UInt8(ascii: "\n") { position += 1 }
    }

    private mutating func skipString(quote: UInt8) {
        let opening = quotes(quote, atMost: 3)
        position += opening
        if opening == 2 { return }  // an empty string
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
                position += 2
            } else if byte == quote, quotes(quote, atMost: 3) >= opening {
                // A multi-line string may end in up to two quotes of its own.
                position += opening == 3 ? quotes(quote, atMost: 5) : 1
                return
            } else if byte == UInt8(ascii: "\n"), opening == 1 {
                return
            } else {
                position += 1
            }
        }
    }

    /// How many quotes stand here in a row.
    private func quotes(_ quote: UInt8, atMost limit: Int) -> Int {
        bytes[position...].prefix(limit).prefix { $0 == quote }.count
    }
}
