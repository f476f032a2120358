/// Lengths of time as people write them: `500ms`, `10s`, `1h30m`, `4w`, `1y`; in microseconds.
enum Interval {
    private static let units: [(name: StaticString, microseconds: Int64)] = [
        ("y", 31_536_000_000_000), ("w", 604_800_000_000), ("d", 86_400_000_000), ("h", 3_600_000_000),
        ("m", 60_000_000), ("s", 1_000_000), ("ms", 1000), ("us", 1),
    ]

    /// Numbers with a unit each, the larger unit first. Nil for anything else, and for what cannot be counted.
    static func parse(_ text: UnsafeBufferPointer<UInt8>) -> Int64? {
        var rest = text[...]
        var total: Int64 = 0
        var next = 0
        repeat {
            let digits = rest.prefix { isDigit($0) }
            rest = rest[digits.endIndex...]
            let name = rest.prefix { !isDigit($0) }
            rest = rest[name.endIndex...]
            guard let count = number(digits), let unit = index(ofUnit: name), unit >= next,
                let part = product(count, units[unit].microseconds), let sum = sum(total, part)
            else { return nil }
            (total, next) = (sum, unit + 1)
        } while !rest.isEmpty
        return total
    }

    /// A length as the name of a table has it: one number with the largest unit up to a day that divides it.
    static func name(_ microseconds: Int64) -> String {
        let unit = units.first { $0.microseconds <= 86_400_000_000 && microseconds % $0.microseconds == 0 }!
        return "\(microseconds / unit.microseconds)\(unit.name)"
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    private static func index(ofUnit name: Slice<UnsafeBufferPointer<UInt8>>) -> Int? {
        units.firstIndex { unit in unit.name.withUTF8Buffer { $0.elementsEqual(name) } }
    }

    private static func number(_ digits: Slice<UnsafeBufferPointer<UInt8>>) -> Int64? {
        guard !digits.isEmpty else { return nil }
        return digits.reduce(Int64?(0)) { number, digit in
            number.flatMap { product($0, 10) }.flatMap { sum($0, Int64(digit - 0x30)) }
        }
    }

    private static func product(_ left: Int64, _ right: Int64) -> Int64? {
        let (product, overflows) = left.multipliedReportingOverflow(by: right)
        return overflows ? nil : product
    }

    private static func sum(_ left: Int64, _ right: Int64) -> Int64? {
        let (sum, overflows) = left.addingReportingOverflow(right)
        return overflows ? nil : sum
    }
}
