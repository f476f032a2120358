/// Numbers of bytes as the configuration writes them: `64MiB`, `20GB`, `500kB`, `4096`.
enum SizeText {
    private static let units: [(name: String, bytes: Int)] = [
        ("TiB", 1 << 40), ("TB", 1_000_000_000_000), ("GiB", 1 << 30), ("GB", 1_000_000_000),
        ("MiB", 1 << 20), ("MB", 1_000_000), ("KiB", 1 << 10), ("kB", 1000), ("B", 1),
    ]

    static func parse(_ text: String) throws(ValueError) -> Int {
        guard let quantities = Quantity.parse(text), quantities.count == 1 else {
            throw ValueError("\(quoted(text)) is not a size such as \"64MiB\" or \"20GB\"")
        }
        let quantity = quantities[0]
        let name = quantity.unit.isEmpty ? "B" : quantity.unit
        guard let unit = units.first(where: { $0.name == name }) else {
            let names = units.map(\.name).joined(separator: ", ")
            throw ValueError("\(quoted(quantity.unit)) is none of the units \(names)")
        }
        let (bytes, overflows) = quantity.count.multipliedReportingOverflow(by: unit.bytes)
        if overflows { throw ValueError("this size is too large to be counted") }
        return bytes
    }

    /// With the largest unit that divides it.
    static func write(_ bytes: Int) -> String {
        let unit = units.first { bytes != 0 && bytes.isMultiple(of: $0.bytes) } ?? ("B", 1)
        return "\(bytes / unit.bytes)\(unit.name)"
    }
}
