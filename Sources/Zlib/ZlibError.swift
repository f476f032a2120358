/// Why bytes are not opened.
public enum ZlibError: Error, Equatable, CustomStringConvertible {
    /// They do not begin as a stream does.
    case noStream
    /// They break off within a stream.
    case truncated
    /// Something else stands behind a stream.
    case trailingBytes
    /// What the library says, a failed checksum among others.
    case library(String)

    public var description: String {
        switch self {
        case .noStream: "no gzip stream"
        case .truncated: "a gzip stream that breaks off"
        case .trailingBytes: "something else behind a gzip stream"
        case .library(let message): "gzip: \(message)"
        }
    }
}
