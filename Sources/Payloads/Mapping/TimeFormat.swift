/// How a payload writes a moment.
public enum TimeFormat: String, Sendable, CaseIterable {
    /// Since 1970; fractions are taken too.
    case seconds = "s"
    case milliseconds = "ms"
    case microseconds = "us"
    case nanoseconds = "ns"
    case rfc3339
    /// Text is RFC 3339, or a number in quotes; a number is in the unit that puts it after the year 1973.
    case auto
}
