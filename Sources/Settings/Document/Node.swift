/// A value of a configuration file, and where it begins.
struct Node {
    indirect enum Content {
        case table(Table)
        case array([Node])
        case text(Text)
        case integer(Int)
        case number(Double)
        case boolean(Bool)
        case date
        /// Could not be made out, which has been reported: nobody complains about it again.
        case reported
    }

    var content: Content
    let place: Place
}

/// The members of a table in the order of the file.
struct Table {
    struct Member {
        let key: String
        let keyPlace: Place
        var value: Node

        /// The key as messages say it; a free one may hold anything.
        var label: String { key.allSatisfy(\.isPlain) ? String(key.prefix(64)) : quoted(key) }

        static func standsBefore(_ left: Member, _ right: Member) -> Bool {
            guard let leftPosition = left.keyPlace.position, let rightPosition = right.keyPlace.position else {
                return false
            }
            return leftPosition < rightPosition
        }
    }

    var members: [Member] = []

    subscript(key: String) -> Member? { members.first { $0.key == key } }
}

/// A string value.
struct Text {
    var string: String
    /// Whether the file holds these very characters between one quote on each side, so that a place within the string
    /// is a column of the file.
    var isVerbatim: Bool
    var hasVariables = false
}

extension Node {
    /// The place of a byte of this node's text, as near as it is known.
    func place(ofByte offset: Int, in text: Text) -> Place {
        guard text.isVerbatim else { return place }
        let before = String(decoding: text.string.utf8.prefix(offset), as: UTF8.self)
        return place.movedRight(by: 1 + before.unicodeScalars.count)
    }

    /// The elements, when this is what `[[name]]` headers make.
    var tables: [(table: Table, place: Place)]? {
        guard case .array(let elements) = content else { return nil }
        var tables: [(table: Table, place: Place)] = []
        for element in elements {
            guard case .table(let table) = element.content else { return nil }
            tables.append((table, element.place))
        }
        return tables
    }

    /// With its article, for "..., not an array".
    var kind: String {
        switch content {
        case .table: "a table"
        case .array: "an array"
        case .text: "a string"
        case .integer: "an integer"
        case .number: "a number with a fraction"
        case .boolean: "a boolean"
        case .date: "a date or time"
        case .reported: "unreadable"
        }
    }
}
