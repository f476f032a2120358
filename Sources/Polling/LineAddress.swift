/// Where devices are reached.
public enum LineAddress: Sendable, Hashable {
    case tcp(host: String, port: UInt16)
    /// Frames of a serial line through a converter that passes bytes on as they are.
    case rtuOverTCP(host: String, port: UInt16)
    case serial(path: String, SerialFormat)

    public var framing: Framing {
        switch self {
        case .tcp: .tcp
        case .rtuOverTCP, .serial: .rtu
        }
    }
}

/// How a serial line is set: eight data bits, and the rest of a character.
public struct SerialFormat: Sendable, Hashable {
    public enum Parity: String, Sendable, CaseIterable {
        case none = "N"
        case even = "E"
        case odd = "O"
    }

    public var baud: Int
    public var parity: Parity
    /// 1 or 2.
    public var stopBits: Int

    public init(baud: Int = 9600, parity: Parity = .even, stopBits: Int = 1) {
        self.baud = baud
        self.parity = parity
        self.stopBits = stopBits
    }

    /// With the start bit.
    public var bitsPerCharacter: Int { 1 + 8 + (parity == .none ? 0 : 1) + stopBits }
}

extension LineAddress: CustomStringConvertible {
    public var description: String {
        switch self {
        case .tcp(let host, let port): "tcp://\(Self.bracketed(host)):\(port)"
        case .rtuOverTCP(let host, let port): "rtu+tcp://\(Self.bracketed(host)):\(port)"
        case .serial(let path, let format):
            "rtu://\(path)?baud=\(format.baud)&parity=\(format.parity.rawValue)&stop=\(format.stopBits)"
        }
    }

    private static func bracketed(_ host: String) -> String {
        host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host
    }
}

/// How requests and answers are wrapped.
public enum Framing: Sendable, Hashable {
    /// With a header that has a number for each request.
    case tcp
    /// With a checksum, as on a serial line.
    case rtu
}
