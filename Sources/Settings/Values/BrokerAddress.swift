/// Where an MQTT broker listens: `mqtt://host:port`, `mqtts://host:port` for an encrypted connection, or
/// `unix:///path` for a socket of this machine.
public struct BrokerAddress: Sendable, Hashable {
    public let isEncrypted: Bool
    /// A name, an IPv4 address, an IPv6 address without its brackets, or the path of a socket.
    public let host: String
    /// 0 for a socket of this machine.
    public let port: UInt16
}

extension BrokerAddress: CustomStringConvertible {
    public var description: String {
        if port == 0 { return Self.local + host }
        let scheme = isEncrypted ? Self.encrypted : Self.plain
        return host.utf8.contains(UInt8(ascii: ":")) ? "\(scheme)[\(host)]:\(port)" : "\(scheme)\(host):\(port)"
    }
}

extension BrokerAddress {
    private static let plain = "mqtt://"
    private static let encrypted = "mqtts://"
    private static let local = "unix://"
    /// What the system takes.
    private static let longestPath = 107
    private static func standardPort(isEncrypted: Bool) -> UInt16 { isEncrypted ? 8883 : 1883 }

    /// Does not repeat what it cannot read: there may be a password in it.
    init(parsing text: String) throws(ValueError) {
        if text.hasPrefix(Self.local) {
            host = try Self.path(String(text.dropFirst(Self.local.count)))
            port = 0
            isEncrypted = false
            return
        }
        isEncrypted = try Self.scheme(of: text) == Self.encrypted
        let schemeBytes = (isEncrypted ? Self.encrypted : Self.plain).utf8.count
        let authority = text.dropFirst(schemeBytes)
        if let at = authority.lastIndex(of: "@") {
            throw ValueError(
                "a user does not belong into the address: set username and password_file",
                offset: text.utf8.distance(from: text.startIndex, to: at))
        }
        let hostEnd = Self.endOfHost(authority)
        let name = authority[..<hostEnd]
        let bare = name.hasPrefix("[") ? name.dropFirst().dropLast() : name
        guard Self.isHost(name) else {
            throw ValueError(
                "a host is a name or an address, an IPv6 address in brackets: \"mqtt://[::1]:1883\"",
                offset: schemeBytes)
        }
        host = String(bare)
        port =
            try Self.port(
                authority[hostEnd...], offset: text.utf8.distance(from: text.startIndex, to: hostEnd))
            ?? Self.standardPort(isEncrypted: isEncrypted)
    }

    private static func path(_ path: String) throws(ValueError) -> String {
        guard path.hasPrefix("/"), path.utf8.count > 1, path.utf8.count <= longestPath else {
            throw ValueError(
                "a socket is a full path of up to \(longestPath) bytes: \"unix:///run/mosquitto/mosquitto.sock\"",
                offset: local.utf8.count)
        }
        return path
    }

    private static func scheme(of text: String) throws(ValueError) -> String {
        for scheme in [plain, encrypted] where text.hasPrefix(scheme) { return scheme }
        if let separator = text.indices.first(where: { text[$0...].hasPrefix("://") }) {
            throw ValueError(
                "\(quoted(text[..<text.index(separator, offsetBy: 3)])) is not supported: \"mqtt://host:port\", \"mqtts://host:port\" and \"unix:///path\" are"
            )
        }
        throw ValueError("an address has the form \"mqtt://host:port\"")
    }

    private static func endOfHost(_ authority: Substring) -> Substring.Index {
        if authority.hasPrefix("["), let close = authority.firstIndex(of: "]") {
            return authority.index(after: close)
        }
        return authority.firstIndex(of: ":") ?? authority.endIndex
    }

    private static func isHost(_ name: Substring) -> Bool {
        if name.hasPrefix("[") {
            // The zone of a link-local address, as in fe80::1%eth0, may hold any letter.
            return name.hasSuffix("]") && name.utf8.contains(UInt8(ascii: ":"))
                && name.dropFirst().dropLast().allSatisfy { $0.isPlain || $0 == ":" || $0 == "%" }
        }
        return !name.isEmpty && name.allSatisfy(\.isPlain)
    }

    private static func port(_ suffix: Substring, offset: Int) throws(ValueError) -> UInt16? {
        if suffix.isEmpty { return nil }
        let digits = suffix.dropFirst()
        guard suffix.hasPrefix(":"), digits.allSatisfy(\.isNumber), let port = UInt16(digits), port > 0 else {
            throw ValueError("behind the host stands nothing but \":\" and a port from 1 to 65535", offset: offset)
        }
        return port
    }
}
