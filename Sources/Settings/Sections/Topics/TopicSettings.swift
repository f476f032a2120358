import Payloads

/// `[[mqtt.topic]]`: what arrives under a topic filter, and which series it becomes.
public struct TopicSettings: Sendable, Hashable {
    /// What to do with a message that the broker kept from before the connection.
    public enum Retained: String, Sendable, CaseIterable {
        case ignore
        case store
    }

    public var filter: TopicFilter
    /// 0 or 1.
    public var qos: Int
    public var format: PayloadFormat
    public var series: SeriesTemplate
    public var unit: String?
    public var tags: [String: String]
    public var retained: Retained
    public var rules: ReadingRules
    /// Nil: every reading is stored.
    public var store: StoreRule?
}

extension TopicSettings {
    /// Nil when something required is missing or wrong.
    init?(_ table: TableReader) {
        let filter = table.parsed("filter", example: "plant/+/+", isRequired: true) { (text) throws(ValueError) in
            try mapping(text, TopicFilter.init(parsing:))
        }
        qos = table.integer(
            "qos", default: 1, in: 0...1,
            remarks: [
                2: "brings nothing here: at 1 nothing is lost, and the journal keeps a repeated reading once"
            ])
        let format = Self.format(table)
        let series = table.parsed("series", example: "{topic}", isRequired: true) { (text) throws(ValueError) in
            let series = try mapping(text, SeriesTemplate.init(parsing:))
            try Self.check(series, fits: filter)
            return series
        }
        unit = table.text("unit", example: "bar")
        tags = Self.tags(table)
        retained = table.word("retained", default: .ignore)
        rules = ReadingRules(table)
        store = StoreRule(table)
        guard let filter, let format, let series else { return nil }
        if series.usesField, !format.namesFields {
            table.log.error(
                "series: the payload adds nothing that could stand for {field}", at: table.place(of: "series"))
        }
        self.filter = filter
        self.format = format
        self.series = series
    }

    private static func check(_ series: SeriesTemplate, fits filter: TopicFilter?) throws(ValueError) {
        guard let levels = filter?.levelCount, let highest = series.highestLevel, highest >= levels else { return }
        throw ValueError("this filter has no level {\(highest)}: they count from 0, and its last is {\(levels - 1)}")
    }

    private static func tags(_ table: TableReader) -> [String: String] {
        var tags: [String: String] = [:]
        for entry in table.texts("tags", example: "line = \"A\"") ?? [] { tags[entry.key] = entry.text }
        return tags
    }

    private static func format(_ table: TableReader) -> PayloadFormat? {
        guard let name = table.word("format", example: FormatName.number, isRequired: true) else {
            // Which keys belong here is open until the format is known.
            for key in FormatName.allKeys { _ = table.member(key) }
            return nil
        }
        let format = read(name, table)
        refuseKeys(ofOthersThan: name, table)
        return format
    }

    private static func read(_ name: FormatName, _ table: TableReader) -> PayloadFormat? {
        switch name {
        case .number: .number(NumberWords(table))
        case .text: .text
        case .json: JSONMapping(table).map { .json($0) }
        case .line: .line(table.word("precision", default: .nanoseconds))
        case .csv: CSVMapping(table).map { .csv($0) }
        case .binary: BinaryMapping(table).map { .binary($0) }
        case .senml: .senml
        }
    }

    private static func refuseKeys(ofOthersThan name: FormatName, _ table: TableReader) {
        for key in FormatName.allKeys where !name.keys.contains(key) {
            let owners = FormatName.allCases.filter { $0.keys.contains(key) }
            table.refuse(
                [key], because: "belongs to format = " + owners.map { "\"\($0.rawValue)\"" }.joined(separator: " or "))
        }
    }
}

/// Parses with what Payloads offers.
func mapping<Value>(
    _ text: String, _ parse: (String) throws(MappingError) -> Value
) throws(ValueError) -> Value {
    do {
        return try parse(text)
    } catch {
        throw ValueError(error)
    }
}
