import Polling

/// `tcp://host:502`, `rtu+tcp://host:4001` or `rtu:///dev/ttyUSB0?baud=9600&parity=E&stop=1`.
enum LineAddressText {
    private static let standardPort: UInt16 = 502
    private static let bauds = [1200, 2400, 4800, 9600, 19_200, 38_400, 57_600, 115_200]

    static func parse(_ text: String) throws(ValueError) -> LineAddress {
        for (scheme, isTCP) in [("tcp://", true), ("rtu+tcp://", false)] where text.hasPrefix(scheme) {
            let (host, port) = try hostAndPort(text, behind: scheme)
            return isTCP ? .tcp(host: host, port: port) : .rtuOverTCP(host: host, port: port)
        }
        if text.hasPrefix("rtu://") { return try serial(text) }
        throw ValueError(
            "an address has the form \"tcp://host:502\", \"rtu:///dev/ttyUSB0?baud=9600&parity=E\" or \"rtu+tcp://host:4001\""
        )
    }

    private static func hostAndPort(
        _ text: String, behind scheme: String
    ) throws(ValueError) -> (host: String, port: UInt16) {
        // The same rules as for a broker.
        let broker: BrokerAddress
        do {
            broker = try BrokerAddress(parsing: "mqtt://" + text.dropFirst(scheme.count))
        } catch {
            throw ValueError(
                "an address has the form \"\(scheme)host:502\"", offset: scheme.utf8.count)
        }
        // Without one it is not that of a broker.
        let rest = text.dropFirst(scheme.count)
        let hasPort = rest != broker.host && rest != "[\(broker.host)]"
        return (broker.host, hasPort ? broker.port : standardPort)
    }

    private static func serial(_ text: String) throws(ValueError) -> LineAddress {
        let rest = text.dropFirst("rtu://".count)
        let parts = rest.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts[0].hasPrefix("/"), parts[0].utf8.count > 1 else {
            throw ValueError("behind rtu:// stands the path of a serial device, such as /dev/ttyUSB0", offset: 6)
        }
        var format = SerialFormat()
        for option in parts.dropFirst().first?.split(separator: "&", omittingEmptySubsequences: false) ?? [] {
            let offset = text.utf8.distance(from: text.startIndex, to: option.startIndex)
            let pair = option.split(separator: "=", omittingEmptySubsequences: false)
            guard pair.count == 2, set(&format, pair[0], pair[1]) else {
                throw ValueError(
                    "\(quoted(option)) is none of baud=1200 to 115200, parity=N, E or O, and stop=1 or 2",
                    offset: offset)
            }
        }
        return .serial(path: String(parts[0]), format)
    }

    private static func set(_ format: inout SerialFormat, _ key: Substring, _ value: Substring) -> Bool {
        switch key {
        case "baud":
            guard let baud = Int(value), bauds.contains(baud) else { return false }
            format.baud = baud
        case "parity":
            guard let parity = SerialFormat.Parity(rawValue: String(value)) else { return false }
            format.parity = parity
        case "stop":
            guard let bits = Int(value), (1...2).contains(bits) else { return false }
            format.stopBits = bits
        default: return false
        }
        return true
    }
}

extension LineAddress {
    /// As the configuration writes it; throws what is wrong with it, for people.
    public init(parsing text: String) throws(AddressProblem) {
        do { self = try LineAddressText.parse(text) } catch { throw AddressProblem(description: error.message) }
    }
}

public struct AddressProblem: Error, CustomStringConvertible, Sendable {
    public let description: String
}
