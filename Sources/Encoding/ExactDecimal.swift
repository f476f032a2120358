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

    /// The whole number next to `number` times `power`, whether or not it gives it back; 0 where that is too large.
    static func nearestWhole(_ number: Double, times power: Double) -> Int64 {
        let scaled = number * power
        guard scaled.magnitude < limit else { return 0 }
        return Int64(bitPattern: (scaled + roundingBias).bitPattern &- roundingBias.bitPattern)
    }

    /// What `wholeNumber` gives as a double; of other numbers, anything. Unlike the processor's own, this conversion
    /// can be done with several at once.
    @inline(__always)
    static func double(_ whole: Int64) -> Double {
        Double(bitPattern: UInt64(bitPattern: whole) &+ roundingBias.bitPattern) - roundingBias
    }

    /// The smallest exponent from `start` on with which `number` is exact.
    static func exponent(of number: Double, from start: Int) -> Int? {
        (start..<powers.count).first { wholeNumber(number, times: powers[$0]) != nil }
    }
}
