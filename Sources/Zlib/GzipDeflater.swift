import CZlib

/// Makes gzip streams. Owned by one thread; its memory is reused from one to the next.
public struct GzipDeflater: ~Copyable {
    /// On the heap: zlib keeps its address.
    private let stream: UnsafeMutablePointer<z_stream>

    /// `level` is from 1, fast, to 9, small.
    public init(level: Int32 = 6) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        guard czlib_begin_gzip(stream, level) == Z_OK else { fatalError("zlib: no stream of the level \(level)") }
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    /// Appends `content`, which is shorter than 4 GiB, as one stream.
    public func deflate(_ content: [UInt8], appendingTo output: inout [UInt8]) {
        deflateReset(stream)
        let bound = Int(deflateBound(stream, UInt(content.count)))
        output.append(addingCapacity: bound) { target in
            target.withUnsafeMutableBufferPointer { target, written in
                written = content.withUnsafeBytes { deflate($0, into: target) }
            }
        }
    }

    private func deflate(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableBufferPointer<UInt8>) -> Int {
        // zlib does not write to its input, but its type does not say so.
        stream.pointee.next_in = UnsafeMutablePointer(mutating: input.bindMemory(to: UInt8.self).baseAddress)
        stream.pointee.avail_in = UInt32(input.count)
        stream.pointee.next_out = output.baseAddress
        stream.pointee.avail_out = UInt32(output.count)
        guard CZlib.deflate(stream, Z_FINISH) == Z_STREAM_END else { fatalError("zlib: its own bound was too small") }
        return output.count - Int(stream.pointee.avail_out)
    }
}
