import Alarms
import History
import Readings

/// What the stored readings of a series are like.
public struct SeriesProfile: Sendable {
    /// Of one value; in the order in which they came.
    public struct State: Sendable {
        public var value: Value
        public var count: Int
    }

    public static let mostStates = 16
    /// Numbers of which quantiles are made, evenly taken.
    private static let mostNumbers = 1_000_000
    private static let mostDifferences = 200_000

    public private(set) var range: TimeRange
    public private(set) var readings = 0
    /// Good and finite.
    public private(set) var numbers = 0
    public private(set) var texts = 0
    public private(set) var bad = 0
    public private(set) var infinite = 0
    public private(set) var least = Double.infinity
    public private(set) var greatest = -Double.infinity
    public private(set) var rises = 0
    public private(set) var falls = 0
    /// The different values; nil where there are too many.
    public private(set) var states: [State]? = []
    /// Ascending.
    private(set) var sorted: [Double] = []
    /// How far it moves from one reading to the next, where it does; ascending.
    private(set) var steps: [Double] = []
    /// Between readings, ascending. Microseconds, as are the next two.
    private(set) var intervals: [Double] = []
    private(set) var longestInterval: Int64 = 0
    private(set) var longestRest: Int64 = 0

    private var places: [Value: Int] = [:]

    /// Between two readings.
    public var usualInterval: Int64? { intervals.quantile(0.5).map { Int64(min($0, 9e18)) } }

    public init(of series: SeriesID, in range: TimeRange, _ reader: StoreReader, progress: (Double) -> Void = { _ in })
        throws
    {
        self.range = range
        let expected = max(1, try reader.count(series, range))
        var gatherer = Gatherer()
        let scan = try reader.scan(series, range)
        while try scan.next() {
            for row in scan.rows { take(scan.batch[row], &gatherer) }
            progress(Double(readings) / Double(expected))
        }
        sorted = gatherer.numbers.sorted()
        steps = gatherer.steps.sorted()
        intervals = gatherer.intervals.sorted()
        if let first = gatherer.first, let last = gatherer.time { self.range = TimeRange(first: first, last: last) }
    }

    private struct Gatherer {
        var numbers = EvenSample(most: SeriesProfile.mostNumbers)
        var steps = EvenSample(most: SeriesProfile.mostDifferences)
        var intervals = EvenSample(most: SeriesProfile.mostDifferences)
        var first: Int64?
        var time: Int64?
        var number: Double?
        /// Since when the value is the same.
        var restSince: Int64 = 0
        var value: Value?
    }

    private mutating func take(_ reading: Reading, _ gatherer: inout Gatherer) {
        readings += 1
        let time = reading.time.microseconds
        if let before = gatherer.time {
            let interval = Self.distance(before, time)
            gatherer.intervals.add(Double(interval))
            longestInterval = max(longestInterval, interval)
        }
        gatherer.first = gatherer.first ?? time
        gatherer.time = time
        if reading.isBad {
            bad += 1
            return
        }
        note(reading.value)
        // Silence is no rest: nobody knows what it was meanwhile.
        if gatherer.value != reading.value { (gatherer.value, gatherer.restSince) = (reading.value, time) }
        longestRest = max(longestRest, Self.distance(gatherer.restSince, time))
        switch reading.value {
        case .number(let number) where number.isFinite: take(number, &gatherer)
        case .number: infinite += 1
        case .text: texts += 1
        case .absent: break
        }
    }

    private mutating func take(_ number: Double, _ gatherer: inout Gatherer) {
        numbers += 1
        least = min(least, number)
        greatest = max(greatest, number)
        gatherer.numbers.add(number)
        if let before = gatherer.number, before != number {
            if number > before { rises += 1 } else { falls += 1 }
            gatherer.steps.add(abs(number - before))
        }
        gatherer.number = number
    }

    private mutating func note(_ value: Value) {
        guard states != nil else { return }
        if let place = places[value] {
            states?[place].count += 1
        } else if places.count == Self.mostStates {
            (states, places) = (nil, [:])
        } else {
            places[value] = states?.count
            states?.append(State(value: value, count: 1))
        }
    }

    private static func distance(_ from: Int64, _ to: Int64) -> Int64 {
        let (distance, isFar) = to.subtractingReportingOverflow(from)
        return isFar ? .max : distance
    }
}
