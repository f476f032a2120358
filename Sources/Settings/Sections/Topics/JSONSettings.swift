import Payloads
import Readings

extension JSONMapping {
    /// Nil when it is not complete.
    init?(_ table: TableReader) {
        let each = table.parsed("each", example: "data.items") { (text) throws(ValueError) in
            text == "$" ? .root : try Self.plainPath(text)
        }
        let name = table.parsed("name", example: "id", Self.plainPath)
        let values = Self.values(table)
        let time = TimeField(table)
        let words = NumberWords(table, default: .none)
        guard let values else { return nil }
        self.init(each: each, name: name, values: values, time: time, words: words)
    }

    private static func values(_ table: TableReader) -> Values? {
        if let member = table.member("fields"), case .text(let text) = member.value.content {
            return everything(member, text, table)
        }
        table.refuse(["include", "ignore", "texts", "under"], because: "needs fields = \"*\" beside it")
        return fields(table).map { .fields($0) }
    }

    private static func everything(_ member: Table.Member, _ text: Text, _ table: TableReader) -> Values? {
        table.refuse(["value"], because: "and fields = \"*\" exclude each other")
        guard text.string == "*" else {
            table.log.error(
                "fields: a table such as { t = \"temperature\" } is expected, or \"*\" for all numbers",
                at: member.value.place)
            return nil
        }
        return .everything(
            Everything(
                include: globs("include", table), ignore: globs("ignore", table),
                texts: table.flag("texts", default: false),
                under: table.parsed("under", example: "params", plainPath) ?? .root))
    }

    private static func globs(_ key: String, _ table: TableReader) -> [SeriesGlob] {
        table.list(key, example: "[\"linkquality\", \"**/Total*\"]") { (text) throws(ValueError) in SeriesGlob(text) }
            ?? []
    }

    private static func fields(_ table: TableReader) -> [Field]? {
        let value = table.parsed("value", example: "data.value", path).map { [Field(path: $0)] }
        let fields = suffixedFields(table)
        switch (table.member("value"), table.member("fields")) {
        case (_?, let fields?):
            table.log.error("value and fields exclude each other", at: fields.keyPlace)
            return nil
        case (nil, nil):
            table.reportMissing("value = \"path\", fields = { path = \"suffix\" } or fields = \"*\"")
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

    private static func path(_ text: String) throws(ValueError) -> JSONPath {
        try mapping(text, JSONPath.init(parsing:))
    }

    /// To one value.
    fileprivate static func plainPath(_ text: String) throws(ValueError) -> JSONPath {
        let path = try path(text)
        if path.hasWildcard { throw ValueError("[*] leads to several values, where one is needed") }
        return path
    }
}

extension TimeField {
    fileprivate init?(_ table: TableReader) {
        let path = table.parsed("time", example: "ts", JSONMapping.plainPath)
        let format = table.word("time_format", default: TimeFormat.auto)
        if !table.has("time") { table.refuse(["time_format"], because: "needs time = \"path\" beside it") }
        guard let path else { return nil }
        self.init(path: path, format: format)
    }
}
