import CZlib

/// Opens gzip streams of any number of members, and zlib streams, and checks their checksums. Owned by one thread; its
/// memory is reused from one to the next.
public struct ZlibInflater: ~Copyable {
    /// On the heap: zlib keeps its address.
    private let stream: UnsafeMutablePointer<z_stream>

    public init() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        guard czlib_begin(stream) == Z_OK else { fatalError("zlib: no memory to open streams") }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// Writes all that `input` holds, and says how many bytes that are; nil where `output` is too small for it.
    public func inflate(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(ZlibError) -> Int? {
        // zlib does not write to its input, but its type does not say so.
        stream.pointee.next_in = UnsafeMutablePointer(mutating: input.bindMemory(to: UInt8.self).baseAddress)
        stream.pointee.avail_in = UInt32(input.count)
        stream.pointee.next_out = output.bindMemory(to: UInt8.self).baseAddress
        stream.pointee.avail_out = UInt32(output.count)
        var isFirst = true
        repeat {
            let rest = input.suffix(Int(stream.pointee.avail_in))
            guard rest.starts(with: [0x1F, 0x8B]) || isFirst && Self.isZlib(rest) else {
                throw isFirst ? .noStream : .trailingBytes
            }
            guard try inflateMember() else { return nil }
            isFirst = false
        } while stream.pointee.avail_in > 0
        return output.count - Int(stream.pointee.avail_out)
    }

    /// The first two bytes hold the method and are a multiple of 31.
    private static func isZlib(_ bytes: Slice<UnsafeRawBufferPointer>) -> Bool {
        guard bytes.count >= 2 else { return false }
        let (first, second) = (bytes[bytes.startIndex], bytes[bytes.startIndex + 1])
        return first & 0x0F == 8 && (Int(first) << 8 | Int(second)) % 31 == 0
    }

    /// False where it does not fit.
    private func inflateMember() throws(ZlibError) -> Bool {
        inflateReset(stream)
        switch CZlib.inflate(stream, Z_FINISH) {
        case Z_STREAM_END: return true
        case Z_BUF_ERROR, Z_OK:
            guard stream.pointee.avail_out == 0 else { throw .truncated }
            return false
        case Z_NEED_DICT: throw .library("a dictionary is needed")
        case Z_MEM_ERROR: throw .library("no memory")
        default: throw .library(stream.pointee.msg.map { String(cString: $0) } ?? "malformed")
        }
    }
}
