import CMicroHTTPD
import Glibc
import Platform

/// Answers HTTP requests, encrypted if there is a certificate: TLS 1.2 or later. Each connection has a thread of its own.
public final class HTTPServer: @unchecked Sendable {
    // Sendable: what is not constant is touched by `stop` alone, once.

    public struct Certificate: Sendable {
        /// As PEM, with the chain behind it.
        public var certificate: [UInt8]
        public var key: [UInt8]
        /// As PEM: who vouches for clients. With it, a client has to show a certificate that one of them has signed.
        public var clientAuthorities: [UInt8]?

        public init(certificate: [UInt8], key: [UInt8], clientAuthorities: [UInt8]? = nil) {
            self.certificate = certificate
            self.key = key
            self.clientAuthorities = clientAuthorities
        }
    }

    public struct Options: Sendable {
        public var mostConnections = 64
        public var mostPerAddress = 32
        /// A connection on which nothing moves for so long is closed.
        public var idle: Duration = .seconds(60)

        public init() {}
    }

    private static let stackBytes = 512 << 10

    /// The one that was taken, where 0 was asked for.
    public let port: Int
    let service: any HTTPService
    let needsCertificate: Bool
    private let texts: [UnsafeMutablePointer<CChar>?]
    private var daemon: OpaquePointer?

    /// `address` is one of this machine: "127.0.0.1", "0.0.0.0", "::".
    public init(
        _ service: any HTTPService, address: String, port: Int, certificate: Certificate? = nil,
        options: Options = Options()
    ) throws(SystemError) {
        self.service = service
        needsCertificate = certificate?.clientAuthorities != nil
        let listener = try TCPListener(address, port: port)
        self.port = listener.port
        texts = [certificate?.certificate, certificate?.key, certificate?.clientAuthorities].map { bytes in
            bytes.flatMap { bytes in
                (bytes + [0]).withUnsafeBytes { strdup($0.baseAddress!.assumingMemoryBound(to: CChar.self)) }
            }
        }
        var settings = outpost_mhd_settings()
        settings.listener = listener.descriptor
        settings.most_connections = UInt32(options.mostConnections)
        settings.most_per_address = UInt32(options.mostPerAddress)
        settings.idle_seconds = UInt32(max(1, options.idle.nanoseconds / 1_000_000_000))
        settings.stack_bytes = Self.stackBytes
        settings.certificate = UnsafePointer(texts[0])
        settings.key = UnsafePointer(texts[1])
        settings.client_authorities = UnsafePointer(texts[2])
        settings.context = Unmanaged.passUnretained(self).toOpaque()
        daemon = outpost_mhd_start(&settings, handleThunk, completedThunk)
        guard daemon != nil else {
            close(listener.descriptor)
            throw SystemError("start a web server at", "\(address):\(self.port)")
        }
    }

    deinit {
        stop()
        for text in texts { free(text) }
    }

    /// Closes all connections, once the requests that are being answered have been.
    public func stop() {
        if let daemon { MHD_stop_daemon(daemon) }
        daemon = nil
    }

    static func of(_ context: UnsafeMutableRawPointer?) -> HTTPServer {
        Unmanaged<HTTPServer>.fromOpaque(context!).takeUnretainedValue()
    }
}
