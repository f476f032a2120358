import Glibc
import Platform

/// How far a long command has come, in one line that a terminal shows over and over; nothing where there is none.
struct ProgressLine {
    private static let interval: Duration = .milliseconds(250)

    private let isShown = isatty(2) == 1
    private let started = Clocks.system.monotonic()
    private var next = Clocks.system.monotonic() + .seconds(1)
    private var width = 0

    /// Costs next to nothing while the line is not due.
    mutating func show(_ count: Int, of things: String) {
        let now = Clocks.system.monotonic()
        guard isShown, now >= next else { return }
        next = now + Self.interval
        let rate = Int(Double(count) / (now - started).inSeconds)
        write("\(count) \(things), \(rate) a second")
    }

    /// Takes the line away again.
    mutating func end() {
        if width > 0 { write("") }
    }

    private mutating func write(_ line: String) {
        let text = "\r" + line + String(repeating: " ", count: max(0, width - line.utf8.count))
        width = line.utf8.count
        var bytes = Array((line.isEmpty ? text + "\r" : text).utf8)
        _ = Glibc.write(2, &bytes, bytes.count)
    }
}
