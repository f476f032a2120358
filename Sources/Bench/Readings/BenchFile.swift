import Glibc
import Platform

/// Files of readings for measurements, written and read through a buffer.
public enum BenchFile {
    fileprivate static let readingsPerBuffer = 32_768

    /// Replaces what is at `path` with so many readings of a profile. The same seed gives the same bytes.
    public static func generate(_ path: String, readings: Int, profile: BenchProfile, seed: UInt64) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw SystemError("write", path) }
        defer { close(descriptor) }
        var source = BenchReadings(profile, seed: seed)
        var buffer: [UInt8] = []
        for start in stride(from: 0, to: readings, by: readingsPerBuffer) {
            let count = min(readingsPerBuffer, readings - start)
            buffer.removeAll(keepingCapacity: true)
            for _ in 0..<count { buffer.append(source.next()) }
            try write(buffer, to: descriptor, path)
        }
    }

    static func forEachReading(in path: String, _ body: (BenchReading) throws -> Void) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemError("read", path) }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: readingsPerBuffer * BenchReading.size)
        while true {
            let count = try fill(&buffer, from: descriptor, path)
            guard count % BenchReading.size == 0 else { throw BenchError("\(path) ends within a reading") }
            for offset in stride(from: 0, to: count, by: BenchReading.size) {
                try body(BenchReading(buffer.span.bytes, at: offset))
            }
            if count < buffer.count { return }
        }
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32, _ path: String) throws {
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw SystemError("write", path) }
            written += count
        }
    }

    /// As much as there is room for; less only at the end of the file.
    private static func fill(_ buffer: inout [UInt8], from descriptor: Int32, _ path: String) throws -> Int {
        var filled = 0
        while filled < buffer.count {
            let count = buffer[filled...].withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw SystemError("read", path) }
            if count == 0 { break }
            filled += count
        }
        return filled
    }
}

extension [UInt8] {
    mutating func append(_ reading: BenchReading) {
        append(littleEndian: UInt32(bitPattern: reading.series))
        append(littleEndian: UInt64(bitPattern: reading.milliseconds))
        append(littleEndian: reading.value.bitPattern)
    }

    private mutating func append<Number: FixedWidthInteger>(littleEndian number: Number) {
        Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) }
    }
}

extension BenchReading {
    init(_ bytes: RawSpan, at offset: Int) {
        series = Int32(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: Int32.self))
        milliseconds = Int64(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset + 4, as: Int64.self))
        let bits = UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset + 12, as: UInt64.self))
        value = Double(bitPattern: bits)
    }
}
