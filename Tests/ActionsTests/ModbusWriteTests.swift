import Alarms
import Platform
import Readings
import Synchronization
import TestSupport
import Testing

@testable import Actions

/// A line that answers as the test says.
private final class FakeLine: Sendable {
    private struct State {
        var written: [String] = []
        var answers: [PointWriteOutcome?] = []
    }

    private let state = Mutex(State())

    var written: [String] { state.withLock { $0.written } }

    /// One for each write; nil: no answer comes. After the last all goes well.
    init(_ answers: PointWriteOutcome?...) { state.withLock { $0.answers = answers } }

    var write: PointWrite {
        { value, series, by, done in
            let answer = self.state.withLock { state in
                state.written.append("\(series) = \(value) by \(by)")
                return state.answers.isEmpty ? .written : state.answers.removeFirst()
            }
            if let answer { done(answer) }
        }
    }
}

@Suite struct ModbusWriteTests {
    private func bench(_ line: FakeLine, _ lines: String = "") throws -> ActionBench {
        try ActionBench(Self.configuration(lines), write: line.write)
    }

    private static func configuration(_ lines: String) -> String {
        """
        [[modbus]]
        name = "line-1"
        address = "tcp://127.0.0.1"
        [[modbus.device]]
        name = "io"
        [[modbus.device.point]]
        series = "siren"
        table = "coil"
        address = 0
        writable = true
        [[action]]
        name = "horn"
        kind = "modbus_write"
        point = "io/siren"
        value = 1
        \(lines)
        """
    }

    @Test func itWritesWhatIsWanted() throws {
        let line = FakeLine()
        let bench = try bench(line, "clear_value = 0")
        bench.submit(event(1), .turnOn)
        #expect(eventually { bench.reports.outcome(1) == .done })
        bench.submit(event(2), .turnOff)
        #expect(eventually { bench.reports.outcome(2) == .done })
        #expect(line.written == ["io/siren = 1 by alarm pressure", "io/siren = 0 by alarm pressure"])
        #expect(bench.stop())
    }

    @Test func withoutAnEndNothingIsWrittenThen() throws {
        let line = FakeLine()
        let bench = try bench(line)
        bench.submit(event(1), .turnOff)
        #expect(eventually { bench.reports.outcome(1) == .done })
        #expect(line.written == [])
        #expect(bench.stop())
    }

    @Test func aBusyLineIsAskedAgain() throws {
        let line = FakeLine(.failed("busy"), .failed("busy"))
        let bench = try bench(line)
        bench.submit(event(1), .turnOn)
        #expect(eventually { bench.reports.outcome(1) == .done })
        #expect(bench.reports.rows[0].report.attempts == 3)
        #expect(bench.stop())
    }

    @Test func whatIsRefusedIsNotTriedAgain() throws {
        let line = FakeLine(.refused("not writable"))
        let bench = try bench(line)
        bench.submit(event(1), .turnOn)
        #expect(eventually { bench.reports.reason(1) == "not writable" })
        #expect(line.written.count == 1)
        #expect(bench.stop())
    }

    /// While it waits for its next attempt the alarm is over.
    @Test func aWishThatIsOverIsNotWrittenAnyMore() throws {
        let line = FakeLine(.failed("busy"))
        let bench = try bench(line, "clear_value = 0")
        bench.submit(event(1), .turnOn)
        #expect(eventually { bench.detail("action/horn") == "degraded busy" })
        bench.submit(event(2), .turnOff)
        #expect(eventually { bench.reports.rows.count == 2 })
        #expect(bench.reports.outcome(1) == .superseded)
        #expect(bench.reports.outcome(2) == .done)
        #expect(line.written.last == "io/siren = 0 by alarm pressure")
        #expect(bench.stop())
    }

    @Test func itsFailsafeIsTaken() throws {
        let line = FakeLine()
        let bench = try bench(line, "failsafe = 1")
        #expect(bench.actions.takeFailsafe() == [:])
        #expect(line.written == ["io/siren = 1 by failsafe of horn"])
        #expect(bench.stop())
    }

    @Test func aFailsafeThatCannotBeTakenIsSaid() throws {
        let line = FakeLine(nil, .refused("no"))
        let bench = try bench(line, "failsafe = 1")
        #expect(
            bench.actions.takeFailsafe() == ["horn": "no answer from the line of io/siren within two seconds"])
        #expect(bench.actions.takeFailsafe() == ["horn": "no"])
        #expect(bench.stop())
    }

    @Test func itEndsWhileTheLineIsSilent() throws {
        let line = FakeLine(nil)
        let bench = try bench(line)
        bench.submit(event(1), .turnOn)
        #expect(eventually { line.written.count == 1 })
        #expect(bench.stop())
        #expect(bench.reports.rows.isEmpty)
    }
}
