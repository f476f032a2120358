import CZstd

/// Makes frames with a checksum. Owned by one thread; its memory is reused from frame to frame.
public struct ZstdCompressor: ~Copyable {
    private let context: OpaquePointer

    /// `level` as zstd counts it, from fast to small; beyond its ends zstd takes the end.
    public init(level: Int32) {
        guard let context = ZSTD_createCCtx() else { fatalError("zstd: no memory for a compression context") }
        self.context = context
        ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level)
        ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
    }

    deinit { ZSTD_freeCCtx(context) }

    /// Appends `content` as one frame.
    public func compress(_ content: [UInt8], appendingTo output: inout [UInt8]) throws(ZstdError) {
        try output.append(addingCapacity: ZSTD_compressBound(content.count)) {
            (frame: inout OutputSpan<UInt8>) throws(ZstdError) in
            try frame.withUnsafeMutableBufferPointer { (target, written) throws(ZstdError) in
                let result = content.withUnsafeBytes {
                    ZSTD_compress2(context, target.baseAddress, target.count, $0.baseAddress, $0.count)
                }
                written = try ZstdError.check(result)
            }
        }
    }
}
