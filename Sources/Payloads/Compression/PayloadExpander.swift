import Zlib
import Zstd

/// Opens compressed payloads. Owned by one thread. Its buffer grows with what comes, up to the limit, and is kept for the
/// next payload: whoever sends a bomb fills it once.
final class PayloadExpander {
    private enum Codec: ~Copyable {
        case gzip(ZlibInflater)
        case zstd(ZstdDecompressor)
    }

    private static let smallestBuffer = 4096

    private let codec: Codec
    private let limit: Int
    private(set) var buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 0, alignment: 1)

    /// `limit` is in bytes, of what comes out.
    init(_ compression: PayloadCompression, limit: Int) {
        self.limit = limit
        switch compression {
        case .gzip: codec = .gzip(ZlibInflater())
        case .zstd: codec = .zstd(ZstdDecompressor())
        }
    }

    deinit { buffer.deallocate() }

    /// What the payload holds, which is at least one byte, valid until the next one is expanded.
    func expand(_ payload: UnsafeRawBufferPointer) throws(PayloadProblem) -> UnsafeRawBufferPointer {
        while true {
            if let count = try open(payload) {
                guard count > 0 else { throw PayloadProblem(.empty, "no bytes when it is expanded") }
                return UnsafeRawBufferPointer(rebasing: buffer[..<count])
            }
            guard buffer.count < limit else {
                throw PayloadProblem(.tooLarge, "more than \(limit) bytes when it is expanded")
            }
            grow(for: payload.count)
        }
    }

    /// Nil where the buffer is too small. Then all is opened again in a larger one, for nothing in it needs to be moved, and
    /// it happens a few times in the life of a mapping.
    private func open(_ payload: UnsafeRawBufferPointer) throws(PayloadProblem) -> Int? {
        switch codec {
        case .gzip(let inflater):
            do { return try inflater.inflate(payload, into: buffer) } catch { throw Self.problem(error) }
        case .zstd(let decompressor):
            do { return try decompressor.decompress(frames: payload, into: buffer) } catch { throw Self.problem(error) }
        }
    }

    private static func problem(_ error: some CustomStringConvertible) -> PayloadProblem {
        PayloadProblem(.notCompressed, error.description)
    }

    private func grow(for payload: Int) {
        let size = min(limit, max(Self.smallestBuffer, payload * 4, buffer.count * 2))
        buffer.deallocate()
        buffer = .allocate(byteCount: size, alignment: 1)
    }
}
