/// Where the values of a series lie and how far apart, little moved by those that lie far off.
struct RobustScale: Sendable {
    /// Scores are kept as whole numbers of this part, so that sums of them are exact however long they run.
    static let parts = 2048.0
    private static let highest = 8.0
    private static let slowest = 1.0 / 5000
    /// Up to this number a value moves both as far as it likes: there is nothing yet to measure it by.
    private static let lastFree: Int64 = 10

    var centre = 0.0
    var spread = 0.0

    /// How many spreads a value is from the centre, both of which it has moved before. To the nearest part and not cut off:
    /// a ratio that is exact but for its last bit would otherwise depend on the unit of the series.
    @inline(__always)
    mutating func score(of value: Double, number: Int64, weight: Double) -> Int16 {
        if number == 0 { centre = value }
        let distance = value - centre
        let share = max(weight, Self.slowest)
        let isFree = number <= Self.lastFree
        let most = 3 * spread
        centre += share * (isFree ? distance : min(max(distance, -most), most))
        let length = abs(distance)
        spread += share * ((isFree || spread == 0 ? length : min(length, 4 * spread)) - spread)
        guard spread > 0 else { return 0 }
        return Self.wholeParts((value - centre) / spread)
    }

    @inline(__always)
    private static func wholeParts(_ ratio: Double) -> Int16 {
        // In this order, what compares with nothing would become a number too.
        let score = ratio < highest ? (ratio > -highest ? ratio : -highest) : highest
        return Int16(score * parts + (score < 0 ? -0.5 : 0.5))
    }
}
