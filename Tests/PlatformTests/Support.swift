import Glibc
import Platform
import Synchronization
import TestSupport

/// What a log has written, line by line.
final class Lines: Sendable {
    private let written = Mutex<[String]>([])

    var all: [String] { written.withLock { $0 } }

    func log(_ level: Log.Level = .debug, _ style: Log.Style = .plain, _ clock: VirtualClock = VirtualClock()) -> Log {
        Log(level: level, style: style, clocks: clock.clocks) { line in self.written.withLock { $0.append(line) } }
    }
}

/// Runs a body on several threads at once and waits for all; the body is told which of them it is.
func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) throws {
    let threads = try (0..<count).map { number in try DedicatedThread("test") { body(number) } }
    for thread in threads { thread.join() }
}

/// A Unix socket made by the system's calls alone, so that a mistake in the product's addresses shows.
final class RawSocket {
    let descriptor: Int32

    init(_ type: __socket_type) {
        descriptor = socket(AF_UNIX, Int32(type.rawValue | SOCK_CLOEXEC.rawValue), 0)
    }

    deinit { close(descriptor) }

    /// At a path, or outside the file system where the name starts with a zero.
    func bind(_ name: String) -> Bool { withAddress(name) { Glibc.bind(descriptor, $0, $1) } == 0 }

    func connect(_ name: String) -> Bool { withAddress(name) { Glibc.connect(descriptor, $0, $1) } == 0 }

    func send(_ text: String) { _ = Glibc.send(descriptor, text, text.utf8.count, Int32(MSG_NOSIGNAL)) }

    /// What has come, or nil where nothing is there.
    func receive() -> String? {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT))
        return count >= 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
    }

    private func withAddress(_ name: String, _ call: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name.utf8) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + name.utf8.count)
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { call($0, length) }
        }
    }
}

/// A text of any characters at all, with many of those that formats trip over.
func randomText(using generator: inout some RandomNumberGenerator) -> String {
    var text = String.UnicodeScalarView()
    for _ in 0..<Int.random(in: 0...40, using: &generator) {
        let largest: UInt32 = [0x20, 0x80, 0x100, 0x3000, 0x10FFFF].randomElement(using: &generator)!
        if let scalar = Unicode.Scalar(UInt32.random(in: 0...largest, using: &generator)) { text.append(scalar) }
    }
    return String(text)
}
