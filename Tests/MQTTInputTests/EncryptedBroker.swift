import Demo
import Platform
import TestSupport

/// A broker that listens in several ways, each with a certificate of its own, and once without any for publishers.
final class EncryptedBroker {
    enum Listener: Int, CaseIterable {
        case good, elsewhere, expired, askingBack, keyed
    }

    private let certificates: Certificates
    private let broker: PrivateBroker
    private let ports = Listener.allCases.map { _ in freePort() }

    var port: Int { broker.port }
    func port(_ listener: Listener) -> Int { ports[listener.rawValue] }
    func path(_ name: String) -> String { certificates.path(name) }

    /// Names of files in quotes become paths.
    func withPaths(_ lines: String) -> String {
        var result = ""
        for (index, part) in lines.split(separator: "\"", omittingEmptySubsequences: false).enumerated() {
            let isName = index % 2 == 1 && (part.hasSuffix(".crt") || part.hasSuffix(".key"))
            result += (index == 0 ? "" : "\"") + (isName ? path(String(part)) : String(part))
        }
        return result
    }

    init() throws {
        certificates = try Certificates()
        try certificates.certificate("expired", for: "IP:127.0.0.1", days: -1)
        try certificates.certificate("own", for: "DNS:outpost")
        let path = String(certificates.path("").dropLast())
        try Files.write(Array("outpost:0123456789abcdef\n".utf8), to: path + "/psk")
        let lines = zip(Listener.allCases, ports).map { Self.lines($0, port: $1, in: path) }
        broker = try PrivateBroker(
            directory: path, additionalLines: "allow_anonymous true\n" + lines.joined(separator: "\n"))
    }

    deinit { broker.stop() }

    private static func lines(_ listener: Listener, port: Int, in path: String) -> String {
        func certificate(_ name: String) -> String {
            "cafile \(path)/ca.crt\ncertfile \(path)/\(name).crt\nkeyfile \(path)/\(name).key"
        }
        let how =
            switch listener {
            case .good: certificate("good")
            case .elsewhere: certificate("elsewhere")
            case .expired: certificate("expired")
            case .askingBack: certificate("good") + "\nrequire_certificate true"
            case .keyed: "psk_hint plant\npsk_file \(path)/psk"
            }
        return "listener \(port) 127.0.0.1\n\(how)"
    }
}
