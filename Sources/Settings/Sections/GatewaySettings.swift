/// `[gateway]`: which one this is, and where it keeps its data.
public struct GatewaySettings: Sendable, Hashable {
    public var id: String
    /// The data directory, as written.
    public var data: String
}

extension GatewaySettings {
    init(_ table: TableReader, hostname: String) {
        id = Self.id(table, hostname: hostname)
        data = table.text("data", example: "/var/lib/outpost") ?? "/var/lib/outpost"
    }

    private static func id(_ table: TableReader, hostname: String) -> String {
        let id = table.parsed("id", example: "press-hall", Identifier.check)
        if id == nil, !table.has("id"), !Identifier.isValid(hostname) {
            table.log.error(
                "the host's name \(quoted(hostname)) cannot be the gateway's: set id in [gateway] (\(Identifier.rule))",
                at: table.place)
        }
        return id ?? hostname
    }
}
