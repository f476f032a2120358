/// A text with places for what an alarm says: `outpost/{gateway}/alarms/{alarm}`. "{{" stands for "{" itself.
public struct AlarmTemplate: Sendable, Hashable, CustomStringConvertible {
    public enum Field: String, Sendable, CaseIterable {
        case gateway
        case alarm
        case series
        case level
        case state
        case value
        case message
    }

    public enum Piece: Sendable, Hashable {
        case text(String)
        case field(Field)
    }

    /// As it was written.
    public let description: String
    public let pieces: [Piece]

    public func uses(_ field: Field) -> Bool { pieces.contains(.field(field)) }

    public func filled(_ value: (Field) -> String) -> String {
        pieces.reduce(into: "") { text, piece in
            switch piece {
            case .text(let literal): text += literal
            case .field(let field): text += value(field)
            }
        }
    }
}

extension AlarmTemplate {
    /// Takes these fields and no others.
    init(parsing text: String, fields: [Field]) throws(ValueError) {
        var pieces: [Piece] = []
        var literal = ""
        var rest = text[...]
        while let open = rest.firstIndex(of: "{") {
            literal += rest[..<open]
            rest = rest[open...].dropFirst()
            if rest.first == "{" {
                literal += "{"
                rest = rest.dropFirst()
                continue
            }
            let offset = text.utf8.distance(from: text.startIndex, to: open)
            guard let close = rest.firstIndex(of: "}") else {
                throw ValueError("\"{\" without \"}\" after it; \"{{\" stands for \"{\" itself", offset: offset)
            }
            if !literal.isEmpty { pieces.append(.text(literal)) }
            literal = ""
            pieces.append(.field(try Self.field(rest[..<close], among: fields, offset: offset)))
            rest = rest[close...].dropFirst()
        }
        literal += rest
        if !literal.isEmpty { pieces.append(.text(literal)) }
        description = text
        self.pieces = pieces
    }

    private static func field(
        _ name: Substring, among fields: [Field], offset: Int
    ) throws(ValueError) -> Field {
        if let field = Field(rawValue: String(name)), fields.contains(field) { return field }
        let known = fields.map { "{\($0.rawValue)}" }
        throw ValueError("\(quoted("{\(name)}")) is none of \(known.joinedAsWords)", offset: offset)
    }
}
