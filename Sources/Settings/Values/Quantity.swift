/// A whole number with a unit behind it: `64MiB`, or one part of `1h30m`.
struct Quantity {
    let count: Int
    /// Empty when there is none.
    let unit: String
    let offset: Int

    /// Reads any number of them, one behind the other; nil when the text is something else.
    static func parse(_ text: String) -> [Quantity]? {
        var quantities: [Quantity] = []
        var rest = text.utf8[...]
        while !rest.isEmpty {
            let offset = text.utf8.distance(from: text.startIndex, to: rest.startIndex)
            let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            let letters = rest[digits.endIndex...].prefix { !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            guard let count = Int(Substring(digits)) else { return nil }
            quantities.append(Quantity(count: count, unit: String(Substring(letters)), offset: offset))
            rest = rest[letters.endIndex...]
        }
        return quantities.isEmpty ? nil : quantities
    }
}
