import Mosquitto
import Settings

/// What every connection to a broker of the configuration begins with.
extension Client {
    /// Who we are, and how it is encrypted. Before `connect`.
    public func prepare(_ settings: MQTTSettings) throws(MQTTError) {
        if let username = settings.username {
            setCredentials(username: username, password: settings.password?.reveal())
        }
        if let tls = settings.tls { try encrypt(Encryption(tls)) }
    }
}

extension MQTTSettings {
    /// To try first.
    public var firstVersion: ProtocolVersion { protocolVersion == .v311 ? .v311 : .v5 }
}

extension Encryption {
    init(_ settings: TLSSettings) {
        if let shared = settings.preSharedKey {
            self = .sharedKey(identity: shared.identity, key: shared.key.reveal())
            return
        }
        let own = settings.certificateFile.flatMap { certificate in settings.keyFile.map { (certificate, $0) } }
        self = .certificates(authority: settings.authorityFile, own: own, checksBroker: !settings.isInsecure)
    }
}
