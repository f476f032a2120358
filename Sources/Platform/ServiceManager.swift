import Glibc

/// systemd's notification protocol: datagrams of `KEY=value` lines to the socket that NOTIFY_SOCKET names.
public struct ServiceManager: Sendable {
    private let path: String?
    /// How often the watchdog wants to hear of us: half of what it allows.
    public let watchdogInterval: Duration?

    public init(environment: (String) -> String? = { getenv($0).map { String(cString: $0) } }) {
        path = environment("NOTIFY_SOCKET")
        watchdogInterval = environment("WATCHDOG_USEC").flatMap { Int64($0) }.map { .microseconds($0 / 2) }
    }

    public func ready() { notify("READY=1") }
    public func stopping() { notify("STOPPING=1") }
    public func watchdog() { notify("WATCHDOG=1") }
    public func status(_ text: String) { notify("STATUS=\(text)") }

    private func notify(_ message: String) {
        guard let path, var address = UnixAddress(path, mayBeAbstract: true) else { return }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var message = message
        message.withUTF8 { bytes in
            address.withPointer { pointer, length in
                _ = sendto(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL), pointer, length)
            }
        }
    }
}

/// The address of a Unix socket.
struct UnixAddress {
    private var address = sockaddr_un()
    private var length: socklen_t

    /// Nil when the path is longer than the kernel's 107 bytes. With `mayBeAbstract`, `@name` is a name outside the
    /// file system, as systemd writes it.
    init?(_ path: String, mayBeAbstract: Bool = false) {
        let bytes = Array(path.utf8)
        let room = MemoryLayout.size(ofValue: address.sun_path)
        guard !bytes.isEmpty, bytes.count < room else { return nil }
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let isAbstract = mayBeAbstract && bytes[0] == UInt8(ascii: "@")
        if isAbstract {
            withUnsafeMutableBytes(of: &address.sun_path) { $0[0] = 0 }
        }
        length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count + (isAbstract ? 0 : 1))
    }

    mutating func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        let length = length
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
        }
    }
}
