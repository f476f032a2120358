import TestSupport
import Testing

@testable import Platform

@Suite struct LogWriterTests {
    /// A log that takes nothing until it is let go.
    private final class Gate: Sendable {
        let state = Monitor<(isOpen: Bool, isAsked: Bool, text: String)>((false, false, ""))

        func put(_ text: String) {
            state.withLock { $0.isAsked = true }
            _ = state.wait(until: nil) { !$0.isOpen }
            state.withLock { $0.text += text }
        }

        func open() {
            state.withLock { $0.isOpen = true }
            state.notify()
        }

        var text: String { state.withLock { $0.text } }
    }

    @Test func linesComeInOrder() throws {
        let gate = Gate()
        gate.open()
        let writer = try LogWriter(put: gate.put)
        for number in 0..<500 { writer.write("\(number)\n") }
        writer.finish(within: .seconds(10))
        #expect(gate.text == (0..<500).map { "\($0)\n" }.joined())
    }

    @Test func aLogThatTakesNothingHoldsUpNobody() throws {
        let gate = Gate()
        let writer = try LogWriter(put: gate.put)
        writer.write("first\n")
        #expect(eventually { gate.state.withLock { $0.isAsked } })
        for number in 0..<3000 { writer.write("\(number)\n") }
        gate.open()
        writer.finish(within: .seconds(10))
        let lines = gate.text.split(separator: "\n").map(String.init)
        #expect(lines.first == "first")
        #expect(lines.count == LogWriter.mostLines + 2)
        #expect(lines.last == "\(3000 - LogWriter.mostLines) lines of the log were left out here")
    }
}
