/// `[gateway]`: which one this is, and where it keeps its data.
public struct GatewaySettings: Sendable, Hashable {
    public var id: String
    /// The data directory, as written.
    public var data: String
    /// As it was written; nil: that of the machine.
    public var timeZone: String?
}

extension GatewaySettings {
    init(_ table: TableReader, hostname: String) {
        id = Self.id(table, hostname: hostname)
        data = table.text("data", example: "/var/lib/outpost") ?? "/var/lib/outpost"
        timeZone = table.parsed("time_zone", example: "Europe/Berlin", Self.zone)
        guard let timeZone else { return }
        do throws(FileProblem) { _ = try table.files.read("/usr/share/zoneinfo/" + timeZone, limit: 1 << 20) } catch {
            // One that says its own rules is in no file.
            if Self.hasDigit(timeZone) { return }
            table.log.warning(
                "time_zone: this machine knows no \(quoted(timeZone)): UTC is taken; are names as in timedatectl list-timezones meant, and is tzdata installed?",
                at: table.place(of: "time_zone"))
        }
    }

    private static func hasDigit(_ text: String) -> Bool { text.utf8.contains { (48...57).contains($0) } }

    /// A name such as Europe/Berlin, or rules such as CET-1CEST,M3.5.0,M10.5.0/3.
    private static func zone(_ text: String) throws(ValueError) -> String {
        let others = Array("/_+-,.:<>".utf8)
        let isPlain = text.utf8.allSatisfy { byte in
            (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || others.contains(byte)
        }
        guard isPlain, let first = text.utf8.first, first != others[0], !text.hasPrefix("."), text.utf8.count <= 100
        else {
            throw ValueError(
                "a time zone is named as in Europe/Berlin, or by its rules as in CET-1CEST,M3.5.0,M10.5.0/3")
        }
        return text
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
