/// What stands in the lines of a payload, field by field.
public struct CSVMapping: Sendable, Hashable {
    public enum Column: Sendable, Hashable {
        case skipped
        case time
        /// With the level that it adds to the series' name.
        case value(String)
    }

    public enum Separator: String, Sendable, CaseIterable {
        case comma = ","
        case semicolon = ";"
        case bar = "|"
        case space = " "
        case tab

        var byte: UInt8 { self == .tab ? UInt8(ascii: "\t") : rawValue.utf8.first! }
    }

    public var columns: [Column]
    public var separator: Separator
    public var timeFormat: TimeFormat
    /// What is no number is a state.
    public var texts: Bool

    public init(
        columns: [Column], separator: Separator = .comma, timeFormat: TimeFormat = .auto, texts: Bool = false
    ) {
        self.columns = columns
        self.separator = separator
        self.timeFormat = timeFormat
        self.texts = texts
    }

    var names: [String] {
        columns.compactMap { if case .value(let name) = $0 { name } else { nil } }
    }
}
