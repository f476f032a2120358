import CZstd

/// What zstd refused, or what a frame claims that is not taken.
public enum ZstdError: Error, Equatable, CustomStringConvertible {
    /// Not one whole frame that says how large its content is.
    case notOneFrame
    /// The content claims to be larger than the caller takes, or than the frame can hold.
    case tooLarge(claimed: UInt64)
    /// No frame at all.
    case noFrame
    /// Something else stands behind a frame.
    case trailingBytes
    /// What the library says, a failed checksum among others.
    case library(String)

    public var description: String {
        switch self {
        case .notOneFrame: "not one whole zstd frame that says how large its content is"
        case .tooLarge(let claimed): "a zstd frame that claims \(claimed) bytes of content"
        case .noFrame: "no zstd frame"
        case .trailingBytes: "something else behind a zstd frame"
        case .library(let message): "zstd: \(message)"
        }
    }

    static func check(_ result: Int) throws(ZstdError) -> Int {
        guard ZSTD_isError(result) == 0 else { throw .library(String(cString: ZSTD_getErrorName(result))) }
        return result
    }
}
