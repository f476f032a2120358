import Payloads
import Readings

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
    public var format: MessageFormat
    public var compression: PayloadCompression?
    public var series: SeriesTemplate
    public var unit: String?
    public var tags: [String: String]
    public var retained: Retained
    public var rules: ReadingRules
    /// Nil: every reading is stored.
    public var store: StoreRule?
    /// Topics that the filter takes and the mapping leaves alone.
    public var except: [SeriesGlob]
    /// Nil: it leaves none but those alone.
    public var only: [SeriesGlob]?
}

extension TopicSettings {
    /// Whether the mapping takes a topic that its filter takes.
    public func takes(_ topic: String) -> Bool {
        if except.isEmpty, only == nil { return true }
        let name = SeriesName(path: topic)
        return only.map { $0.contains { $0.matches(name) } } ?? true && !except.contains { $0.matches(name) }
    }

    /// One mapping, or those of a preset.
    static func read(_ table: TableReader) -> [TopicSettings] {
        guard table.has("preset") else { return TopicSettings(table).map { [$0] } ?? [] }
        guard let preset = PresetTopics(table) else {
            table.ignoreUnknownKeys()
            return []
        }
        return preset.read()
    }

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
        compression = table.word("compression", example: PayloadCompression.gzip)
        if case .payload? = format {
        } else if format != nil {
            table.refuse(["compression"], because: "does not go with this format")
        }
        let series = table.parsed("series", example: "{topic}", isRequired: true) { (text) throws(ValueError) in
            let series = try mapping(text, SeriesTemplate.init(parsing:))
            try Self.check(series, fits: filter)
            return series
        }
        unit = table.text("unit", example: "bar")
        tags = Self.tags(table)
        // That a device is gone is no sample: it is so until something else is said.
        retained = table.word("retained", default: format?.isAvailability == true ? .store : .ignore)
        rules = ReadingRules(table)
        store = StoreRule(table)
        except = Self.globs("except", table) ?? []
        only = Self.globs("only", table)
        guard let filter, let format, let series else { return nil }
        if series.usesField, !format.namesFields {
            table.log.error(
                "series: the payload adds nothing that could stand for {field}", at: table.place(of: "series"))
        }
        if format.namesSeries { Self.check(filter, series, table) }
        self.filter = filter
        self.format = format
        self.series = series
    }

    /// Of conventions that know their topics by their place behind a base.
    private static func check(_ filter: TopicFilter, _ series: SeriesTemplate, _ table: TableReader) {
        if filter.levelCount != nil || filter.pattern.utf8.contains(UInt8(ascii: "+")) {
            table.log.error(
                "filter: this format needs all topics behind a base, such as base/#", at: table.place(of: "filter"))
        }
        if series.usesTopic {
            table.log.error(
                "series: the topics of this format have different levels: use {field}", at: table.place(of: "series"))
        }
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

    private static func globs(_ key: String, _ table: TableReader) -> [SeriesGlob]? {
        table.list(key, example: "[\"plant/**/set\"]") { (text) throws(ValueError) in SeriesGlob(text) }
    }

    private static func format(_ table: TableReader) -> MessageFormat? {
        guard let name = table.word("format", example: FormatName.number, isRequired: true) else {
            // Which keys belong here is open until the format is known.
            for key in FormatName.allKeys { _ = table.member(key) }
            return nil
        }
        let format = read(name, table)
        refuseKeys(ofOthersThan: name, table)
        return format
    }

    private static func read(_ name: FormatName, _ table: TableReader) -> MessageFormat? {
        switch name {
        case .homie: return .homie
        case .homeassistant: return .homeassistant
        case .sparkplug: return .sparkplug
        default: return payload(name, table).map { .payload($0) }
        }
    }

    /// Nil for what is more than a payload, too.
    private static func payload(_ name: FormatName, _ table: TableReader) -> PayloadFormat? {
        switch name {
        case .homie, .homeassistant, .sparkplug: nil
        case .number: .number(NumberMapping(table))
        case .text: .text
        case .json: JSONMapping(table).map { .json($0) }
        case .line: .line(table.word("precision", default: .nanoseconds))
        case .csv: CSVMapping(table).map { .csv($0) }
        case .binary: BinaryMapping(table).map { .binary($0) }
        case .senml: .senml
        case .availability: .availability(NumberWords(table, default: .availability))
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
