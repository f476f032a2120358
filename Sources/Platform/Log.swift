import CLinux
import Glibc

/// Lines to stderr: with `<N>` priorities under systemd, coloured on a terminal, with the time elsewhere.
///
/// A line given with a `repeats` key is printed at most once in `window`; what was left out is said with a count.
public final class Log: Sendable {
    public enum Level: Int, Sendable, Comparable, CaseIterable {
        case error, warning, info, debug

        public static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }

        var name: String {
            switch self {
            case .error: "error"
            case .warning: "warning"
            case .info: "info"
            case .debug: "debug"
            }
        }
    }

    public enum Style: Sendable { case systemd, terminal, plain }

    public static let window: Duration = .seconds(30)
    /// Keys of repeated lines that are remembered; past it the oldest are let go, with their count.
    static let mostKeys = 1000

    private struct Repeated {
        var level: Level
        var source: String
        var text: String
        var since: MonotonicTime
        var leftOut = 0
    }

    private let level: Level
    private let style: Style
    private let clocks: Clocks
    private let write: @Sendable (String) -> Void
    private let repeated = Monitor<[String: Repeated]>([:])

    public init(
        level: Level, style: Style = Log.styleOfStderr(), clocks: Clocks = .system,
        write: @escaping @Sendable (String) -> Void = Log.toStderr
    ) {
        self.level = level
        self.style = style
        self.clocks = clocks
        self.write = write
    }

    public func error(_ source: String, repeats key: String? = nil, _ message: @autoclosure () -> String) {
        log(.error, source, key, message)
    }

    public func warning(_ source: String, repeats key: String? = nil, _ message: @autoclosure () -> String) {
        log(.warning, source, key, message)
    }

    public func info(_ source: String, repeats key: String? = nil, _ message: @autoclosure () -> String) {
        log(.info, source, key, message)
    }

    public func debug(_ source: String, repeats key: String? = nil, _ message: @autoclosure () -> String) {
        log(.debug, source, key, message)
    }

    /// Says what was left out once its window is over; called about once a second, and with `all` at the end.
    public func flushRepeats(all: Bool = false) {
        let now = clocks.monotonic()
        let over = repeated.withLock { entries in
            let over = entries.filter { all || now - $0.value.since >= Log.window }
            for key in over.keys { entries[key] = nil }
            return over
        }
        for entry in over.values.sorted(by: { $0.since < $1.since }) { printLeftOut(entry) }
    }

    private func log(_ level: Level, _ source: String, _ key: String?, _ message: () -> String) {
        guard level <= self.level else { return }
        guard let key else { return printLine(level, source, message()) }
        let now = clocks.monotonic()
        let id = source + "\u{0}" + key
        var ended: Repeated?
        let text = repeated.withLock { entries -> String? in
            if let since = entries[id]?.since, now - since < Log.window {
                entries[id]!.leftOut += 1
                return nil
            }
            ended = entries[id]
            if ended == nil, entries.count >= Log.mostKeys,
                let oldest = entries.min(by: { $0.value.since < $1.value.since })
            {
                ended = entries.removeValue(forKey: oldest.key)
            }
            let text = message()
            entries[id] = Repeated(level: level, source: source, text: text, since: now)
            return text
        }
        if let ended { printLeftOut(ended) }
        if let text { printLine(level, source, text) }
    }

    private func printLeftOut(_ entry: Repeated) {
        guard entry.leftOut > 0 else { return }
        printLine(entry.level, entry.source, "\(entry.leftOut) more like it since: \(entry.text)")
    }

    private func printLine(_ level: Level, _ source: String, _ message: String) {
        let text = Log.printable(message)
        switch style {
        case .systemd:
            let priority = [Level.error: 3, .warning: 4, .info: 6, .debug: 7][level]!
            write("<\(priority)>\(source): \(text)\n")
        case .terminal:
            let colour = [Level.error: "\u{1B}[31m", .warning: "\u{1B}[33m", .info: "", .debug: "\u{1B}[2m"][level]!
            write("\(colour)\(source): \(text)\(colour.isEmpty ? "" : "\u{1B}[0m")\n")
        case .plain:
            write("\(Log.time(clocks.wall())) \(level.name) \(source): \(text)\n")
        }
    }

    /// A text of somebody else's making must not forge a line, or reach the terminal as a command.
    public static func printable(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.map { isControl($0) ? "\u{FFFD}" : $0 }))
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value)
    }

    private static func time(_ wall: Int64) -> String {
        var seconds = time_t(wall / 1_000_000)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        var buffer = [CChar](repeating: 0, count: 32)
        let length = strftime(&buffer, buffer.count, "%Y-%m-%dT%H:%M:%SZ", &parts)
        return String(decoding: buffer[..<length].map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    public static let toStderr: @Sendable (String) -> Void = { line in
        var line = line
        line.withUTF8 { bytes in _ = Glibc.write(2, bytes.baseAddress, bytes.count) }
    }

    /// JOURNAL_STREAM names the device and inode of the journal's socket: set, but for another descriptor, where
    /// output was redirected.
    public static func styleOfStderr() -> Style {
        if let stream = getenv("JOURNAL_STREAM") {
            var about = stat()
            if fstat(2, &about) == 0, String(cString: stream) == "\(about.st_dev):\(about.st_ino)" { return .systemd }
        }
        return isatty(2) == 1 ? .terminal : .plain
    }
}
