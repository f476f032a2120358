import Platform

/// Certificates for the loopback, and who vouches for them, made by openssl.
public final class Certificates: Sendable {
    private static let openssl = "/usr/bin/openssl"

    private let directory = TemporaryDirectory()

    public func path(_ name: String) -> String { directory.path + "/" + name }

    /// "good" is for 127.0.0.1, "elsewhere" is not; both are vouched for by "ca". The keys are beside them.
    public init() throws {
        try authority("ca")
        try authority("other-ca")
        try certificate("good", for: "IP:127.0.0.1")
        try certificate("elsewhere", for: "DNS:elsewhere.example")
    }

    private func authority(_ name: String) throws {
        try run("req", "-x509", "-days", "30", "-subj", "/CN=\(name)", "-out", path("\(name).crt"), newKey: name)
    }

    /// Without days left it has expired.
    public func certificate(_ name: String, for host: String, by authority: String = "ca", days: Int = 30) throws {
        try Files.write(Array("subjectAltName=\(host)\n".utf8), to: path("\(name).ext"))
        try run("req", "-subj", "/CN=\(name)", "-out", path("\(name).csr"), newKey: name)
        try run(
            "x509", "-req", "-CA", path("\(authority).crt"), "-CAkey", path("\(authority).key"), "-CAcreateserial",
            "-days", "\(days)", "-extfile", path("\(name).ext"), "-in", path("\(name).csr"), "-out", path("\(name).crt")
        )
    }

    public func bytes(_ name: String) throws -> [UInt8] { try Files.read(path(name)) }

    private func run(_ words: String..., newKey name: String? = nil) throws {
        let key = name.map {
            ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", path("\($0).key")]
        }
        guard try ChildProcess(Self.openssl, words + (key ?? [])).wait().status == 0 else {
            throw SystemError("run", Self.openssl, code: 5)
        }
    }
}
