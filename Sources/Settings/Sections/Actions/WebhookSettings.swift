/// `kind = "webhook"`: a web server is told.
public struct WebhookSettings: Sendable, Hashable {
    public struct Header: Sendable, Hashable {
        public var name: String
        /// Often what lets us in.
        public var value: Secret
    }

    public var url: WebAddress
    /// What bodies are signed with.
    public var secret: Secret?
    /// In the order of the file.
    public var headers: [Header]
    public var timeout: Duration
    /// Certificates that may vouch for the server; nil: those that the system trusts.
    public var authorityFile: String?
    /// Whoever answers is taken for the server.
    public var isInsecure: Bool
}

extension WebhookSettings {
    private static let ownHeaders: Set = [
        "content-length", "host", "transfer-encoding", "connection", "x-outpost-signature", "x-outpost-timestamp",
    ]

    /// Nil when something required is missing or wrong.
    init?(_ table: TableReader) {
        let url = table.parsed(
            "url", example: "https://alarms.example.com/outpost", isRequired: true, WebAddress.init(parsing:))
        secret = table.secret("secret")
        headers = Self.headers(table)
        timeout = table.duration("timeout", default: .seconds(10), in: .milliseconds(100) ... .seconds(120))
        if url?.isEncrypted == false {
            table.refuse(["ca_file", "insecure"], because: "needs an address with https://")
        }
        authorityFile = TLSSettings.file("ca_file", example: "/etc/ssl/plant-ca.pem", table)
        isInsecure = table.flag("insecure", default: false)
        if isInsecure {
            table.log.warning(
                "insecure = true takes whoever answers for the server: for a try, not for a plant",
                at: table.place(of: "insecure"))
        }
        guard let url else { return nil }
        self.url = url
    }

    private static func headers(_ table: TableReader) -> [Header] {
        var names: Set<String> = []
        return (table.texts("headers", example: "Authorization = \"Bearer ${TOKEN}\"") ?? []).compactMap { entry in
            if let problem = problem(of: entry.key, &names) {
                table.log.error("headers: \(quoted(entry.key)) \(problem)", at: entry.keyPlace)
                return nil
            }
            return Header(name: entry.key, value: Secret(entry.text))
        }
    }

    private static func problem(of name: String, _ names: inout Set<String>) -> String? {
        let isToken = name.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
            default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
            }
        }
        if name.isEmpty || !isToken { return "cannot be the name of a header" }
        if ownHeaders.contains(name.lowercased()) { return "is set by the gateway" }
        return names.insert(name.lowercased()).inserted ? nil : "stands there twice"
    }
}
