/// `[mqtt.tls]`: how an encrypted connection to a broker is made.
public struct TLSSettings: Sendable, Hashable {
    /// What both sides know, in place of certificates.
    public struct PreSharedKey: Sendable, Hashable {
        public var identity: String
        /// In hexadecimal digits.
        public var key: Secret
    }

    /// Certificates that may vouch for the broker; nil: those that the system trusts.
    public var authorityFile: String?
    /// Our own certificate and its key.
    public var certificateFile: String?
    public var keyFile: String?
    public var preSharedKey: PreSharedKey?
    /// Whoever answers is taken for the broker.
    public var isInsecure: Bool
}

extension TLSSettings {
    private static let keys = ["ca_file", "cert_file", "key_file", "psk_identity", "psk", "psk_file", "insecure"]
    private static let longestFile = 1 << 20

    /// `isEncrypted` is nil while the address is not known.
    init(_ table: TableReader, isEncrypted: Bool?) {
        if isEncrypted == false { table.refuse(Self.keys, because: "needs a broker with mqtts://") }
        authorityFile = Self.file("ca_file", example: "/etc/ssl/plant-ca.pem", table)
        certificateFile = Self.file("cert_file", example: "outpost.crt", table)
        keyFile = Self.file("key_file", example: "outpost.key", table)
        let identity = table.text("psk_identity", example: "outpost")
        let key = table.secret("psk")
        preSharedKey = identity.flatMap { identity in key.map { PreSharedKey(identity: identity, key: $0) } }
        isInsecure = table.flag("insecure", default: false)
        check(table, key)
    }

    private func check(_ table: TableReader, _ key: Secret?) {
        if table.has("cert_file") != table.has("key_file") {
            let (there, missing) = table.has("cert_file") ? ("cert_file", "key_file") : ("key_file", "cert_file")
            table.log.error("\(there) needs \(missing) beside it", at: table.place(of: there))
        }
        let hasKey = table.has("psk") || table.has("psk_file")
        if table.has("psk_identity") != hasKey {
            let there = hasKey ? (table.has("psk") ? "psk" : "psk_file") : "psk_identity"
            table.log.error("psk_identity and psk_file belong together", at: table.place(of: there))
        }
        if let key, !Self.isHexadecimal(key.reveal()) {
            let place = table.place(of: table.has("psk") ? "psk" : "psk_file")
            table.log.error("a pre-shared key is written in hexadecimal digits, two for each byte", at: place)
        }
        if hasKey { table.refuse(["ca_file", "cert_file", "key_file"], because: "does not go with a pre-shared key") }
        if isInsecure {
            table.log.warning(
                "insecure = true takes whoever answers for the broker: for a try, not for a plant",
                at: table.place(of: "insecure"))
        }
    }

    private static func isHexadecimal(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count % 2 == 0
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x46, 0x61...0x66: true
                default: false
                }
            }
    }

    /// A file that can be read now; relative to the one that names it.
    static func file(_ key: String, example: String, _ table: TableReader) -> String? {
        guard let path = table.text(key, example: example), let member = table.member(key) else { return nil }
        let resolved = FilePath.resolve(path, relativeToFile: member.value.place.file)
        do throws(FileProblem) {
            _ = try table.files.read(resolved, limit: longestFile)
        } catch {
            table.log.error(
                "\(key): \(error.explain(resolved, limit: "certificates have 1 MiB"))", at: member.value.place)
        }
        return resolved
    }
}
