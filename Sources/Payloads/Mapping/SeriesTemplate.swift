import Readings

/// How a topic becomes the name of a series: `{topic}` is all of it, `{1}` is one level counted from 0, `{1..}` all from
/// that one on, `{1..-2}` the same without the last two; `{field}` is what the payload adds, which otherwise comes last;
/// everything else stands for itself.
public struct SeriesTemplate: Sendable, Hashable, CustomStringConvertible {
    enum Part: Sendable, Hashable {
        case literal(String)
        case topic
        case level(Int)
        /// Those from one on, but for some at the end.
        case levels(from: Int, without: Int)
        case field
    }

    /// As it was written.
    public let description: String
    private(set) var parts: [Part]

    /// The topic level furthest to the right that the template uses; nil when it uses none by number.
    public var highestLevel: Int? {
        parts.compactMap { part in
            switch part {
            case .level(let level): level
            case .levels(let first, let without): first + without
            case .literal, .topic, .field: nil
            }
        }.max()
    }

    public var usesTopic: Bool { parts.contains(.topic) || highestLevel != nil }

    public var usesField: Bool { parts.contains(.field) }

    public init(parsing text: String) throws(MappingError) {
        var parts: [Part] = []
        var literal = ""
        var rest = text[...]
        func offset(_ index: String.Index) -> Int { text.utf8.distance(from: text.startIndex, to: index) }
        while let character = rest.first {
            if character == "}" {
                throw MappingError("\"}\" without \"{\" before it", offset: offset(rest.startIndex))
            }
            guard character == "{" else {
                literal.append(character)
                rest = rest.dropFirst()
                continue
            }
            guard let close = rest.firstIndex(of: "}") else {
                throw MappingError("\"{\" without \"}\" after it", offset: offset(rest.startIndex))
            }
            if !literal.isEmpty { parts.append(.literal(literal)) }
            literal = ""
            let name = rest[rest.index(after: rest.startIndex)..<close]
            if name == "topic" {
                parts.append(.topic)
            } else if name == "field" {
                parts.append(.field)
            } else if let levels = Self.levels(name) {
                parts.append(levels)
            } else {
                throw MappingError(
                    "\"{\(name)}\" is neither \"{topic}\" nor \"{field}\" nor a topic level such as \"{1}\", counted from 0",
                    offset: offset(rest.startIndex))
            }
            rest = rest[close...].dropFirst()
        }
        if !literal.isEmpty { parts.append(.literal(literal)) }
        if parts.isEmpty { throw MappingError("a series needs a name", offset: 0) }
        description = text
        self.parts = parts
    }

    /// `1`, `1..` or `1..-2`.
    private static func levels(_ text: Substring) -> Part? {
        guard let dots = text.utf8.firstIndex(of: UInt8(ascii: ".")) else { return number(text).map { .level($0) } }
        guard text[dots...].hasPrefix(".."), let first = number(text[..<dots]) else { return nil }
        let end = text[dots...].dropFirst(2)
        if end.isEmpty { return .levels(from: first, without: 0) }
        guard end.hasPrefix("-"), let without = number(end.dropFirst()) else { return nil }
        return .levels(from: first, without: without)
    }

    private static func number(_ text: Substring) -> Int? {
        guard !text.isEmpty, text.utf8.count <= 5, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int(text)
    }

    /// The same with a field filled in.
    public func with(field: String) -> SeriesTemplate {
        var filled = self
        filled.parts = parts.map { $0 == .field ? .literal(field) : $0 }
        if !usesField { filled.parts.append(.literal("/" + field)) }
        return filled
    }

    /// The name for a topic, with `suffix` in the place of `{field}` or as further levels; nil when the topic lacks a
    /// level that is asked for.
    public func name(topic: String, suffix: String? = nil) -> SeriesName? {
        let levels = topic.split(separator: "/", omittingEmptySubsequences: false)
        var path = ""
        for part in parts {
            switch part {
            case .literal(let literal): path += literal
            case .topic: path += topic
            case .level(let level):
                guard level < levels.count else { return nil }
                path += levels[level]
            case .levels(let first, let without):
                guard first < levels.count - without else { return nil }
                path += levels[first..<(levels.count - without)].joined(separator: "/")
            case .field: path += suffix ?? ""
            }
        }
        if let suffix, !usesField { path += "/" + suffix }
        return SeriesName(path: path)
    }
}

/// A template or path in the configuration that cannot be read, with the byte at which it goes wrong.
public struct MappingError: Error, Equatable {
    public let message: String
    public let offset: Int

    init(_ message: String, offset: Int) {
        self.message = message
        self.offset = offset
    }
}
