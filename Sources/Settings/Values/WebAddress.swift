/// Where a web server listens for something: `https://host/path`. What describes it is the server alone: the path of a
/// webhook is often all that keeps others from calling it.
public struct WebAddress: Sendable, Hashable, CustomStringConvertible {
    /// As it was written.
    public let text: String
    public let isEncrypted: Bool
    public let description: String
}

extension WebAddress {
    private static let longest = 2048

    /// Does not repeat what it cannot read: there may be a password in it.
    init(parsing text: String) throws(ValueError) {
        let schemes = ["https://", "http://"]
        guard let scheme = schemes.first(where: { text.hasPrefix($0) }) else {
            throw ValueError("an address has the form \"https://host/path\" or \"http://host:port/path\"")
        }
        let unfit = text.utf8.firstIndex { !(0x21...0x7E).contains($0) || "\"<>\\^`{|}".utf8.contains($0) }
        if let unfit {
            throw ValueError(
                "this character is written %20 or the like in an address",
                offset: text.utf8.distance(from: text.startIndex, to: unfit))
        }
        guard text.utf8.count <= Self.longest else { throw ValueError("an address has \(Self.longest) bytes at most") }
        if let fragment = text.utf8.firstIndex(of: UInt8(ascii: "#")) {
            throw ValueError(
                "what stands behind \"#\" reaches no server",
                offset: text.utf8.distance(from: text.startIndex, to: fragment))
        }
        let authority = text.dropFirst(scheme.count).prefix { $0 != "/" && $0 != "?" }
        try Self.checkHost(authority, behind: scheme)
        self.text = text
        isEncrypted = scheme == "https://"
        description = scheme + authority
    }

    /// The same rules as for a broker.
    private static func checkHost(_ authority: Substring, behind scheme: String) throws(ValueError) {
        if authority.utf8.contains(UInt8(ascii: "@")) {
            throw ValueError(
                "a user does not belong into the address: set headers = { Authorization = \"...\" }",
                offset: scheme.utf8.count)
        }
        do {
            _ = try BrokerAddress(parsing: "mqtt://" + authority)
        } catch {
            throw ValueError("behind \(scheme) stands a host, with or without a port", offset: scheme.utf8.count)
        }
    }
}
