/// What packs of SenML are made of in CBOR, by hand.
enum CBOR {
    static func head(_ type: UInt8, _ argument: UInt64) -> [UInt8] {
        let type = type << 5
        return switch argument {
        case 0..<24: [type | UInt8(argument)]
        case 24..<0x100: [type | 24, UInt8(argument)]
        case 0x100..<0x1_0000: [type | 25] + bytes(argument, 2)
        case 0x1_0000..<0x1_0000_0000: [type | 26] + bytes(argument, 4)
        default: [type | 27] + bytes(argument, 8)
        }
    }

    static func integer(_ number: Int64) -> [UInt8] {
        number < 0 ? head(1, UInt64(~number)) : head(0, UInt64(number))
    }

    static func double(_ number: Double) -> [UInt8] { [0xFB] + bytes(number.bitPattern, 8) }
    static func single(_ number: Float) -> [UInt8] { [0xFA] + bytes(UInt64(number.bitPattern), 4) }
    static func half(_ bits: UInt16) -> [UInt8] { [0xF9] + bytes(UInt64(bits), 2) }
    static func boolean(_ boolean: Bool) -> [UInt8] { [boolean ? 0xF5 : 0xF4] }
    static func text(_ text: String) -> [UInt8] { head(3, UInt64(text.utf8.count)) + Array(text.utf8) }
    static func data(_ data: [UInt8]) -> [UInt8] { head(2, UInt64(data.count)) + data }
    static func decimal(_ digits: Int64, exponent: Int64) -> [UInt8] {
        [0xC4, 0x82] + integer(exponent) + integer(digits)
    }

    static func array(_ items: [UInt8]...) -> [UInt8] { array(items) }
    static func array(_ items: [[UInt8]]) -> [UInt8] { head(4, UInt64(items.count)) + items.joined() }
    static func endlessArray(_ items: [[UInt8]]) -> [UInt8] { [0x9F] + items.joined() + [0xFF] }

    /// By the numbers of the labels.
    static func map(_ pairs: (Int64, [UInt8])...) -> [UInt8] { map(pairs.map { (integer($0), $1) }) }
    static func map(_ pairs: [([UInt8], [UInt8])]) -> [UInt8] {
        head(5, UInt64(pairs.count)) + pairs.flatMap { $0 + $1 }
    }
    static func endlessMap(_ pairs: [([UInt8], [UInt8])]) -> [UInt8] { [0xBF] + pairs.flatMap { $0 + $1 } + [0xFF] }

    private static func bytes(_ number: UInt64, _ count: Int) -> [UInt8] {
        (0..<count).reversed().map { UInt8(truncatingIfNeeded: number >> UInt64($0 * 8)) }
    }
}
