import Readings

/// How a topic becomes the name of a series: `{topic}` is all of it, `{1}` is one level counted from 0, `{field}` is
/// what the payload adds, which otherwise comes last; everything else stands for itself.
public struct SeriesTemplate: Sendable, Hashable, CustomStringConvertible {
    enum Part: Sendable, Hashable {
        case literal(String)
        case topic
        case level(Int)
        case field
    }

    /// As it was written.
    public let description: String
    let parts: [Part]

    /// The topic level furthest to the right that the template uses; nil when it uses none by number.
    public var highestLevel: Int? {
        parts.compactMap { if case .level(let level) = $0 { level } else { nil } }.max()
    }

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
            } else if !name.isEmpty, name.utf8.count <= 5, name.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let level = Int(name)
            {
                parts.append(.level(level))
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
