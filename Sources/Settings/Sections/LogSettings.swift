/// `[log]`: how much the gateway says.
public struct LogSettings: Sendable, Hashable {
    public enum Level: String, Sendable, CaseIterable {
        case error
        case warning
        case info
        case debug
    }

    public var level: Level
}

extension LogSettings {
    init(_ table: TableReader) {
        level = table.word("level", default: .info)
    }
}
