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
}

extension TopicSettings {
    private enum FormatName: String, CaseIterable {
        case number
        case json
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
        let series = table.parsed("series", example: "{topic}", isRequired: true) { (text) throws(ValueError) in
            let series = try mapping(text, SeriesTemplate.init(parsing:))
            try Self.check(series, fits: filter)
            return series
        }
        unit = table.text("unit", example: "bar")
        tags = Self.tags(table)
        retained = table.word("retained", default: .ignore)
        guard let filter, let format, let series else { return nil }
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
        switch table.word("format", example: FormatName.number, isRequired: true) {
        case .number:
            table.refuse(JSONKeys.all, because: "belongs to format = \"json\"")
            return .number
        case .json:
            return JSONMapping(table).map { .json($0) }
        case nil:
            // Which keys belong here is open until the format is known.
            for key in JSONKeys.all { _ = table.member(key) }
            return nil
        }
    }
}

private enum JSONKeys {
    static let all = ["value", "fields", "time", "time_format"]
}

extension JSONMapping {
    /// Nil when it is not complete.
    fileprivate init?(_ table: TableReader) {
        let fields = Self.fields(table)
        let time = Self.time(table)
        guard let fields else { return nil }
        self.init(fields: fields, time: time)
    }

    private static func fields(_ table: TableReader) -> [Field]? {
        let value = table.parsed("value", example: "data.value", path).map { [Field(path: $0)] }
        let fields = suffixedFields(table)
        switch (table.member("value"), table.member("fields")) {
        case (_?, let fields?):
            table.log.error("value and fields exclude each other", at: fields.keyPlace)
            return nil
        case (nil, nil):
            table.reportMissing("value = \"path\" or fields = { path = \"suffix\" }")
            return nil
        default:
            return value ?? fields
        }
    }

    private static func suffixedFields(_ table: TableReader) -> [Field]? {
        guard let entries = table.texts("fields", example: "t = \"temperature\"") else { return nil }
        var suffixes: Set<String> = []
        var fields: [Field] = []
        for entry in entries {
            if !suffixes.insert(entry.text).inserted {
                table.log.error("fields: \(quoted(entry.text)) is the suffix of another path too", at: entry.keyPlace)
            }
            do {
                fields.append(Field(path: try path(entry.key), suffix: entry.text))
            } catch {
                table.log.error("fields: \(error.message)", at: entry.keyPlace)
            }
        }
        return fields
    }

    private static func time(_ table: TableReader) -> TimeField? {
        let time = table.parsed("time", example: "ts", path)
        let format = table.word("time_format", default: TimeFormat.auto)
        if !table.has("time") { table.refuse(["time_format"], because: "needs time = \"path\" beside it") }
        return time.map { TimeField(path: $0, format: format) }
    }

    private static func path(_ text: String) throws(ValueError) -> JSONPath {
        try mapping(text, JSONPath.init(parsing:))
    }
}

/// Parses with what Payloads offers.
private func mapping<Value>(
    _ text: String, _ parse: (String) throws(MappingError) -> Value
) throws(ValueError) -> Value {
    do {
        return try parse(text)
    } catch {
        throw ValueError(error)
    }
}
