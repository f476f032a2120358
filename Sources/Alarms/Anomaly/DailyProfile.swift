/// What is usual at each hour of the day, and how far the last 24 values were from it.
struct DailyProfile: Sendable {
    static let hours = 24
    static let averaged = 24
    /// From here on a visit moves the mean of its hour by no less than this.
    private static let slowest = 0.3
    /// Further ones change no weight.
    static let mostVisits = 3
    /// An hour from which nothing came for so long was left, also if the next reading is one of the same hour next day.
    private static let hour = 3600.0

    var means = InlineArray<24, Double>(repeating: 0)
    /// How often each hour was left, `mostVisits` at most.
    var visits = InlineArray<24, UInt8>(repeating: 0)
    var deviations = InlineArray<24, Double>(repeating: 0)
    var deviationCount = 0
    var nextDeviation = 0
    var visit = Visit()

    /// The present hour. The sum is of what the values differ from the first one: of small numbers, however large those are.
    struct Visit: Sendable {
        /// Nil before the first reading.
        var hour: Int?
        var first = 0.0
        var sum = 0.0
        var count = 0.0

        var mean: Double { first + sum / count }
    }

    /// The mean of the last 24 deviations; nil where the hour was never left before, or there are not so many yet.
    @inline(__always)
    mutating func deviation(of value: Double, in hour: HourOfDay, _ elapsed: Double) -> Double? {
        if visit.hour != hour.number || elapsed >= Self.hour {
            leave()
            visit = Visit(hour: hour.number, first: value)
        }
        visit.sum += value - visit.first
        visit.count += 1
        guard visits[hour.number] > 0 else { return nil }
        deviations[nextDeviation] = value - means[hour.number]
        nextDeviation = nextDeviation + 1 == Self.averaged ? 0 : nextDeviation + 1
        if deviationCount < Self.averaged { deviationCount += 1 }
        return deviationCount == Self.averaged ? meanDeviation : nil
    }

    /// Four sums at a time do not wait for one another.
    private var meanDeviation: Double {
        var (first, second, third, fourth) = (0.0, 0.0, 0.0, 0.0)
        for index in stride(from: 0, to: Self.averaged, by: 4) {
            first += deviations[index]
            second += deviations[index + 1]
            third += deviations[index + 2]
            fourth += deviations[index + 3]
        }
        return ((first + second) + (third + fourth)) / Double(Self.averaged)
    }

    @inline(never)
    private mutating func leave() {
        guard let hour = visit.hour else { return }
        if visits[hour] == 0 {
            means[hour] = visit.mean
        } else {
            means[hour] += max(Self.slowest, 1 / (Double(visits[hour]) + 1)) * (visit.mean - means[hour])
        }
        visits[hour] = min(visits[hour] + 1, UInt8(Self.mostVisits))
    }
}
