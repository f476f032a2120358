import Payloads

extension CSVMapping {
    /// Nil when it is not complete.
    init?(_ table: TableReader) {
        let columns = table.list("columns", example: "[\"time\", \"temperature\"]", allowsEmpty: true) {
            (text) throws(ValueError) in Self.column(text)
        }
        let separator = table.word("separator", default: Separator.comma)
        let timeFormat = table.word("time_format", default: TimeFormat.auto)
        let texts = table.flag("texts", default: false)
        guard let columns else {
            if !table.has("columns") { table.reportMissing("columns = [\"time\", \"temperature\"]") }
            return nil
        }
        Self.check(columns, table)
        self.init(columns: columns, separator: separator, timeFormat: timeFormat, texts: texts)
    }

    private static func column(_ text: String) -> Column {
        switch text {
        case "": .skipped
        case "time": .time
        default: .value(text)
        }
    }

    private static func check(_ columns: [Column], _ table: TableReader) {
        func report(_ message: String) { table.log.error("columns: \(message)", at: table.place(of: "columns")) }
        let named = columns.filter { $0 != .skipped }
        if Set(named).count < named.count { report("two columns have the same name") }
        let values = columns.count { if case .value = $0 { true } else { false } }
        if values == 0, !columns.isEmpty { report("none of them is a value") }
        if columns.count > 4096 { report("there are 4096 at most") }
        if !columns.contains(.time) {
            table.refuse(["time_format"], because: "needs a column \"time\"")
        }
    }
}
