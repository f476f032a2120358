import HTTPClient
import Platform
import TestSupport
import Testing

@testable import HTTPServer

@Suite("A web server") struct WebServerTests {
    private let echo = Echo()

    private func post(
        _ server: HTTPServer, _ path: String = "/", _ body: [UInt8] = [], scheme: String = "http",
        change: (inout HTTPRequest) -> Void = { _ in }
    ) throws -> HTTPAnswer {
        var request = HTTPRequest(
            "\(scheme)://127.0.0.1:\(server.port)\(path)", headers: [("X-Test", "ä")], body: body, timeout: .seconds(20)
        )
        change(&request)
        return try HTTPConnection().post(request)
    }

    private func text(_ answer: HTTPAnswer) -> String { String(decoding: answer.body, as: UTF8.self) }

    @Test func itAnswers() throws {
        let server = try HTTPServer(echo, address: "127.0.0.1", port: 0)
        let answer = try post(server, "/a/b%20c?x=1&y&z=%26", Array("body".utf8))
        #expect(answer.status == 200)
        #expect(text(answer) == "POST /a/b c x=1&y=-&z=& ä 127.0.0.1 body")
        let connection = HTTPConnection()
        for number in 0..<100 {
            let body = Array(repeating: UInt8(number), count: number * 30)
            let request = HTTPRequest(
                "http://127.0.0.1:\(server.port)/", headers: [], body: body, timeout: .seconds(20))
            #expect(try connection.post(request).body.suffix(body.count) == body[...])
        }
        #expect(echo.interruptions.isEmpty)
    }

    @Test func itRefusesBeforeItReads() throws {
        let server = try HTTPServer(echo, address: "127.0.0.1", port: 0)
        #expect(try post(server, "/no", [1, 2, 3]).status == 401)
        #expect(try post(server, "/", Array(repeating: 0, count: Echo.most)).status == 200)
        let answer = try post(server, "/", Array(repeating: 0, count: Echo.most + 1))
        #expect(answer.status == 413)
        #expect(text(answer) == "at most 100000 bytes\n")
        // A body that does not say how long it is, and has no end.
        let client = try PlainClient(port: server.port)
        client.send("POST /endless HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in 0..<200 { client.send("400\r\n" + String(repeating: "x", count: 1024) + "\r\n") }
        #expect(!client.readAll().contains("200 OK"))
        #expect(eventually { echo.interruptions.contains { $0.path == "/endless" && $0.count <= Echo.most } })
    }

    /// What has come until then is not lost on whoever wants to go on with it.
    @Test func connectionsEndWhereverTheyLike() throws {
        let server = try HTTPServer(echo, address: "127.0.0.1", port: 0)
        let request = "POST /cut HTTP/1.1\r\nHost: a\r\nContent-Length: 40\r\n\r\n" + String(repeating: "x", count: 40)
        let head = request.count - 40
        for count in 0..<request.count {
            let before = echo.interruptions.count
            var client: PlainClient? = try PlainClient(port: server.port)
            client?.send(String(request.prefix(count)))
            client = nil
            guard count >= head else { continue }
            #expect(eventually { echo.interruptions.count == before + 1 }, "\(count)")
            #expect(echo.interruptions.last.map { $0.count <= count - head } ?? false)
        }
        let client = try PlainClient(port: server.port)
        client.send(request)
        client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        let answers = client.readAll()
        #expect(answers.contains(String(repeating: "x", count: 40)))
        #expect(answers.contains("GET / "))
    }

    @Test func garbage() throws {
        let server = try HTTPServer(echo, address: "127.0.0.1", port: 0)
        var random = SeededGenerator(seed: 7)
        for length in [1, 10, 100, 5000, 100_000] {
            let client = try PlainClient(port: server.port)
            let letters = (0..<length).map { _ in Character(UnicodeScalar(UInt8.random(in: 1...127, using: &random))) }
            client.send(String(letters) + "\r\n\r\n")
        }
        let client = try PlainClient(port: server.port)
        client.send("GET / HTTP/1.1\r\nHost: a\r\nX: " + String(repeating: "x", count: 100_000) + "\r\n\r\n")
        #expect(!client.readAll().contains("200 OK"), "so long a head is none")
        #expect(try post(server).status == 200)
    }

    @Test func whoSaysNothingIsLeft() throws {
        var options = HTTPServer.Options()
        options.idle = .seconds(1)
        options.mostConnections = 4
        let server = try HTTPServer(echo, address: "127.0.0.1", port: 0, options: options)
        let silent = try (0..<4).map { _ in try PlainClient(port: server.port) }
        silent[0].send("POST / HT")
        #expect(eventually { (try? post(server).status) == 200 })
        #expect(silent[0].readAll().contains("408") || silent[0].readAll().isEmpty)
    }

    @Test func encrypted() throws {
        let certificates = try Certificates()
        func server(_ name: String, clients: String? = nil) throws -> HTTPServer {
            try HTTPServer(
                echo, address: "127.0.0.1", port: 0,
                certificate: .init(
                    certificate: certificates.bytes("\(name).crt"), key: certificates.bytes("\(name).key"),
                    clientAuthorities: clients.map { try certificates.bytes("\($0).crt") }))
        }
        func authority(_ request: inout HTTPRequest) { request.authorityFile = certificates.path("ca.crt") }
        let good = try server("good")
        #expect(try post(good, scheme: "https", change: authority).status == 200)
        #expect(throws: HTTPProblem.self) { try post(good, scheme: "https") }
        #expect(throws: HTTPProblem.self) { try post(good, scheme: "http") }
        let elsewhere = try server("elsewhere")
        #expect(throws: HTTPProblem.self) { try post(elsewhere, scheme: "https", change: authority) }

        // Who has no certificate, or one from somebody else, is told so.
        try certificates.certificate("press-hall", for: "DNS:press-hall", by: "other-ca")
        try certificates.certificate("stranger", for: "DNS:stranger")
        try certificates.certificate("late", for: "DNS:late", by: "other-ca", days: -1)
        let asking = try server("good", clients: "other-ca")
        func show(_ name: String) -> (inout HTTPRequest) -> Void {
            { request in
                authority(&request)
                request.certificateFile = certificates.path("\(name).crt")
                request.keyFile = certificates.path("\(name).key")
            }
        }
        #expect(try text(post(asking, scheme: "https", change: show("press-hall"))).contains(" as press-hall "))
        #expect(try post(asking, scheme: "https", change: authority).status == 403)
        for name in ["stranger", "late"] {
            let answer = try? post(asking, scheme: "https", change: show(name))
            #expect(answer == nil || answer?.status == 403, "\(name)")
        }
    }

    @Test func oldEncryptionIsRefused() throws {
        let certificates = try Certificates()
        let server = try HTTPServer(
            echo, address: "127.0.0.1", port: 0,
            certificate: .init(certificate: certificates.bytes("good.crt"), key: certificates.bytes("good.key")))
        func handshake(_ version: String) throws -> Bool {
            let words = ["s_client", "-connect", "127.0.0.1:\(server.port)", version, "-cipher", "ALL:@SECLEVEL=0"]
            return try ChildProcess("/usr/bin/openssl", words).wait().status == 0
        }
        #expect(try !handshake("-tls1_1"))
        #expect(try handshake("-tls1_2"))
    }

    @Test func whereItCannotListen() throws {
        let server = try HTTPServer(echo, address: "127.0.0.1", port: 0)
        #expect(throws: SystemError.self) { try HTTPServer(echo, address: "127.0.0.1", port: server.port) }
        #expect(throws: SystemError.self) { try HTTPServer(echo, address: "192.0.2.1", port: 0) }
        #expect(throws: SystemError.self) { try HTTPServer(echo, address: "nowhere", port: 0) }
        #expect(throws: SystemError.self) {
            try HTTPServer(
                echo, address: "127.0.0.1", port: 0, certificate: .init(certificate: [1, 2], key: [3]))
        }
        let six = try? HTTPServer(echo, address: "::1", port: 0)
        if let six { #expect(six.port > 0) }
        server.stop()
        let again = try HTTPServer(echo, address: "127.0.0.1", port: server.port)
        #expect(try post(again).status == 200)
    }
}
