/// Doubles that came from decimals: a whole number divided by a power of ten gives them back to the bit.
enum ExactDecimal {
    static let powers: [7 of Double] = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000]

    /// Adding it to a number below 2^51 leaves the nearest whole number in the low bits of the sum: rounding without
    /// a call, which plain x86-64 has no instruction for.
    private static let roundingBias = 0x1.8p52
    private static let limit = 0x1p51

    /// The whole number that gives `number` back when it is divided by `power`; nil where none does: NaN, infinity,
    /// -0, numbers too large or with more decimals.
    @inline(__always)
    static func wholeNumber(_ number: Double, times power: Double) -> Int64? {
        let scaled = number * power
        let biased = scaled + roundingBias
        guard scaled.magnitude < limit, ((biased - roundingBias) / power).bitPattern == number.bitPattern else {
            return nil
        }
        return Int64(bitPattern: biased.bitPattern &- roundingBias.bitPattern)
    }

    /// The smallest exponent from `start` on with which `number` is exact.
    static func exponent(of number: Double, from start: Int) -> Int? {
        (start..<powers.count).first { wholeNumber(number, times: powers[$0]) != nil }
    }
}
