import Glibc
import Platform
import TestSupport
import Testing

@Suite struct ClockTests {
    @Test func theMonotonicClockNeverGoesBack() {
        let clocks = Clocks.system
        var last = clocks.monotonic()
        for _ in 0..<10_000 {
            let now = clocks.monotonic()
            #expect(now >= last)
            last = now
        }
    }

    @Test func theWallClockCountsMicrosecondsSince1970() {
        let before = Int64(time(nil))
        let wall = Clocks.system.wall()
        #expect(wall / 1_000_000 >= before)
        #expect(wall / 1_000_000 <= Int64(time(nil)))
    }

    @Test func processorTimeGrowsWithWork() {
        let before = Clocks.processorTime()
        #expect(before > .zero)
        var generator = SeededGenerator(seed: 1)
        #expect(eventually { generator.next() == 0 || Clocks.processorTime() > before })
    }

    @Test(
        arguments: [
            (Duration.zero, 0, 0, 0), (.nanoseconds(1), 1, 0, 1e-9), (.milliseconds(1500), 1_500_000_000, 1500, 1.5),
            (.microseconds(-1500), -1_500_000, -1, -0.0015), (.seconds(-2), -2_000_000_000, -2000, -2),
            (.seconds(9_000_000_000), 9_000_000_000_000_000_000, 9_000_000_000_000, 9e9),
            // Parts of a nanosecond are cut off.
            (Duration(secondsComponent: 0, attosecondsComponent: 1_999_999_999), 1, 0, 1e-9),
        ] as [(Duration, Int64, Int64, Double)])
    func durationsInOtherUnits(duration: Duration, nanoseconds: Int64, milliseconds: Int64, seconds: Double) {
        #expect(duration.nanoseconds == nanoseconds)
        #expect(duration.milliseconds == milliseconds)
        #expect(duration.inSeconds == seconds)
    }

    @Test func momentsAndDurationsAddUp() {
        let moment = MonotonicTime(nanoseconds: 5)
        #expect(moment + .seconds(2) == MonotonicTime(nanoseconds: 2_000_000_005))
        #expect((moment + .seconds(2)) - moment == .seconds(2))
        #expect(moment - (moment + .nanoseconds(7)) == .nanoseconds(-7))
        #expect(moment < moment + .nanoseconds(1))
    }
}
