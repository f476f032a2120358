import Demo
import Platform
import TestSupport

/// A broker that listens in several ways, each with a certificate of its own, and once without any for publishers.
final class EncryptedBroker {
    enum Listener: Int, CaseIterable {
        case good, elsewhere, expired, askingBack, keyed
    }

    private static let openssl = "/usr/bin/openssl"

    private let directory = TemporaryDirectory()
    private let broker: PrivateBroker
    private let ports = Listener.allCases.map { _ in freePort() }

    var port: Int { broker.port }
    func port(_ listener: Listener) -> Int { ports[listener.rawValue] }
    func path(_ name: String) -> String { directory.path + "/" + name }

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
        let path = directory.path
        try Self.authority("ca", in: path)
        try Self.authority("other-ca", in: path)
        try Self.certificate("good", for: "IP:127.0.0.1", days: 30, in: path)
        try Self.certificate("elsewhere", for: "DNS:elsewhere.example", days: 30, in: path)
        try Self.certificate("expired", for: "IP:127.0.0.1", days: -1, in: path)
        try Self.certificate("own", for: "DNS:outpost", days: 30, in: path)
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

    private static func authority(_ name: String, in path: String) throws {
        try run(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30", ["-subj", "/CN=\(name)"],
            "-keyout \(path)/\(name).key -out \(path)/\(name).crt")
    }

    private static func certificate(_ name: String, for host: String, days: Int, in path: String) throws {
        try Files.write(Array("subjectAltName=\(host)\n".utf8), to: path + "/\(name).ext")
        try run(
            "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes", ["-subj", "/CN=\(name)"],
            "-keyout \(path)/\(name).key -out \(path)/\(name).csr")
        try run(
            "x509 -req -CA \(path)/ca.crt -CAkey \(path)/ca.key -CAcreateserial -days \(days)",
            ["-extfile", path + "/\(name).ext"], "-in \(path)/\(name).csr -out \(path)/\(name).crt")
    }

    private static func run(_ words: String, _ more: [String], _ rest: String) throws {
        let process = try ChildProcess(
            openssl, words.split(separator: " ").map(String.init) + more + rest.split(separator: " ").map(String.init))
        guard process.wait().status == 0 else { throw SystemError("run", openssl, code: 5) }
    }
}
