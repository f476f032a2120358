/// `[[mqtt]]`: a connection to a broker.
public struct MQTTSettings: Sendable, Hashable {
    public var name: String
    public var broker: BrokerAddress
    /// Nil where the connection is not encrypted.
    public var tls: TLSSettings?
    public var username: String?
    public var password: Secret?
    public var clientID: String
    public var keepalive: Duration
    public var protocolVersion: MQTTProtocol
    /// How long the broker keeps what comes while we are away; nil: as long as it will. MQTT 3.1.1 has no word for it.
    public var sessionExpiry: Duration?
    /// In bytes; a longer payload is refused.
    public var maxPayload: Int
    /// Where the broker is told whether this gateway is there; nil: nowhere.
    public var status: Status?
    public var topics: [TopicSettings]

    public struct Status: Sendable, Hashable {
        public var topic: String
        public var gatewayID: String
    }
}

/// Which MQTT to speak.
public enum MQTTProtocol: String, Sendable, CaseIterable {
    /// 5, or 3.1.1 with a broker that knows no other.
    case automatic = "auto"
    case v5 = "5"
    case v311 = "3.1.1"
}

extension MQTTSettings {
    /// Nil when something required is missing or wrong.
    init?(_ table: TableReader, gatewayID: String) {
        let name = table.parsed("name", example: "plant", isRequired: true, Identifier.check)
        let broker = table.parsed(
            "broker", example: "mqtt://127.0.0.1:1883", isRequired: true, BrokerAddress.init(parsing:))
        let tls = table.table("tls") { TLSSettings($0, isEncrypted: broker?.isEncrypted) }
        self.tls = broker?.isEncrypted == true ? tls : nil
        username = table.text("username", example: "outpost")
        password = table.secret("password")
        clientID = table.text("client_id", example: "outpost-1") ?? "outpost-\(gatewayID)-\(name ?? "")"
        keepalive = table.duration("keepalive", default: .seconds(30), in: .seconds(10) ... .seconds(3600))
        protocolVersion = table.word("protocol", default: MQTTProtocol.automatic)
        sessionExpiry = Self.sessionExpiry(table)
        maxPayload = table.size("max_payload", default: 256 << 10, in: 1...(16 << 20))
        status =
            table.flag("status", default: true)
            ? Status(topic: "outpost/\(gatewayID)/status", gatewayID: gatewayID) : nil
        topics = table.tables("topic", isRequired: true, TopicSettings.read(_:)).flatMap(\.self)
        Self.checkUsername(table)
        guard let name, let broker else { return nil }
        self.name = name
        self.broker = broker
    }

    private static func sessionExpiry(_ table: TableReader) -> Duration? {
        guard let member = table.member("session_expiry") else { return nil }
        if case .text(let text) = member.value.content, text.string == "never" { return nil }
        return table.duration(
            of: member, example: .seconds(7 * 86_400), in: .seconds(60) ... .seconds(100 * 365 * 86_400))
    }

    private static func checkUsername(_ table: TableReader) {
        for key in ["password", "password_file"] where table.has(key) && !table.has("username") {
            table.log.error("\(key) needs a username: without one MQTT carries no password", at: table.place(of: key))
        }
    }
}

/// What no two connections may share.
struct ConnectionRules {
    private struct Session: Hashable {
        let broker: BrokerAddress
        let clientID: String
    }

    private var names: [String: Place] = [:]
    private var sessions: [Session: Place] = [:]

    mutating func check(_ connection: MQTTSettings, _ table: TableReader) {
        let namePlace = table.place(of: "name")
        if let other = names.updateValue(namePlace, forKey: connection.name) {
            table.log.error("name: \"\(connection.name)\" is the name of the connection at \(other) too", at: namePlace)
        }
        let session = Session(broker: connection.broker, clientID: connection.clientID)
        if let other = sessions.updateValue(table.place, forKey: session) {
            table.log.error(
                "the connection at \(other) has the same broker and client_id: each would end the other",
                at: table.place(of: "client_id"))
        }
    }
}
