import Readings

/// Turns the readings of one series into rollups of one width.
///
/// Its owner adds what it has, batch after batch, and takes the rollups that are whole whenever it likes. The bucket
/// of the newest reading stays open until `finish`.
public struct RollupBuilder: Sendable {
    /// Those of buckets that have ended, in order of time.
    public var rollups: [Rollup] = []
    private let width: Int64
    private var open: OpenRollup?

    /// The width in microseconds.
    public init(width: Int64) {
        Rollup.check(width: width)
        self.width = width
    }

    /// Takes rows of ascending times, none of them before those that came earlier.
    public mutating func add(_ batch: borrowing ReadingBatch, _ rows: Range<Int>) {
        guard let firstRow = rows.first else { return }
        let (times, bits, kinds, qualities) = (batch.times, batch.bits, batch.kinds, batch.qualities)
        var open = self.open ?? OpenRollup(at: times[firstRow], width: width)
        for row in rows {
            let time = times[row]
            if time > open.bucket.end {
                rollups.append(open.closed(width: width))
                open = OpenRollup(at: time, width: width)
            }
            let number = Double(bitPattern: bits[row])
            if kinds[row] == .number, qualities[row].isTrusted, number.isFinite {
                open.add(number, at: time)
            } else {
                open.addOther(kinds[row], qualities[row])
            }
        }
        self.open = open
    }

    /// Ends the bucket of the newest reading.
    public mutating func finish() {
        if let open { rollups.append(open.closed(width: width)) }
        open = nil
    }
}

extension Quality {
    /// Whether a value may be reckoned with.
    fileprivate var isTrusted: Bool { self == .good || self == .uncertain }
}

private struct OpenRollup {
    let bucket: Bucket
    private var rollup: Rollup
    private var sum = ExactSum(0)
    private var average = WeightedAverage(of: 0)
    /// Turns a time into a part of the bucket.
    private let perWidth: Double
    private var firstTime: Int64 = 0
    private var lastTime: Int64 = 0

    init(at time: Int64, width: Int64) {
        bucket = Bucket(around: time, width: width)
        rollup = Rollup(start: bucket.start)
        perWidth = 1 / Double(width)
    }

    @inline(__always)
    mutating func add(_ number: Double, at time: Int64) {
        guard rollup.count > 0 else { return begin(number, at: time) }
        average.add(rollup.last, part: Double(time &- lastTime) * perWidth)
        lastTime = time
        rollup.count += 1
        rollup.last = number
        if number < rollup.min { rollup.min = number }
        if number > rollup.max { rollup.max = number }
        sum.add(number)
    }

    private mutating func begin(_ number: Double, at time: Int64) {
        (firstTime, lastTime) = (time, time)
        rollup.count = 1
        (rollup.min, rollup.max, rollup.first, rollup.last) = (number, number, number, number)
        sum = ExactSum(number)
        average = WeightedAverage(of: number)
    }

    mutating func addOther(_ kind: ReadingBatch.Kind, _ quality: Quality) {
        if kind == .text, quality.isTrusted { rollup.texts += 1 } else { rollup.bad += 1 }
    }

    func closed(width: Int64) -> Rollup {
        guard rollup.count > 0 else { return rollup }
        var closed = rollup
        closed.sum = sum.value
        closed.lead = bucket.lead(to: firstTime, width: width)
        var average = average
        average.add(rollup.last, part: part(from: lastTime, width: width))
        closed.average = average.step(between: rollup.min, rollup.max, parts: part(from: firstTime, width: width))
        return closed
    }

    /// The part of the bucket from a time to its end.
    private func part(from time: Int64, width: Int64) -> Double { Double(width - (time - bucket.start)) * perWidth }
}
