import Encoding
import Journal
import Platform
import Readings
import TestSupport
import Testing

@testable import History

/// Retention goes by a clock that may be wrong.
@Suite struct ClockTests {
    private static let hour: Int64 = 3_600_000_000
    private static let day = 24 * hour
    private static let year = 365 * day

    /// Looks every quarter of an hour at a wall clock that is off by what `error` says; returns the furthest that the
    /// clock of retention was ahead of the truth, and where it stood at the end.
    private func look(hours: Int64, error: (Int64) -> Int64) -> (ahead: Int64, end: Int64) {
        var clock = Int64.min
        var (ahead, lastError, steadySince) = (Int64.min, error(0), Int64(0))
        for quarter in 0...hours * 4 {
            let now = quarter * Self.hour / 4
            let error = error(quarter / 4)
            if abs(error - lastError) > 60_000_000 { (lastError, steadySince) = (error, now) }
            clock = Retention.clock(
                after: clock, wall: 10 * Self.year + now + error, elapsed: quarter == 0 ? 0 : Self.hour / 4,
                steady: now - steadySince)
            ahead = max(ahead, clock - 10 * Self.year - now)
        }
        return (ahead, clock - 10 * Self.year - hours * Self.hour)
    }

    @Test func itGoesOnWithTheWallClock() {
        #expect(look(hours: 100) { _ in 0 } == (0, 0))
    }

    @Test func anHourBackAndForth() {
        #expect(look(hours: 100) { (20..<40).contains($0) ? -Self.hour : 0 } == (0, 0))
        #expect(look(hours: 100) { (20..<40).contains($0) ? Self.hour : 0 } == (Self.hour, 0))
    }

    @Test func yearsForthAndBackAreNotBelieved() {
        #expect(look(hours: 100) { (20..<40).contains($0) ? 20 * Self.year : 0 } == (0, 0))
        // The time of no clock at all; it takes a day to believe in the present again.
        #expect(look(hours: 100) { (20..<40).contains($0) ? -9 * Self.year : 0 } == (0, 0))
    }

    /// What is so for a day is believed; but a clock that is set right then must not go by the wrong one for years.
    @Test func whatWasWrongForLongIsForgottenWhenItIsSetRight() {
        let (ahead, end) = look(hours: 200) { (20..<60).contains($0) ? 20 * Self.year : 0 }
        #expect(ahead == 20 * Self.year)
        #expect(end == 0)
    }

    /// The same with a gateway that is started again in between.
    @Test func aGatewayDeletesNothingByALeap() throws {
        let clock = VirtualClock()
        let directory = TemporaryDirectory()
        var bench = try Self.bench(in: directory, clock)
        let start = clock.clocks.wall()
        let readings = (0..<100).map { start - Self.hour + $0 * 36_000_000 }
        let ticket = try #require(bench.submit("s", readings))
        bench.journal.hurry()
        #expect(bench.waitUntilCommitted(ticket))
        #expect(bench.drain())
        try expire(bench, clock)
        for leap in [-Self.hour, Self.year, -30 * Self.year, 50 * Self.year, 0] {
            let now = clock.clocks.wall()
            clock.setWall(now + leap)
            try expire(bench, clock)
            #expect(bench.stop())
            bench = try Self.bench(in: directory, clock)
            try expire(bench, clock)
            #expect(bench.history.metrics.expired.value == 0, "after a leap by \(leap / Self.hour) hours")
            clock.setWall(now)
            try expire(bench, clock)
        }
        #expect(try StoreReader(directory: directory.path).count(SeriesID(0), TimeRange()) == 100)
        // Time goes by.
        for _ in 0..<40 {
            clock.advance(by: .seconds(3600))
            try expire(bench, clock)
        }
        #expect(bench.history.metrics.expired.value == 100)
        #expect(bench.stop())
        let reader = try StoreReader(directory: directory.path)
        #expect(try reader.count(SeriesID(0), TimeRange()) == 0)
        #expect(try reader.buckets(SeriesID(0), TimeRange(), width: Self.hour).reduce(0) { $0 + $1.count } == 100)
    }

    private static func bench(in directory: TemporaryDirectory, _ clock: VirtualClock) throws -> HistoryBench {
        try HistoryBench(in: directory, scene: Scene(clocks: clock.clocks)) {
            _ in
        } history: {
            $0.retention = Retention(rules: [
                Retention.Rule(series: SeriesGlob("**"), readings: 12 * Self.hour, rollups: [nil, nil, nil])
            ])
        }
    }

    /// Lets it look for what is old, and waits until it has.
    private func expire(_ bench: HistoryBench, _ clock: VirtualClock) throws {
        clock.advance(by: .seconds(901))
        // The first round may have begun before.
        for _ in 0..<2 { #expect(bench.history.drain(deadline: Clocks.farAway)) }
    }
}
