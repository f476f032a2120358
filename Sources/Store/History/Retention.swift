import Readings

/// How long what is kept; pure.
public struct Retention: Sendable {
    public struct Rule: Sendable {
        public var series: SeriesGlob
        /// In microseconds; nil is for ever.
        public var readings: Int64?
        /// For each width of rollups.
        public var rollups: [Int64?]

        public init(series: SeriesGlob, readings: Int64?, rollups: [Int64?]) {
            self.series = series
            self.readings = readings
            self.rollups = rollups
        }

        /// A chunk is deleted as a whole, when its last reading is old enough: it must not reach back too far.
        var longestChunk: Int64 { readings.map { $0 / 4 } ?? .max }
    }

    /// The first that fits a series holds. Where none does, everything is kept.
    public var rules: [Rule]

    public init(rules: [Rule] = []) { self.rules = rules }

    func rule(for name: SeriesName) -> Rule? { rules.first { $0.series.matches(name) } }

    /// A leap forward of more than a day is believed once the clock has gone on from there for a day: a wall clock that
    /// goes wrong for an hour must not empty the store.
    static let patience: Int64 = 86_400_000_000

    /// The moment by which readings are old or not: `before` is what it was, `elapsed` ago, and the wall clock has not
    /// leapt for `steady`. All in microseconds.
    static func clock(after before: Int64, wall: Int64, elapsed: Int64, steady: Int64) -> Int64 {
        guard before > .min else { return wall }
        let leaps = wall > before && wall - before > elapsed + patience
        if leaps, steady < patience { return before }
        // What is far behind is believed at once: nothing is deleted by it, and a clock that was years ahead for long
        // must not have everything deleted for years.
        return before - wall > patience ? wall : max(before, wall)
    }
}
