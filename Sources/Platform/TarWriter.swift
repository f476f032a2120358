import Glibc

/// Writes a tar archive (the ustar format), file after file. Incomplete until `finish`.
public final class TarWriter {
    private static let block = 512
    private static let pieceBytes = 1 << 20

    private let path: String
    private let output: Int32

    /// Replaces what is at `path`.
    public init(_ path: String) throws(SystemError) {
        self.path = path
        output = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o640)
        if output < 0 { throw SystemError("write", path) }
    }

    deinit { close(output) }

    /// Adds the content of a file under a name.
    public func add(_ file: String, as name: String, modified seconds: Int64) throws(SystemError) {
        let input = open(file, O_RDONLY | O_CLOEXEC)
        guard input >= 0, let size = Files.size(file) else { throw SystemError("read", file) }
        defer { close(input) }
        try write(Self.header(name, size: size, modified: seconds))
        var left = size
        while left > 0 {
            var failure: Int32 = 0
            let piece = [UInt8](unsafeUninitializedCapacity: min(left, Self.pieceBytes)) { buffer, count in
                let result = read(input, buffer.baseAddress, buffer.count)
                if result < 0 { failure = errno }
                count = max(0, result)
            }
            if failure == EINTR { continue }
            guard failure == 0, !piece.isEmpty else { throw SystemError("read", file, code: failure) }
            try write(piece)
            left -= piece.count
        }
        try write([UInt8](repeating: 0, count: (Self.block - size % Self.block) % Self.block))
    }

    /// Makes it whole and durable.
    public func finish() throws(SystemError) {
        try write([UInt8](repeating: 0, count: 2 * Self.block))
        if fsync(output) != 0 { throw SystemError("sync", path) }
    }

    private static func header(_ name: String, size: Int, modified seconds: Int64) -> [UInt8] {
        var header = [UInt8](repeating: 0, count: block)
        func put(_ text: String, at offset: Int) {
            header.replaceSubrange(offset..<offset + text.utf8.count, with: text.utf8)
        }
        func octal(_ number: Int64, digits: Int) -> String {
            let text = String(number, radix: 8)
            return String(repeating: "0", count: max(0, digits - text.count)) + text
        }
        put(name, at: 0)
        put(octal(0o640, digits: 7), at: 100)
        put(octal(0, digits: 7), at: 108)
        put(octal(0, digits: 7), at: 116)
        if size < 1 << 33 {
            put(octal(Int64(size), digits: 11), at: 124)
        } else {
            // Eight gigabytes and more do not fit into the digits: the number in binary, marked by the first bit.
            header[124] = 0x80
            for index in 0..<8 { header[128 + index] = UInt8(truncatingIfNeeded: size >> (56 - index * 8)) }
        }
        put(octal(seconds, digits: 11), at: 136)
        put("        ", at: 148)
        put("0", at: 156)
        put("ustar\u{0}00", at: 257)
        put(octal(header.reduce(0) { $0 + Int64($1) }, digits: 6) + "\u{0} ", at: 148)
        return header
    }

    private func write(_ bytes: [UInt8]) throws(SystemError) {
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Glibc.write(output, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            if count <= 0 { throw SystemError("write", path) }
            written += count
        }
    }
}
