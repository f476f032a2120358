import Glibc
import HTTPServer
import Platform
import Synchronization
import TestSupport

/// Answers with what it was sent, and remembers what never came to its end.
final class Echo: HTTPService {
    static let most = 100_000
    private let broken = Mutex<[(path: String, count: Int)]>([])

    var interruptions: [(path: String, count: Int)] { broken.withLock { $0 } }

    func admit(_ head: HTTPHead) -> HTTPAdmission {
        if head.path == "/no" { return .reply(.text(401, "who are you?")) }
        return .body(most: Self.most)
    }

    func answer(_ head: HTTPHead, body: [UInt8]) -> HTTPReply {
        let name = head.certificateName.map { " as \($0)" } ?? ""
        let query = head.query.map { "\($0.name)=\($0.value ?? "-")" }.joined(separator: "&")
        let text = "\(head.method) \(head.path) \(query) \(head.header("x-test") ?? "")\(name) \(head.peer) "
        return HTTPReply(
            200, headers: [("Content-Type", "text/plain"), ("X-Count", "\(body.count)")], body: Array(text.utf8) + body)
    }

    func interrupted(_ head: HTTPHead, body: [UInt8]) {
        broken.withLock { $0.append((head.path, body.count)) }
    }
}

/// A client that says exactly what it is told to, and no more.
final class PlainClient {
    private let descriptor: Int32

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else { throw SystemError("connect to", "127.0.0.1:\(port)") }
    }

    deinit { close(descriptor) }

    func send(_ text: String) {
        let bytes = Array(text.utf8)
        _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    /// What comes until the other side closes, or ten seconds have passed.
    func readAll() -> String {
        var all: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        let deadline = Clocks.system.monotonic() + .seconds(10)
        while pollDescriptors([(descriptor, POLLIN)], until: deadline)[0] != 0 {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            all += buffer[..<count]
        }
        return String(decoding: all, as: UTF8.self)
    }
}
