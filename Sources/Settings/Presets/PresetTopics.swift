/// `[[mqtt.topic]]` with a preset: several mappings, each with what the table says beside.
struct PresetTopics {
    /// The keys of a preset's table that are no key of a mapping's.
    private static let own = ["preset", "base", "series"]
    private static let fixed = ["filter", "format", "only"]

    private let table: TableReader
    private let tables: [Table]

    /// Nil when the table names no preset, or none that there is.
    init?(_ table: TableReader) {
        guard let preset = table.word("preset", example: Preset.zigbee2mqtt) else { return nil }
        guard let fragment = parseToml(preset.source, file: "preset \(preset.rawValue)", log: table.log) else {
            return nil
        }
        let base = table.parsed("base", example: "home/\(preset.rawValue)", Self.plain) ?? fragment.text("base")
        let series = table.parsed("series", example: preset.rawValue, Self.plain) ?? preset.rawValue
        let places = PresetPlaces(base: base, series: series)
        self.table = table
        tables = fragment["topic"]?.value.tables?.map { $0.table.filled(places) } ?? []
        table.refuse(
            Self.fixed, because: "does not go with preset, which knows its topics; base is what they begin with")
    }

    /// What stands in the place of a literal part of a topic and of a series' name.
    private static func plain(_ text: String) throws(ValueError) -> String {
        if let index = text.firstIndex(where: { "+#{}".contains($0) }) {
            throw ValueError(
                "\"\(text[index])\" has no place here: this is where topics and series begin",
                offset: text.utf8.distance(from: text.startIndex, to: index))
        }
        guard !text.hasSuffix("/") else { throw ValueError("a \"/\" follows by itself", offset: text.utf8.count - 1) }
        return text
    }

    func read() -> [TopicSettings] {
        let additions = table.members.filter { !(Self.own + Self.fixed).contains($0.key) }
        // Known, or reported by those who read them.
        for member in additions { _ = table.member(member.key) }
        var unused = Set(additions.map(\.key))
        let topics = tables.map { topic in
            let fitting = additions.filter { Self.fits($0.key, topic) }
            unused.subtract(fitting.map(\.key))
            return table.inPlace(of: topic.with(fitting)) { TopicSettings($0) }
        }
        table.refuse(unused.sorted(), because: "has no place in this preset")
        return topics.compactMap(\.self)
    }

    private static func fits(_ key: String, _ topic: Table) -> Bool {
        guard FormatName.allKeys.contains(key) else { return true }
        return FormatName(rawValue: topic.text("format"))?.keys.contains(key) ?? false
    }
}

extension Table {
    fileprivate func text(_ key: String) -> String {
        if case .text(let text) = self[key]?.value.content { text.string } else { "" }
    }

    /// Each takes the place of what is there under its key; lists of what is left out are added to it.
    fileprivate func with(_ others: [Member]) -> Table {
        var merged = self
        for var other in others {
            if ["ignore", "except"].contains(other.key), case .array(let own) = self[other.key]?.value.content,
                case .array(let added) = other.value.content
            {
                other.value.content = .array(own + added)
            }
            merged.members.removeAll { $0.key == other.key }
            merged.members.append(other)
        }
        return merged
    }

    fileprivate func filled(_ places: PresetPlaces) -> Table {
        Table(
            members: members.map { member in
                var member = member
                member.value = member.value.filled(places)
                return member
            })
    }
}

extension Node {
    fileprivate func filled(_ places: PresetPlaces) -> Node {
        var node = self
        switch content {
        case .text(let text): node.content = .text(Text(string: places.fill(text.string), isVerbatim: false))
        case .array(let elements): node.content = .array(elements.map { $0.filled(places) })
        case .table(let table): node.content = .table(table.filled(places))
        case .integer, .number, .boolean, .date, .reported: break
        }
        return node
    }
}
