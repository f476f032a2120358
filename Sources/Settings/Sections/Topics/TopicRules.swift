import Payloads

extension ReadingRules {
    private static let longestSkew = Duration.seconds(100 * 365 * 86_400)
    /// Devices keep what they measured while they were cut off, and people play old data again: that may be years
    /// old. A clock that starts in 1970 is further off.
    private static let defaultSkew = Duration.seconds(10 * 365 * 86_400)

    init(_ table: TableReader) {
        self.init(
            scale: table.number("scale", example: "0.1") ?? 1, offset: table.number("offset", example: "-40") ?? 0,
            valid: table.numberRange("valid", example: "[0, 120]"), maxSkew: Self.maxSkew(table)?.microseconds)
        if scale == 0 { table.log.error("scale = 0 leaves nothing of a number", at: table.place(of: "scale")) }
    }

    /// Nil: every time is believed.
    private static func maxSkew(_ table: TableReader) -> Duration? {
        guard let member = table.member("max_skew") else { return defaultSkew }
        if case .text(let text) = member.value.content, text.string == "off" { return nil }
        return table.duration(of: member, example: defaultSkew, in: .seconds(1)...longestSkew)
    }
}

extension StoreRule {
    private static let heartbeats = Duration.milliseconds(100) ... .seconds(31 * 86_400)
    private static let defaultHeartbeat = Duration.seconds(15 * 60)

    /// Nil where every reading is to be stored.
    init?(_ table: TableReader) {
        let deadband = table.number("deadband", example: "0.5")
        let interval = table.member("min_interval").flatMap { member in
            table.duration(of: member, example: .seconds(10), in: .milliseconds(1) ... .seconds(86_400))
        }
        let heartbeat = table.member("heartbeat").flatMap { member in
            table.duration(of: member, example: Self.defaultHeartbeat, in: Self.heartbeats)
        }
        if let deadband, deadband < 0 {
            table.log.error("deadband: 0 or more is expected", at: table.place(of: "deadband"))
        }
        guard table.has("deadband") else {
            table.refuse(["heartbeat"], because: "needs deadband beside it")
            guard let interval else { return nil }
            self.init(silence: interval.microseconds)
            return
        }
        if table.has("heartbeat") {
            table.refuse(["min_interval"], because: "says nothing beside deadband and heartbeat")
        }
        let silence = heartbeat ?? interval.map { $0 * 10 } ?? Self.defaultHeartbeat
        self.init(deadband: deadband ?? 0, silence: silence.microseconds)
    }
}

extension Duration {
    fileprivate var microseconds: Int64 {
        components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000
    }
}
