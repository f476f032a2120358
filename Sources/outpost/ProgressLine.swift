import Glibc
import Platform

/// How far a long command has come, in one line that a terminal shows over and over; nothing where there is none.
struct ProgressLine {
    private static let interval: Duration = .milliseconds(250)
    private static let bar = 50

    private let isShown = isatty(2) == 1
    private let started = Clocks.system.monotonic()
    private var next = Clocks.system.monotonic() + .seconds(1)
    private var width = 0

    /// Costs next to nothing while the line is not due.
    mutating func show(_ count: Int, of things: String) {
        guard let now = due() else { return }
        let rate = Int(Double(count) / (now - started).inSeconds)
        write("\(count) \(things), \(rate) a second")
    }

    /// As a bar, where it is known how much there is: from 0 to 1.
    mutating func show(_ share: Double) {
        guard due() != nil else { return }
        let filled = Int(max(0, min(1, share)) * Double(Self.bar))
        let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: Self.bar - filled)
        write("\(bar) \(filled * 100 / Self.bar) %")
    }

    private mutating func due() -> MonotonicTime? {
        let now = Clocks.system.monotonic()
        guard isShown, now >= next else { return nil }
        next = now + Self.interval
        return now
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
