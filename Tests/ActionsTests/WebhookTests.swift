import Alarms
import Glibc
import HTTPClient
import Platform
import TestSupport
import Testing

@testable import Actions

/// The server of hook.py, with or without encryption.
private final class HookServer {
    private let directory = TemporaryDirectory()
    private let process: ChildProcess
    let port: Int

    struct Seen: Equatable {
        var path: String
        var peer: String
        var isSigned: Bool
        var line: String
    }

    init(certificate: String? = nil, key: String? = nil) throws {
        let script = "\(#filePath)".split(separator: "/").dropLast().map { "/" + $0 }.joined() + "/hook.py"
        let files = certificate.flatMap { certificate in key.map { [certificate, $0] } } ?? []
        process = try ChildProcess("/usr/bin/python3", [script, directory.path] + files)
        let path = directory.path + "/port"
        var port: Int?
        guard
            eventually({
                port = (try? Files.read(path)).flatMap { Int(String(decoding: $0, as: UTF8.self)) }
                return port != nil
            }), let port
        else { throw SystemError("start", script, code: 5) }
        self.port = port
    }

    deinit { stop() }

    func stop() { _ = process.stop(signal: SIGKILL) }

    /// Lets go of what hangs.
    func go() throws { try Files.write([], to: directory.path + "/go") }

    /// What it was sent, a line of JSON each.
    var lines: [String] {
        let bytes = (try? Files.read(directory.path + "/requests")) ?? []
        return bytes.split(separator: 10).map { String(decoding: $0, as: UTF8.self) }
    }

    func lines(holding text: String) -> [String] { lines.filter { $0.contains(text) } }

    /// One value each that stands behind a key.
    func values(_ key: String) -> [String] {
        lines.compactMap { line in
            line.range(of: "\"\(key)\": ").map { range in
                String(line[range.upperBound...].prefix { !",}".contains($0) })
            }
        }
    }
}

extension String {
    fileprivate func range(of text: String) -> Range<Index>? {
        for start in indices where self[start...].hasPrefix(text) {
            return start..<index(start, offsetBy: text.count)
        }
        return nil
    }
}

@Suite struct WebhookTests {
    private func section(_ server: HookServer, _ path: String, scheme: String = "http", lines: String = "") -> String {
        """
        [[action]]
        name = "\(path.split { !$0.isLetter }[0])"
        kind = "webhook"
        url = "\(scheme)://127.0.0.1:\(server.port)\(path)"
        \(lines)

        """
    }

    private func bench(
        _ server: HookServer, _ path: String, scheme: String = "http", lines: String = ""
    ) throws -> ActionBench {
        try ActionBench(section(server, path, scheme: scheme, lines: lines))
    }

    @Test func aSignedMessageArrivesEncrypted() throws {
        let certificates = try Certificates()
        let server = try HookServer(certificate: certificates.path("good.crt"), key: certificates.path("good.key"))
        let bench = try bench(
            server, "/ok?site=1", scheme: "https",
            lines: """
                secret = "s3cret"
                headers = { Authorization = "Bearer abc", X-Empty = " " }
                ca_file = "\(certificates.path("ca.crt"))"
                """)
        for number in 1...5 as ClosedRange<Int64> { bench.submit(event(number, message: "too \"high\" \u{1F525}")) }
        #expect(eventually { bench.reports.count(.done) == 5 })
        #expect(server.values("signed") == Array(repeating: "true", count: 5))
        #expect(server.lines[0].contains("\"path\": \"/ok?site=1\""))
        #expect(server.lines[0].contains("\"authorization\": \"Bearer abc\""))
        #expect(server.lines[0].contains("\"content-type\": \"application/json\""))
        #expect(server.lines[0].contains("\\\"sequence\\\":1,"))
        // One alarm, so one after the other: the connection is kept.
        #expect(Set(server.values("peer")).count == 1)
        #expect(bench.stop())
    }

    @Test func withAnotherSecretItIsNotOurs() throws {
        let server = try HookServer()
        let bench = try bench(server, "/ok", lines: "secret = \"other\"")
        bench.submit(event())
        #expect(eventually { bench.reports.outcome(1) == .done })
        #expect(server.values("signed") == ["false"])
        #expect(bench.stop())
    }

    @Test func whatFailsForAMomentIsSaidAgain() throws {
        let server = try HookServer()
        let bench = try bench(server, "/fail/503/1")
        bench.submit(event())
        #expect(eventually { bench.reports.outcome(1) == .done })
        #expect(bench.reports.rows[0].report.attempts == 2)
        #expect(bench.scene.logged("http://127.0.0.1:\(server.port) answers 503: not now"))
        #expect(server.lines.count == 2)
        #expect(bench.stop())
    }

    @Test(arguments: [400, 401, 404, 422]) func aNoIsANo(status: Int) throws {
        let server = try HookServer()
        let bench = try bench(server, "/status/\(status)")
        bench.submit(event())
        #expect(eventually { bench.reports.rows.count == 1 })
        // Nothing in it reaches a terminal.
        #expect(
            bench.reports.reason(1) == "http://127.0.0.1:\(server.port) answers \(status): no \u{FFFD}[31mway")
        #expect(server.lines.count == 1)
        #expect(bench.stop())
    }

    @Test(arguments: [408, 429, 500, 599]) func aPerhapsIsTriedAgain(status: Int) throws {
        let server = try HookServer()
        let bench = try bench(server, "/status/\(status)")
        bench.submit(event())
        #expect(eventually { bench.detail("action/status").hasPrefix("degraded http://127.0.0.1:") })
        // It waits for its next attempt.
        #expect(bench.reports.rows.isEmpty)
        #expect(bench.stop())
    }

    @Test func redirectsAreNotFollowed() throws {
        let server = try HookServer()
        let bench = try bench(server, "/redirect")
        bench.submit(event())
        #expect(eventually { bench.reports.rows.count == 1 })
        #expect(bench.reports.reason(1).hasSuffix("answers 302; redirects are not followed"))
        #expect(server.lines.count == 1)
        #expect(bench.stop())
    }

    /// The status says yes: what follows is of no interest, however long it is or takes.
    @Test(arguments: ["/large", "/drip"]) func theStatusIsTheAnswer(path: String) throws {
        let server = try HookServer()
        let bench = try bench(server, path, lines: "timeout = \"1s\"")
        bench.submit(event())
        #expect(eventually { bench.reports.outcome(1) == .done })
        #expect(server.lines.count == 1)
        #expect(bench.stop())
    }

    @Test func whatHangsIsGivenUpAndTriedAgain() throws {
        let server = try HookServer()
        let bench = try bench(server, "/hang", lines: "timeout = \"300ms\"")
        bench.submit(event())
        #expect(eventually { bench.detail("action/hang").hasPrefix("degraded") })
        #expect(bench.detail("action/hang").contains("timed out"), "\(bench.detail("action/hang"))")
        try server.go()
        #expect(eventually { bench.reports.outcome(1) == .done })
        #expect(bench.stop())
    }

    /// One of its two threads hangs; the other goes on, and so do other actions.
    @Test func whatHangsHoldsUpNoOther() throws {
        let server = try HookServer()
        let bench = try ActionBench(
            section(server, "/warning") + "[[action]]\nname = \"siren\"\nkind = \"command\"\ncommand = [\"/bin/true\"]")
        bench.submit(event(1, "a", level: .warning))
        #expect(eventually { !server.lines.isEmpty })
        for number in 2...10 as ClosedRange<Int64> { bench.submit(event(number, "b")) }
        #expect(eventually { bench.reports.count(.done) == 19 })
        #expect(!bench.reports.rows.contains { $0.report.number == 1 && $0.report.action == "warning" })
        try server.go()
        #expect(eventually { bench.reports.count(.done) == 20 })
        #expect(bench.stop())
    }

    @Test func manyAtOnceAllArrive() throws {
        let server = try HookServer()
        let bench = try bench(server, "/ok")
        for number in 1...1000 as ClosedRange<Int64> { bench.submit(event(number, "alarm-\(number % 40)")) }
        #expect(eventually(within: 60) { bench.reports.count(.done) == 1000 })
        #expect(server.lines.count == 1000)
        // Two threads, and a connection each.
        #expect(Set(server.values("peer")).count <= 2)
        #expect(bench.stop())
    }

    /// What hangs then is not reported: it is done after the next start.
    @Test func itEndsWhileTheServerHangs() throws {
        let server = try HookServer()
        let bench = try bench(server, "/hang", lines: "timeout = \"2m\"")
        bench.submit(event())
        #expect(eventually { !server.lines.isEmpty })
        #expect(bench.stop())
        #expect(bench.reports.rows.isEmpty)
    }

    @Test func aServerThatIsNotThereIsReported() throws {
        let server = try HookServer()
        server.stop()
        let bench = try bench(server, "/secret-path", lines: "retry_for = \"0s\"")
        bench.submit(event())
        #expect(eventually { bench.reports.rows.count == 1 })
        let reason = bench.reports.reason(1)
        #expect(reason.contains("Couldn't connect to server") || reason.contains("Could not connect"), "\(reason)")
        // The path may be all that keeps others out.
        #expect(!reason.contains("secret-path"))
        #expect(bench.stop())
    }

    @Test(arguments: [
        ("good", "other-ca", "certificate is refused: "), ("good", "", "certificate is refused: "),
        ("elsewhere", "ca", "certificate is refused: "),
    ])
    func aStrangerIsNotTold(server name: String, authority: String, problem: String) throws {
        let certificates = try Certificates()
        let server = try HookServer(
            certificate: certificates.path("\(name).crt"), key: certificates.path("\(name).key"))
        let trusted = authority.isEmpty ? "" : "ca_file = \"\(certificates.path("\(authority).crt"))\""
        let bench = try bench(server, "/ok", scheme: "https", lines: "retry_for = \"0s\"\n\(trusted)")
        bench.submit(event())
        #expect(eventually { bench.reports.rows.count == 1 })
        #expect(bench.reports.reason(1).contains(problem), "\(bench.reports.reason(1))")
        #expect(server.lines.isEmpty)
        #expect(bench.stop())
    }

    @Test func whoeverAnswersIsTakenWhereThatIsWanted() throws {
        let certificates = try Certificates()
        let server = try HookServer(
            certificate: certificates.path("elsewhere.crt"), key: certificates.path("elsewhere.key"))
        let bench = try bench(server, "/ok", scheme: "https", lines: "insecure = true")
        bench.submit(event())
        #expect(eventually { bench.reports.outcome(1) == .done })
        #expect(bench.stop())
    }
}

@Suite struct MessageSignatureTests {
    /// RFC 4231.
    @Test(arguments: [
        ("Jefe", "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        (
            String(repeating: "\u{B}", count: 20), "Hi There",
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        ("", "", "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"),
    ])
    func isTheKnownOne(secret: String, message: String, code: String) {
        #expect(MessageSignature.hexadecimal(of: Array(message.utf8), secret: secret) == code)
    }
}
