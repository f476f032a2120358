/// Something that was done to the world, or tried, and who wanted it. Texts of others' making keep their beginning: the
/// table has so many rows, and must not grow by their length.
public struct AuditEntry: Sendable, Hashable {
    private static let longest = 256

    /// In microseconds since 1970.
    public var time: Int64
    /// Such as "modbus write".
    public var action: String
    /// What it was done to: a name, which has a limit of its own.
    public var target: String
    public var value: String
    public var by: String
    /// What became of it, for people.
    public var outcome: String

    public init(time: Int64, action: String, target: String, value: String, by: String, outcome: String) {
        self.time = time
        self.action = action
        self.target = target
        self.value = Self.beginning(value)
        self.by = Self.beginning(by)
        self.outcome = Self.beginning(outcome)
    }

    private static func beginning(_ text: String) -> String {
        let scalars = text.unicodeScalars
        return scalars.count <= longest ? text : String(scalars.prefix(longest)) + "..."
    }
}
