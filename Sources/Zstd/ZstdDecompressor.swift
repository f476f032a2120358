import CZstd

/// Opens frames, with a limit on what comes out. Owned by one thread; its memory is reused from frame to frame.
public struct ZstdDecompressor: ~Copyable {
    private let context: OpaquePointer

    public init() {
        guard let context = ZSTD_createDCtx() else { fatalError("zstd: no memory for a decompression context") }
        self.context = context
    }

    deinit { ZSTD_freeDCtx(context) }

    /// Appends the content of `frame`, which must be one frame with nothing after it: if bytes could be left over,
    /// a flipped bit in the header that says "no checksum" would go unseen.
    public func decompress(
        _ frame: Span<UInt8>, limit: Int, appendingTo output: inout [UInt8]
    ) throws(ZstdError) {
        let size = try Self.contentSize(of: frame, limit: limit)
        try output.append(addingCapacity: size) { (content: inout OutputSpan<UInt8>) throws(ZstdError) in
            try content.withUnsafeMutableBufferPointer { (target, written) throws(ZstdError) in
                let result = frame.withUnsafeBytes {
                    ZSTD_decompressDCtx(context, target.baseAddress, target.count, $0.baseAddress, $0.count)
                }
                written = try ZstdError.check(result)
            }
        }
    }

    /// The size that the frame's header claims, believed only as far as that much can come out of the frame.
    private static func contentSize(of frame: Span<UInt8>, limit: Int) throws(ZstdError) -> Int {
        let (frameSize, claimed) = frame.withUnsafeBytes {
            (ZSTD_findFrameCompressedSize($0.baseAddress, $0.count), ZSTD_getFrameContentSize($0.baseAddress, $0.count))
        }
        guard ZSTD_isError(frameSize) == 0, frameSize == frame.count,
            claimed != ZSTD_CONTENTSIZE_UNKNOWN, claimed != ZSTD_CONTENTSIZE_ERROR
        else { throw .notOneFrame }
        // A block takes 4 bytes at least and yields 128 KiB at most.
        let possible = frameSize / 4 * 131_072
        guard claimed <= UInt64(min(limit, possible)) else { throw .tooLarge(claimed: claimed) }
        return Int(claimed)
    }

    // MARK: - Frames of others

    /// Writes the content of any number of frames, whether or not they say how large it is, and says how many bytes that
    /// are; nil where `output` is too small for it. No frame costs memory beside that: its window is in the output.
    public func decompress(
        frames: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(ZstdError) -> Int? {
        var written = 0
        var rest = frames
        repeat {
            guard Self.isFrame(rest) else { throw rest.count == frames.count ? .noFrame : .trailingBytes }
            let size = try ZstdError.check(ZSTD_findFrameCompressedSize(rest.baseAddress, rest.count))
            let target = UnsafeMutableRawBufferPointer(rebasing: output[written...])
            let result = ZSTD_decompressDCtx(context, target.baseAddress, target.count, rest.baseAddress, size)
            if ZSTD_getErrorCode(result) == ZSTD_error_dstSize_tooSmall { return nil }
            written += try ZstdError.check(result)
            rest = UnsafeRawBufferPointer(rebasing: rest[size...])
        } while !rest.isEmpty
        return written
    }

    /// Of the present format, or one to skip. The library would take its own past formats too, with decoders that nobody
    /// looks after.
    private static func isFrame(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count >= 4 else { return false }
        let magic = UInt32(littleEndian: bytes.loadUnaligned(as: UInt32.self))
        return magic == 0xFD2F_B528 || magic & 0xFFFF_FFF0 == 0x184D_2A50
    }
}
