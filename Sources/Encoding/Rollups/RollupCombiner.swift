/// Turns the rollups of one series into those of a greater width, as they would have come from the readings: exactly,
/// but for the sum, which is rounded, and the two fractions of the average, whose steps become coarser.
///
/// Its owner adds what it has and takes the rollups that are whole whenever it likes. The newest bucket stays open
/// until `finish`.
public struct RollupCombiner: Sendable {
    /// Those of buckets that have ended, in order of time.
    public var rollups: [Rollup] = []
    private let finer: Int64
    private let coarser: Int64
    private var open: CombinedRollup?

    /// The widths in microseconds; the greater is a multiple of the other.
    public init(from finer: Int64, to coarser: Int64) {
        Rollup.check(width: finer)
        Rollup.check(width: coarser)
        guard coarser % finer == 0 else { fatalError("rollups of \(coarser) us from those of \(finer) us") }
        self.finer = finer
        self.coarser = coarser
    }

    /// Takes rollups in order of time.
    public mutating func add(_ rollup: Rollup) {
        if let open, rollup.start > open.bucket.end { finish() }
        var open = self.open ?? CombinedRollup(at: rollup.start, from: finer, to: coarser)
        open.add(rollup)
        self.open = open
    }

    /// Ends the newest bucket.
    public mutating func finish() {
        if let open { rollups.append(open.closed) }
        open = nil
    }
}

private struct CombinedRollup {
    let bucket: Bucket
    /// Widths, and all that follows, in 4096ths of a microsecond: a lead is a whole number of them.
    private let finer: Int64
    private let coarser: Int64
    private var rollup: Rollup
    private var sum = ExactSum(0)
    private var average = WeightedAverage(of: 0)
    /// From the start: where the first number lies, and where the newest rollup that has numbers ends.
    private var firstNumber: Int64 = 0
    private var end: Int64 = 0

    init(at time: Int64, from finer: Int64, to coarser: Int64) {
        bucket = Bucket(around: time, width: coarser)
        self.finer = finer * Int64(Rollup.steps)
        self.coarser = coarser * Int64(Rollup.steps)
        rollup = Rollup(start: bucket.start)
    }

    mutating func add(_ other: Rollup) {
        rollup.texts += other.texts
        rollup.bad += other.bad
        guard other.count > 0 else { return }
        let start = max(0, other.start - bucket.start) * Int64(Rollup.steps)
        let number = start + Int64(other.lead) * (finer / Int64(Rollup.steps))
        if rollup.count == 0 {
            begin(other, at: number)
        } else {
            average.add(rollup.last, part: part(number - end))
            rollup.include(other)
            sum.add(other.sum)
        }
        end = start + finer
        average.add(other.timeWeightedAverage ?? 0, part: part(end - number))
        rollup.count += other.count
        rollup.last = other.last
    }

    private mutating func begin(_ other: Rollup, at number: Int64) {
        firstNumber = number
        rollup.lead = Int(number / (coarser / Int64(Rollup.steps)))
        (rollup.min, rollup.max, rollup.first) = (other.min, other.max, other.first)
        sum = ExactSum(other.sum)
        average = WeightedAverage(of: other.first)
    }

    var closed: Rollup {
        guard rollup.count > 0 else { return rollup }
        var closed = rollup
        closed.sum = sum.value
        var average = average
        average.add(rollup.last, part: part(coarser - end))
        closed.average = average.step(between: rollup.min, rollup.max, parts: part(coarser - firstNumber))
        return closed
    }

    /// Of the bucket.
    private func part(_ time: Int64) -> Double { Double(time) / Double(coarser) }
}
