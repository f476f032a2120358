/// The way to a value: `data.ch[0].v`, or to several: `data.ch[*].v`. A key that holds other characters than letters, digits, `_`, `-`, `:`, `$`,
/// `@` or `/`, or that is empty, is quoted: `["a.b"].c`.
public struct JSONPath: Sendable, Hashable, CustomStringConvertible {
    public enum Step: Sendable, Hashable {
        case key(String)
        case index(Int)
        /// All elements of an array, or all members of an object.
        case any
    }

    /// The whole document.
    public static let root = JSONPath(steps: [])

    public let steps: [Step]

    /// The path as one would write it.
    public var description: String {
        var text = ""
        for step in steps {
            switch step {
            case .index(let index): text += "[\(index)]"
            case .any: text += "[*]"
            case .key(let key) where key.isEmpty || !key.utf8.allSatisfy(Self.isPlain): text += "[\"\(key)\"]"
            case .key(let key): text += text.isEmpty ? key : "." + key
            }
        }
        return text
    }

    public var hasWildcard: Bool { steps.contains(.any) }

    /// The keys and indices with "/" between them, as they name a field, from where `start` leads to; nil where that is
    /// elsewhere.
    func flattened(under start: JSONPath) -> String? {
        guard steps.starts(with: start.steps) else { return nil }
        return steps.dropFirst(start.steps.count).map { step in
            switch step {
            case .key(let key): key
            case .index(let index): "\(index)"
            case .any: "*"
            }
        }.joined(separator: "/")
    }

    private init(steps: [Step]) { self.steps = steps }

    init(keys: [String]) { steps = keys.map { .key($0) } }

    func below(_ step: Step) -> JSONPath { JSONPath(steps: steps + [step]) }

    public init(parsing text: String) throws(MappingError) {
        var steps: [Step] = []
        let bytes = Array(text.utf8)
        var at = 0
        var mayStartKey = true
        while at < bytes.count {
            let start = at
            switch bytes[at] {
            case UInt8(ascii: "[") where steps.isEmpty || !mayStartKey:
                at += 1
                if at < bytes.count, bytes[at] == UInt8(ascii: "\"") {
                    guard let close = bytes[(at + 1)...].firstIndex(of: UInt8(ascii: "\"")),
                        close + 1 < bytes.count, bytes[close + 1] == UInt8(ascii: "]")
                    else { throw MappingError("a quoted key ends in \"]", offset: start) }
                    steps.append(.key(String(decoding: bytes[(at + 1)..<close], as: UTF8.self)))
                    at = close + 2
                } else if bytes[at...].starts(with: "*]".utf8) {
                    steps.append(.any)
                    at += 2
                } else {
                    let digits = bytes[at...].prefix(while: { (0x30...0x39).contains($0) })
                    guard !digits.isEmpty, digits.count <= 6, digits.endIndex < bytes.count,
                        bytes[digits.endIndex] == UInt8(ascii: "]"),
                        let index = Int(String(decoding: digits, as: UTF8.self))
                    else {
                        throw MappingError("between [ and ] stands an index such as [0], or [*] for all", offset: start)
                    }
                    steps.append(.index(index))
                    at = digits.endIndex + 1
                }
                mayStartKey = false
            case UInt8(ascii: ".") where !mayStartKey:
                at += 1
                mayStartKey = true
                if at == bytes.count { throw MappingError("a key follows the dot", offset: start) }
            case let byte where mayStartKey && Self.isPlain(byte):
                let key = bytes[at...].prefix(while: Self.isPlain)
                steps.append(.key(String(decoding: key, as: UTF8.self)))
                at = key.endIndex
                mayStartKey = false
            default:
                let character = String(decoding: bytes[at...], as: UTF8.self).prefix(1)
                throw MappingError("\"\(character)\" is not expected here in a path such as data.ch[0].v", offset: at)
            }
        }
        guard !steps.isEmpty else { throw MappingError("a path names at least one key", offset: 0) }
        self.steps = steps
    }

    /// Whether the byte may stand in a key that is not quoted.
    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x80...: true
        default: "_-:$@/".utf8.contains(byte)
        }
    }
}
