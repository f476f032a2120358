import Glibc
import Platform

/// Output for people and pipes, in large writes. A reader that goes away ends the program, as pipes expect.
struct StandardOutput {
    private static let room = 64 * 1024

    private var bytes: [UInt8] = []

    static let isTerminal = isatty(1) == 1

    static func write(_ text: String) {
        var output = StandardOutput()
        output.append(text)
        output.flush()
    }

    mutating func append(_ text: String) {
        bytes += text.utf8
        if bytes.count >= Self.room { flush() }
    }

    /// For those who make bytes themselves.
    mutating func append(with make: (inout [UInt8]) throws -> Void) rethrows {
        try make(&bytes)
        if bytes.count >= Self.room { flush() }
    }

    mutating func flush() {
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Glibc.write(1, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            if count <= 0 {
                if errno == EPIPE { exit(0) }
                printError("outpost: \(SystemError("write to", "the output"))")
                exit(1)
            }
            written += count
        }
        bytes.removeAll(keepingCapacity: true)
    }
}
