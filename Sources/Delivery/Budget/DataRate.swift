/// `rate`: how fast an uplink may send.
public struct DataRate: Sendable, Hashable {
    /// What fits through anything that sends at all, and what no gateway sends.
    public static let bounds = 100...1_000_000_000

    public let bitsPerSecond: Int

    /// Nil outside of the bounds.
    public init?(bitsPerSecond: Int) {
        guard Self.bounds.contains(bitsPerSecond) else { return nil }
        self.bitsPerSecond = bitsPerSecond
    }

    private static let units = [
        ("bit/s", 1), ("kbit/s", 1000), ("Mbit/s", 1_000_000), ("Gbit/s", 1_000_000_000),
        ("B/s", 8), ("kB/s", 8000), ("MB/s", 8_000_000),
    ]

    /// `64kbit/s`, `9.6 kbit/s`, `2MB/s`.
    public init(parsing text: String) throws(DeliveryTextError) {
        var scanner = TextScanner(text)
        scanner.skipSpaces()
        let start = scanner.position
        let digits = scanner.take { TextScanner.isDigit($0) || $0 == UInt8(ascii: ".") }
        scanner.skipSpaces()
        let startOfUnit = scanner.position
        let name = scanner.take { !TextScanner.isSpace($0) }
        scanner.skipSpaces()
        guard let number = Double(digits), scanner.isAtEnd else {
            throw DeliveryTextError("a rate is needed, such as \"64kbit/s\"", offset: start)
        }
        guard let unit = Self.units.first(where: { $0.0 == name }) else {
            let names = Self.units.map(\.0).joined(separator: ", ")
            throw DeliveryTextError("the unit of a rate is one of \(names)", offset: startOfUnit)
        }
        let bits = (number * Double(unit.1)).rounded()
        guard bits <= Double(Self.bounds.upperBound), let rate = DataRate(bitsPerSecond: Int(bits)) else {
            throw DeliveryTextError("a rate is 100bit/s to 1Gbit/s", offset: start)
        }
        self = rate
    }
}
