import Gateway
import History
import Platform
import Readings
import Settings

/// What of a store `outpost alarms replay` and `suggest` look at.
struct PastReadings {
    let reader: StoreReader
    let range: TimeRange

    /// `--since`, or `--from` and `--to`. It ends with the newest reading of the store: of what comes after that nobody knows
    /// whether it was silence, or no gateway ran.
    init(_ directory: String, _ arguments: Arguments) throws {
        let reader = try StoreReader(directory: directory)
        let now = Clocks.system.wall()
        let from = try arguments.moment("--from")
        let to = try arguments.moment("--to")
        let since = try arguments.seconds("--since")
        guard since == nil || from == nil && to == nil else {
            throw UsageError(message: "--since excludes --from and --to")
        }
        let newest = reader.ids.compactMap { reader.latest($0)?.time.microseconds }.filter { $0 <= now }.max()
        // As far as there is a past that a person means.
        let back = Int64(min((since ?? 30 * 86_400) * 1e6, 1e16))
        self.reader = reader
        range = TimeRange(
            first: from ?? (to == nil ? now - back : .min), last: to.map { max(.min + 1, $0) - 1 } ?? newest ?? now)
        let first = range.first
        guard first > range.last else { return }
        if to != nil { throw UsageError(message: "--to lies before --from") }
        throw CommandFailure(
            newest.map {
                "nothing is stored from \(Timestamp(microseconds: first).wholeSecond) on: "
                    + "the newest reading is of \(Timestamp(microseconds: $0).wholeSecond)"
            } ?? "nothing is stored")
    }

    /// Such as "2026-10-21T06:00:00Z to 2026-11-20T06:00:00Z".
    static func text(_ range: TimeRange) -> String {
        "\(Timestamp(microseconds: range.first).wholeSecond) to \(Timestamp(microseconds: range.last).wholeSecond)"
    }
}

extension Int {
    /// "never", "once" and "12 times".
    var times: String { self == 0 ? "never" : self == 1 ? "once" : "\(self) times" }
}

extension Double {
    /// With as many digits as it takes to tell small numbers from none.
    var short: String {
        let power = self >= 100 ? 1.0 : self >= 1 ? 10 : 1000
        let text = "\((self * power).rounded() / power)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}
