/// Hands out the values of one table by key, typed and checked. What is wrong goes to the log, and the caller gets the
/// default or nil and goes on, so that one loading finds every problem. Whatever nobody asked for by the end is
/// an unknown key.
///
/// Lives only inside of `read`, which a section's initializer is handed to.
final class TableReader {
    /// As it is written in the file, such as `[[mqtt]]`; nil for the top of the file.
    private let header: String?
    private let table: Table
    /// The table's header.
    let place: Place
    let log: ProblemLog
    let files: any SettingsFiles
    /// In the order of asking, for hints.
    private var known: [String] = []

    private init(_ table: Table, header: String?, place: Place, log: ProblemLog, files: any SettingsFiles) {
        self.table = table
        self.header = header
        self.place = place
        self.log = log
        self.files = files
    }

    static func readRoot<Result>(
        _ table: Table, place: Place, log: ProblemLog, files: any SettingsFiles, _ read: (TableReader) -> Result
    ) -> Result {
        TableReader(table, header: nil, place: place, log: log, files: files).finish(read)
    }

    private func finish<Result>(_ read: (TableReader) -> Result) -> Result {
        let result = read(self)
        reportUnknownKeys()
        return result
    }

    private func reportUnknownKeys() {
        let names = Set(known)
        for member in table.members where !names.contains(member.key) {
            let hint = Suggestions.hint(for: member.key, among: known)
            let location = header.map { "in \($0)" } ?? "at the top of the file"
            log.error("unknown key \(quoted(member.key)) \(location)\(hint)", at: member.keyPlace)
        }
    }

    // MARK: - Keys

    /// The member under a key, which is a known key from then on.
    func member(_ key: String) -> Table.Member? {
        if !known.contains(key) { known.append(key) }
        return table[key]
    }

    /// Which keys belong here is open.
    func ignoreUnknownKeys() { known += table.members.map(\.key) }

    /// In the order of the file.
    var members: [Table.Member] { table.members }

    func has(_ key: String) -> Bool { member(key) != nil }

    /// The place of a key's value; the header when it is not there.
    func place(of key: String) -> Place { table[key]?.value.place ?? place }

    /// The keys exist, but not beside what else this table says.
    func refuse(_ keys: [String], because reason: String) {
        for key in keys {
            if let member = member(key) { log.error("\(key) \(reason)", at: member.keyPlace) }
        }
    }

    func reportMissing(_ needed: String) {
        log.error("\(header ?? "the file") needs \(needed)", at: place)
    }

    // MARK: - Tables

    /// `[key]`; an empty one when the file has none.
    func table<Result>(_ key: String, _ read: (TableReader) -> Result) -> Result {
        let member = member(key)
        var table = Table()
        if let member {
            if case .table(let found) = member.value.content {
                table = found
            } else {
                reportType(of: member, expected: "a table", example: "[\(path(to: key))]")
            }
        }
        return reader(table, header: "[\(path(to: key))]", place: member?.value.place ?? place).finish(read)
    }

    /// Every `[[key]]`, in order.
    func tables<Result>(_ key: String, isRequired: Bool = false, _ read: (TableReader) -> Result) -> [Result] {
        let member = member(key)
        let header = "[[\(path(to: key))]]"
        guard let tables = member.map(\.value.tables) ?? [] else {
            if let member { reportType(of: member, expected: "an array of tables", example: header) }
            return []
        }
        if isRequired, tables.isEmpty { reportMissing("at least one \(header)") }
        return tables.map { reader($0.table, header: header, place: $0.place).finish(read) }
    }

    /// Another table, read as if it stood here.
    func inPlace<Result>(of other: Table, _ read: (TableReader) -> Result) -> Result {
        TableReader(other, header: header, place: place, log: log, files: files).finish(read)
    }

    private func reader(_ table: Table, header: String, place: Place) -> TableReader {
        TableReader(table, header: header, place: place, log: log, files: files)
    }

    private func path(to key: String) -> String {
        guard let header else { return key }
        return header.filter { $0 != "[" && $0 != "]" } + "." + key
    }

    // MARK: - Reporting

    func report(_ error: ValueError, in text: Text, of member: Table.Member) {
        let place = error.offset.map { member.value.place(ofByte: $0, in: text) } ?? member.value.place
        log.error("\(member.label): \(error.message)", at: place)
    }

    func text(of member: Table.Member, expected: String, example: String) -> Text? {
        if case .text(let text) = member.value.content { return text }
        reportType(of: member, expected: expected, example: example)
        return nil
    }

    func reportType(of member: Table.Member, expected: String, example: String) {
        if case .reported = member.value.content { return }
        log.error(
            "\(member.label): \(expected) such as \(example) is expected, not \(member.value.kind)",
            at: member.value.place)
    }
}
