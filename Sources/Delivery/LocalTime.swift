import Readings

/// What the clocks show where the gateway is. `offset` says how many seconds they are ahead of UTC at a time, which is
/// microseconds since 1970; local times are seconds that such a clock has passed since it showed the beginning of 1970.
enum LocalTime {
    static let day: Int64 = 86_400

    /// Nothing is planned before 1970 or after 9999, whatever the clock says.
    private static let moments: ClosedRange<Int64> = 0...253_402_300_799_999_999

    static func clamped(_ moment: Int64) -> Int64 { min(max(moment, moments.lowerBound), moments.upperBound) }

    static func shown(at moment: Int64, _ offset: (Int64) -> Int) -> Int64 {
        let moment = clamped(moment)
        return moment / 1_000_000 + ahead(moment, offset)
    }

    /// No place on Earth is ahead, or behind, by more than a day.
    private static func ahead(_ moment: Int64, _ offset: (Int64) -> Int) -> Int64 {
        min(max(Int64(offset(moment)), -day), day)
    }

    /// When the clocks show a local time: the first time, where they are put back and show it twice; and where they are put
    /// forward and never show it, the moment at which that is done.
    static func moment(showing local: Int64, _ offset: (Int64) -> Int) -> Int64 {
        let (before, after) = (local - 2 * day, local + 2 * day)
        let aheadBefore = ahead(before * 1_000_000, offset)
        let aheadAfter = ahead(after * 1_000_000, offset)
        for ahead in [aheadBefore, aheadAfter] where self.ahead((local - ahead) * 1_000_000, offset) == ahead {
            return (local - ahead) * 1_000_000
        }
        // Never shown. What is looked for is the first second at which they are beyond it.
        var (early, late) = (before, after)
        while late - early > 1 {
            let middle = early + (late - early) / 2
            if middle + ahead(middle * 1_000_000, offset) > local { late = middle } else { early = middle }
        }
        return late * 1_000_000
    }

    static func weekday(ofDay day: Int64) -> Int {
        // 1970 began on a Thursday.
        Int((day + 4).flooredDivision(by: 7).remainder)
    }

    /// The number of the day, from that on which 1970 began, and the second in it.
    static func split(_ local: Int64) -> (day: Int64, second: Int64) {
        let (day, second) = local.flooredDivision(by: day)
        return (day, second)
    }
}
