/// What follows from the stored properties.
extension Rollup {
    /// Of all readings of the bucket, those that neither count as a number nor are a text; 0 where there are none.
    public var badShare: Double {
        bad == 0 ? 0 : Double(bad) / (Double(count) + Double(texts) + Double(bad))
    }

    /// Of the numbers, each with the same weight. A mean lies between the numbers, also where the sum has lost that
    /// to rounding, or is infinite.
    public var mean: Double? {
        count == 0 ? nil : Swift.min(Swift.max(sum / Double(count), min), max)
    }

    /// From the first number to the end of the bucket, where each number stands until the next.
    public var timeWeightedAverage: Double? {
        guard count > 0 else { return nil }
        let part = Double(average) / Double(Self.steps)
        // Never infinite, as the distance from `min` to `max` may be.
        return min * (1 - part) + max * part
    }
}

extension Rollup {
    /// Shorter ones would not leave room for the steps, longer ones not for time.
    static let widths: ClosedRange<Int64> = Int64(steps)...1 << 50

    static func check(width: Int64) {
        guard widths.contains(width) else { fatalError("rollups of \(width) us") }
    }

    /// Adds the readings of another rollup of the same bucket, which came when those of this one were gone. Then
    /// nobody knows how the two lie among each other: of the averages each has the weight of its numbers, and the last
    /// number remains the last one.
    public mutating func merge(with later: Rollup) {
        texts += later.texts
        bad += later.bad
        guard later.count > 0 else { return }
        guard count > 0 else { return takeNumbers(of: later) }
        let average = mergedAverage(later)
        if later.lead < lead { (first, lead) = (later.first, later.lead) }
        count += later.count
        var total = ExactSum(sum)
        total.add(later.sum)
        sum = total.value
        include(later)
        self.average = average.step(between: min, max, parts: 1)
    }

    private mutating func takeNumbers(of other: Rollup) {
        var all = other
        (all.texts, all.bad) = (texts, bad)
        self = all
    }

    private func mergedAverage(_ later: Rollup) -> WeightedAverage {
        var average = WeightedAverage(of: timeWeightedAverage ?? 0)
        let share = Double(later.count) / (Double(count) + Double(later.count))
        average.add(later.timeWeightedAverage ?? 0, part: share)
        return average
    }

    mutating func include(_ other: Rollup) {
        if other.min < min { min = other.min }
        if other.max > max { max = other.max }
    }
}
