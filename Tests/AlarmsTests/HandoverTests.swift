import Readings
import Synchronization
import TestSupport
import Testing

@testable import Alarms

/// A series that a second thread brings becomes the desk's, at any moment.
@Suite struct HandoverTests {
    /// The first thread has seen it, and says so just before the second comes.
    @Test func whatIsOnItsWayIsNotLost() {
        let bench = AlarmBench([rule("high", above(10)) { $0.whenBad = .hold }])
        bench.read("a", 1)
        bench.isHoldingMail = true
        bench.read("a", 20)
        bench.read("a", .absent, share: 1)
        bench.isHoldingMail = false
        bench.flush(0, 1)
        #expect(bench.steps == ["raised 1"])
    }

    /// The second thread's reading is at the desk before what the first had seen.
    @Test func norWhatComesBehind() {
        let bench = AlarmBench([rule("high", "*", above(10)) { $0.whenBad = .hold }])
        bench.read("a", 1)
        bench.isHoldingMail = true
        bench.read("a", 20)
        bench.isHoldingMail = false
        bench.read("a", .absent, share: 1)
        #expect(bench.steps == [])
        bench.flush(0)
        #expect(bench.steps == ["raised 1"])
        bench.read("a", 1, share: 0)
        #expect(bench.steps == ["raised 1", "cleared 1"])
    }

    @Test func silenceEndsWithAnyOfThem() {
        let bench = AlarmBench([rule("stale", .staleness(Staleness(10 * second)))])
        bench.read("a", 1)
        bench.advance(11 * second)
        #expect(bench.steps == ["raised 1"])
        bench.isHoldingMail = true
        bench.read("a", 1)
        bench.isHoldingMail = false
        bench.read("a", 1, share: 1)
        bench.flush(0)
        #expect(bench.steps == ["raised 1", "cleared 1"])
        bench.advance(11 * second)
        #expect(bench.steps == ["raised 1", "cleared 1", "raised 1"])
        bench.read("a", 1)
        #expect(bench.steps.last == "cleared 1")
    }

    @Test func whatStandsStaysSo() {
        let rules = [
            rule("stuck", .unchanged(Unchanged(5 * second))),
            rule("often", .count(CountLimit(above: 5, count: 3, within: 5 * second))),
        ]
        let bench = AlarmBench(rules)
        for _ in 0..<8 {
            bench.read("a", 7)
            bench.advance(second)
        }
        #expect(bench.steps == ["raised 1", "raised 1"])
        for step in 0..<20 {
            bench.read("a", 7, share: step % 2)
            bench.advance(second)
        }
        #expect(bench.steps == ["raised 1", "raised 1"])
    }
}
