import Glibc
import Platform
import TestSupport
import Testing

/// A server on a thread of its own, which answers each request with what it was.
private final class EchoServer {
    let path: String
    private let stop: WakeUp
    private let thread: DedicatedThread

    init(_ path: String) throws {
        self.path = path
        let stop = try WakeUp()
        self.stop = stop
        thread = try DedicatedThread("server", stackBytes: 1 << 20) {
            do throws(SystemError) {
                try UnixSocket.serve(path, until: stop) { request, _ in Array("<\(request)>".utf8) }
            } catch {
                Issue.record("\(error)")
            }
        }
    }

    /// True once it listens.
    func isUp() -> Bool { eventually { (try? UnixSocket.ask(path, "")) == Array("<>".utf8) } }

    deinit {
        stop.call()
        thread.join()
    }
}

@Suite struct UnixSocketTests {
    private let directory = TemporaryDirectory()
    private var path: String { directory.path + "/control.sock" }

    private func ask(_ path: String, _ request: String) throws -> String {
        String(decoding: try UnixSocket.ask(path, request), as: UTF8.self)
    }

    @Test func everyRequestHasItsAnswer() throws {
        let server = try EchoServer(path)
        #expect(server.isUp())
        for request in ["status", "", "ä\u{0}\r", String(repeating: "x", count: 65_000)] {
            #expect(try ask(path, request) == "<\(request)>")
        }
    }

    @Test func aLongAnswerComesWhole() throws {
        let stop = try WakeUp()
        let path = path
        let answer = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0) }
        let thread = try DedicatedThread("server") { try? UnixSocket.serve(path, until: stop) { _, _ in answer } }
        #expect(eventually { (try? UnixSocket.ask(path, "")) == answer })
        stop.call()
        thread.join()
    }

    @Test func theServerKnowsWhoAsks() throws {
        let stop = try WakeUp()
        let path = path
        let thread = try DedicatedThread("server") {
            try? UnixSocket.serve(path, until: stop) { _, user in Array("\(user.map(Users.name) ?? "nobody")".utf8) }
        }
        let own = String(cString: getpwuid(getuid()).pointee.pw_name)
        #expect(eventually { (try? ask(path, "")) == own })
        #expect(Users.name(of: Users.own) == own)
        #expect(Users.name(of: 4_000_000_000) == "user 4000000000")
        stop.call()
        thread.join()
    }

    @Test func manyClientsAreAnsweredEach() throws {
        let server = try EchoServer(path)
        #expect(server.isUp())
        let path = path
        let answered = Metrics().counter("answered", "Answered.")
        try onThreads(6) { thread in
            for number in 0..<50 where (try? UnixSocket.ask(path, "\(thread) \(number)")) != nil { answered.add() }
        }
        #expect(answered.value == 300)
    }

    @Test func whenNobodyIsThereTheErrorSaysWhichKindOfNobody() throws {
        let missing = #expect(throws: SystemError.self) { try UnixSocket.ask(path, "status") }
        #expect(missing?.code == ENOENT)
        #expect(missing?.description == "cannot connect to \(path): No such file or directory")
        // As a crash leaves it.
        #expect(RawSocket(SOCK_STREAM).bind(path))
        #expect(throws: SystemError("connect to", path, code: ECONNREFUSED)) { try UnixSocket.ask(path, "status") }
        // The next server takes its place.
        let server = try EchoServer(path)
        #expect(server.isUp())
    }

    @Test func theSocketIsGoneWithItsServerAndWasNotForAll() throws {
        do {
            let server = try EchoServer(path)
            #expect(server.isUp())
            #expect(!Files.isReadableByOthers(path))
        }
        #expect(!Files.exists(path))
    }

    @Test func aPathTooLongForAnAddressWorksAsWell() throws {
        let deep = directory.path + "/" + String(repeating: "deep/", count: 30)
        try Files.createDirectory(deep)
        let path = deep + "control.sock"
        #expect(path.utf8.count > 107)
        #expect(throws: SystemError("connect to", path, code: ENOENT)) { try UnixSocket.ask(path, "") }
        do {
            let server = try EchoServer(path)
            #expect(server.isUp())
            #expect(try ask(path, "status") == "<status>")
        }
        #expect(!Files.exists(path))
        #expect(throws: SystemError("open", deep + "missing", code: ENOENT)) {
            try UnixSocket.ask(deep + "missing/control.sock", "")
        }
        let name = String(repeating: "n", count: 110)
        #expect(throws: SystemError("connect to", deep + name, code: ENAMETOOLONG)) {
            try UnixSocket.ask(deep + name, "")
        }
    }

    @Test func aClientThatSaysNothingIsNotWaitedForForEver() throws {
        let server = try EchoServer(path)
        #expect(server.isUp())
        let silent = RawSocket(SOCK_STREAM)
        #expect(silent.connect(path))
        let half = RawSocket(SOCK_STREAM)
        #expect(half.connect(path))
        half.send("no end of line")
        #expect(try ask(path, "status") == "<status>")
    }

    @Test func aClientThatLeavesAtOnceDoesNoHarm() throws {
        let server = try EchoServer(path)
        #expect(server.isUp())
        for _ in 0..<20 {
            let client = RawSocket(SOCK_STREAM)
            #expect(client.connect(path))
            client.send("status\n")
        }
        #expect(try ask(path, "status") == "<status>")
    }

    @Test func aRequestThatIsTooLongHasNoAnswer() throws {
        let server = try EchoServer(path)
        #expect(server.isUp())
        let answer = (try? ask(path, String(repeating: "x", count: 200_000))) ?? ""
        #expect(answer == "")
        #expect(try ask(path, "status") == "<status>")
    }
}
