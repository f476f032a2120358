/// How bad it is. Stored as its raw value: never renumber.
public enum AlarmLevel: UInt8, Sendable, CaseIterable, Comparable {
    case warning = 1
    case critical = 2
    case emergency = 3

    /// The word in the configuration, in SQL and in JSON.
    public var name: String {
        switch self {
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
