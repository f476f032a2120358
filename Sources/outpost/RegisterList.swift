import Exchange
import Settings

/// A list of registers as tables have them: a column for each key of a point, a row for each point.
struct RegisterList {
    private static let texts: Set = ["series", "table", "type", "order", "unit", "every"]
    private static let others: Set = [
        "address", "ref", "length", "scale", "offset", "scale_register", "bits", "writable", "min_interval", "deadband",
        "heartbeat", "max_skew",
    ]

    private let header: [String]
    private let rows: [CSVTable.Row]

    init(_ bytes: [UInt8]) throws(CSVTable.Problem) {
        let table = try CSVTable(bytes)
        header = table.header
        rows = table.rows
        let known = Self.texts.union(Self.others)
        for name in header where !known.contains(name) {
            let hint = Suggestions.closest(to: name, among: Array(known)).map { ", did you mean \"\($0)\"?" } ?? ""
            throw CSVTable.Problem(line: 1, message: "there is no key \"\(name)\"\(hint)")
        }
    }

    /// As the configuration has them.
    var blocks: String { rows.map(block).joined(separator: "\n") }

    private func block(_ row: CSVTable.Row) -> String {
        let lines = zip(header, row.cells).filter { !$1.isEmpty }.map { name, cell in
            "    \(name) = \(Self.texts.contains(name) || !Self.isPlain(cell) ? Self.quoted(cell) : cell)\n"
        }
        return "    [[modbus.device.point]]\n" + lines.joined()
    }

    /// A number, or true or false, in the words of TOML.
    private static func isPlain(_ cell: String) -> Bool {
        cell == "true" || cell == "false" || Double(cell) != nil && !cell.hasPrefix(".") && !cell.hasSuffix(".")
            || cell.hasPrefix("0x") && Int(cell.dropFirst(2), radix: 16) != nil
    }

    private static func quoted(_ cell: String) -> String {
        var text = "\""
        for scalar in cell.unicodeScalars {
            if scalar == "\"" || scalar == "\\" { text += "\\" }
            if scalar.value < 0x20 { continue }
            text.unicodeScalars.append(scalar)
        }
        return text + "\""
    }

    /// What the configuration says of each row, with its line.
    var problems: [String] {
        rows.flatMap { row in
            let text = """
                [[modbus]]
                name = "list"
                address = "tcp://127.0.0.1"
                [[modbus.device]]
                name = "device"

                """
            let loaded = Settings.load(
                "list", files: ConfigurationText(text + block(row)), environment: { _ in nil }, hostname: "here")
            return loaded.problems.map { "line \(row.line): \($0.message)" }
        }
    }
}
