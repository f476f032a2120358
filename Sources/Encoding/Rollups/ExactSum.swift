/// A sum that keeps what each addition loses to rounding, so that the sum of decimals is the double next to a decimal
/// too: it takes fewer bits, and does not depend on how the numbers were gathered.
struct ExactSum {
    private var sum: Double
    private var lost = 0.0

    init(_ first: Double) { sum = first }

    /// Once infinite it stays that way: the opposite infinity would make it NaN.
    @inline(__always)
    mutating func add(_ number: Double) {
        let total = sum + number
        guard total.isFinite else {
            if sum.isFinite { sum = total }
            return
        }
        let added = total - sum
        lost += (sum - (total - added)) + (number - added)
        sum = total
    }

    var value: Double { lost.isFinite ? sum + lost : sum }
}
