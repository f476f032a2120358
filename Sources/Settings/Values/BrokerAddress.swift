/// Where an MQTT broker listens: `mqtt://host:port`.
public struct BrokerAddress: Sendable, Hashable {
    /// A name, an IPv4 address, or an IPv6 address without its brackets.
    public let host: String
    public let port: UInt16
}

extension BrokerAddress: CustomStringConvertible {
    public var description: String {
        host.contains(":") ? "mqtt://[\(host)]:\(port)" : "mqtt://\(host):\(port)"
    }
}

extension BrokerAddress {
    private static let scheme = "mqtt://"
    private static let standardPort: UInt16 = 1883

    /// Does not repeat what it cannot read: there may be a password in it.
    init(parsing text: String) throws(ValueError) {
        try Self.checkScheme(of: text)
        let authority = text.dropFirst(Self.scheme.count)
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
                offset: Self.scheme.utf8.count)
        }
        host = String(bare)
        port = try Self.port(
            authority[hostEnd...], offset: text.utf8.distance(from: text.startIndex, to: hostEnd))
    }

    private static func checkScheme(of text: String) throws(ValueError) {
        if text.hasPrefix(scheme) { return }
        if let separator = text.firstRange(of: "://") {
            throw ValueError("\(quoted(text[..<separator.upperBound])) is not supported: \"mqtt://host:port\" is")
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
            return name.hasSuffix("]") && name.contains(":")
                && name.dropFirst().dropLast().allSatisfy { $0.isPlain || $0 == ":" || $0 == "%" }
        }
        return !name.isEmpty && name.allSatisfy(\.isPlain)
    }

    private static func port(_ suffix: Substring, offset: Int) throws(ValueError) -> UInt16 {
        if suffix.isEmpty { return standardPort }
        let digits = suffix.dropFirst()
        guard suffix.hasPrefix(":"), digits.allSatisfy(\.isNumber), let port = UInt16(digits), port > 0 else {
            throw ValueError("behind the host stands nothing but \":\" and a port from 1 to 65535", offset: offset)
        }
        return port
    }
}
