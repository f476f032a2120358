/// How bad it is; kept, and told, by its name.
public enum AlarmLevel: UInt8, Sendable, CaseIterable, Comparable {
    /// It is recorded and listed: nobody is told, nothing moves, and nobody has to acknowledge it.
    case notice = 1
    case warning
    case critical
    case emergency

    /// The word in the configuration, in SQL and in JSON.
    public var name: String {
        switch self {
        case .notice: "notice"
        case .warning: "warning"
        case .critical: "critical"
        case .emergency: "emergency"
        }
    }

    public init?(name: some StringProtocol) {
        guard let level = AlarmLevel.allCases.first(where: { $0.name == name }) else { return nil }
        self = level
    }

    public static func < (left: AlarmLevel, right: AlarmLevel) -> Bool { left.rawValue < right.rawValue }
}
