import CMicroHTTPD
import Glibc

/// A request on its way: its head, and as much of its body as has come.
final class HTTPExchange {
    private let service: any HTTPService
    private let head: HTTPHead
    private var body: [UInt8] = []
    private var most = 0
    private var isAnswered = false

    init(_ service: any HTTPService, _ head: HTTPHead) {
        self.service = service
        self.head = head
    }

    /// Before the body: what stands in its way is said at once.
    func begin(_ connection: OpaquePointer, isCertified: Bool) -> MHD_Result {
        guard isCertified else { return reply(.text(403, "a client certificate is needed"), connection) }
        switch service.admit(head) {
        case .reply(let answer): return reply(answer, connection)
        case .body(let most):
            self.most = most
            guard let length = head.contentLength else { return .YES }
            if length > most { return reply(.text(413, "at most \(most) bytes"), connection) }
            body.reserveCapacity(length)
            return .YES
        }
    }

    /// One that has no end is not listened to.
    func take(_ bytes: UnsafeRawBufferPointer) -> MHD_Result {
        if isAnswered { return .YES }
        guard bytes.count <= most - body.count else { return .NO }
        body += bytes
        return .YES
    }

    func finish(_ connection: OpaquePointer) -> MHD_Result {
        isAnswered ? .YES : reply(service.answer(head, body: body), connection)
    }

    func end() {
        if !isAnswered { service.interrupted(head, body: body) }
    }

    private func reply(_ reply: HTTPReply, _ connection: OpaquePointer) -> MHD_Result {
        isAnswered = true
        let response = reply.body.withUnsafeBytes { bytes in
            MHD_create_response_from_buffer(
                bytes.count, UnsafeMutableRawPointer(mutating: bytes.baseAddress), .RESPMEM_MUST_COPY)
        }
        guard let response else { return .NO }
        defer { MHD_destroy_response(response) }
        for header in reply.headers { MHD_add_response_header(response, header.name, header.value) }
        return MHD_queue_response(connection, UInt32(reply.status), response)
    }

    static func of(_ context: UnsafeMutableRawPointer) -> HTTPExchange {
        Unmanaged<HTTPExchange>.fromOpaque(context).takeUnretainedValue()
    }
}

// MARK: - What the library calls, from any thread

func handleThunk(
    context: UnsafeMutableRawPointer?, connection: OpaquePointer?, url: UnsafePointer<CChar>?,
    method: UnsafePointer<CChar>?, version: UnsafePointer<CChar>?, bytes: UnsafePointer<CChar>?,
    count: UnsafeMutablePointer<Int>?, state: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
    guard let connection, let count, let state, let url, let method else { return .NO }
    guard let known = state.pointee else {
        let server = HTTPServer.of(context)
        let certificate = PeerCertificate(connection)
        var head = HTTPHead(connection, method: String(cString: method), path: String(cString: url))
        head.certificateName = certificate?.name
        let exchange = HTTPExchange(server.service, head)
        state.pointee = Unmanaged.passRetained(exchange).toOpaque()
        return exchange.begin(connection, isCertified: certificate != nil || !server.needsCertificate)
    }
    let exchange = HTTPExchange.of(known)
    guard count.pointee > 0 else { return exchange.finish(connection) }
    defer { count.pointee = 0 }
    return exchange.take(UnsafeRawBufferPointer(start: bytes, count: count.pointee))
}

func completedThunk(
    context: UnsafeMutableRawPointer?, connection: OpaquePointer?,
    state: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, reason: MHD_RequestTerminationCode
) {
    guard let known = state?.pointee else { return }
    state?.pointee = nil
    let exchange = Unmanaged<HTTPExchange>.fromOpaque(known).takeRetainedValue()
    exchange.end()
}

private func headerThunk(
    context: UnsafeMutableRawPointer?, kind: MHD_ValueKind, name: UnsafePointer<CChar>?, value: UnsafePointer<CChar>?
) -> MHD_Result {
    guard let context, let name else { return .YES }
    let fields = context.assumingMemoryBound(to: [(name: String, value: String?)].self)
    fields.pointee.append((String(cString: name), value.map { String(cString: $0) }))
    return .YES
}

// MARK: - What the library knows

extension HTTPHead {
    fileprivate init(_ connection: OpaquePointer, method: String, path: String) {
        self.init(
            method: method, path: path, query: Self.fields(connection, .GET_ARGUMENT_KIND),
            headers: Self.fields(connection, .HEADER_KIND).map { ($0.name, $0.value ?? "") },
            peer: Self.peer(connection))
    }

    private static func fields(
        _ connection: OpaquePointer, _ kind: MHD_ValueKind
    ) -> [(name: String, value: String?)] {
        var fields: [(name: String, value: String?)] = []
        _ = withUnsafeMutablePointer(to: &fields) { MHD_get_connection_values(connection, kind, headerThunk, $0) }
        return fields
    }

    private static func peer(_ connection: OpaquePointer) -> String {
        guard let address = outpost_mhd_peer(connection) else { return "unknown" }
        var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let isSix = Int32(address.pointee.sa_family) == AF_INET6
        let length = isSix ? MemoryLayout<sockaddr_in6>.size : MemoryLayout<sockaddr_in>.size
        let status = getnameinfo(
            address, socklen_t(length), &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
        return status == 0
            ? String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self) : "unknown"
    }
}
