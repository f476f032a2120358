/// What a payload is packed in.
public enum PayloadCompression: String, Sendable, CaseIterable {
    /// zlib's own streams too.
    case gzip
    case zstd
}
