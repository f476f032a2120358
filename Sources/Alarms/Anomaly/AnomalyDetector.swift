/// Finds what is not as usual in a series, without being told what is usual. A reading is abnormal when one of five views
/// of the signal leaves the range in which that view has ever lived, by more than a margin that shrinks with experience.
///
/// A value of less than 1 KB, and nothing is allocated: `take` is called for each good reading of a series, in the order in
/// which they come, by the one thread that owns the detector. The first hundred readings raise nothing.
public struct AnomalyDetector: Sendable {
    /// Beyond it a number counts as this one: no difference or sum of values can then overflow.
    static let largest = 1e290
    /// The share of its range by which a view may leave it before it is an alert, and half of the score.
    private static let margin = 0.025
    private static let severeMargin = 0.1
    /// After an alert, so many readings raise none, unless it is the first severe one.
    private static let pause: Int64 = 75

    /// So many it has learnt from.
    public internal(set) var readings: Int64 = 0
    var lastTime: Int64 = 0
    /// Counted in readings; nil before the first one.
    var lastAlert: Int64?
    var lastWasSevere = false
    var trend = 0.0
    var scale = RobustScale()
    var recent = RecentScores()
    var daily = DailyProfile()
    var ranges = EnvelopeRanges()

    public init() {}

    /// Numbers that are not finite are no experience: they change nothing, and are nothing unusual.
    ///
    /// - Parameter time: microseconds. A time that does not go on counts as no time passed, and the next one counts from it:
    ///   a single time from far ahead must not stop the clock for good.
    public mutating func take(_ value: Double, at time: Int64, hour: HourOfDay) -> AnomalyVerdict {
        guard value.isFinite else { return .normal }
        let value = min(max(value, -Self.largest), Self.largest)
        let elapsed = secondsSinceLast(time)
        let views = look(at: value, hour, elapsed)
        let found = ranges.furthest(views)
        ranges.learn(views, shrink: min(3e-5, 1e-7 * elapsed))
        let verdict = found.distance > 0 ? judge(found, views) : .normal
        readings += 1
        lastTime = time
        return verdict
    }

    @inline(__always)
    private func secondsSinceLast(_ time: Int64) -> Double {
        guard readings > 0, time > lastTime else { return 0 }
        // The longest span of an Int64 is twice what one holds.
        return Double(UInt64(bitPattern: time &- lastTime)) / 1e6
    }

    @inline(__always)
    private mutating func look(at value: Double, _ hour: HourOfDay, _ elapsed: Double) -> EnvelopeViews {
        let weight = 1 / Double(readings + 1)
        recent.append(scale.score(of: value, number: readings, weight: weight), number: readings)
        if readings == 0 { trend = value }
        trend += max(1.0 / 96, weight) * (value - trend)
        return EnvelopeViews(
            level: value, jump: value - trend, daily: daily.deviation(of: value, in: hour, elapsed),
            average: readings >= 32 ? recent.average : nil, activity: readings >= 96 ? recent.activity : nil)
    }

    /// Seldom come to: most readings are within all ranges.
    @inline(never)
    private mutating func judge(_ found: EnvelopeRanges.Found, _ views: EnvelopeViews) -> AnomalyVerdict {
        let best = found.distance - youth
        guard best > 0 else { return .normal }
        let isSevere = best >= Self.severeMargin
        let isAlert = best >= Self.margin && mayAlert(isSevere)
        if isAlert {
            ranges.widen(views)
            (lastAlert, lastWasSevere) = (readings, isSevere)
        }
        // A range can be so narrow that no double holds how far outside of it a value is.
        let score = best.isFinite ? best / (best + Self.margin) : 1
        return AnomalyVerdict(
            score: score >= 0.5 && !isAlert ? score * 0.5 : score, rawScore: score, isAlert: isAlert,
            isSevere: isSevere, reason: found.reason)
    }

    private func mayAlert(_ isSevere: Bool) -> Bool {
        guard let lastAlert else { return true }
        return readings - lastAlert >= Self.pause || (isSevere && !lastWasSevere)
    }

    /// What a view may be outside of its range besides, while there is little experience.
    private var youth: Double {
        readings + 1 < 5000 ? 0.02 * naturalLogarithm(5000 / Double(readings + 1)) : 0
    }
}

/// Of a number that is at least 1. The standard library has none, and one of our own is the same on every machine, as are
/// the scores.
func naturalLogarithm(_ number: Double) -> Double {
    // number = significand * 2^exponent, and ln(significand) = 2 artanh(ratio), with a ratio of a fifth at most.
    let isHigh = number.significand > 1.4142135623730951
    let significand = isHigh ? number.significand / 2 : number.significand
    let ratio = (significand - 1) / (significand + 1)
    var sum = 0.0
    for divisor in stride(from: 21.0, through: 1, by: -2) { sum = sum * ratio * ratio + 1 / divisor }
    return 2 * ratio * sum + Double(number.exponent + (isHigh ? 1 : 0)) * 0.6931471805599453
}
