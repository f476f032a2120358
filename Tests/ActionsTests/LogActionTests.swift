import Alarms
import Platform
import Readings
import TestSupport
import Testing

@testable import Actions

@Suite struct LogActionTests {
    private func lines(_ events: AlarmEvent...) throws -> [String] {
        let bench = try ActionBench("[[action]]\nname = \"journal\"\nkind = \"log\"")
        for event in events { bench.submit(event) }
        #expect(eventually { bench.reports.count(.done) == events.count })
        #expect(bench.stop())
        return bench.scene.log.filter { $0.contains(" alarm: ") }.map { line in
            String(line.drop { $0 != " " }.dropFirst().dropLast())
        }
    }

    @Test func eachEventIsALine() throws {
        let lines = try lines(
            event(1), event(2, "b", level: .warning), event(3, "c", "", change: .cleared, value: .absent),
            event(4, "d", value: .text("FAULT\n12"), message: "a\u{1B}[31mb"))
        #expect(
            lines.sorted() == [
                "error alarm: critical d of press/1 raised (FAULT\u{FFFD}12): a\u{FFFD}[31mb",
                "error alarm: critical pressure of press/1 raised (3500.5 kPa): too high",
                "info alarm: critical c cleared: too high",
                "warning alarm: warning b of press/1 raised (3500.5 kPa): too high",
            ])
    }
}
