import Glibc

/// The clocks of the place where this machine is, with the days on which they are put forward and back.
public enum TimeZone {
    /// For the whole process, before its threads start; without it the machine's own holds.
    public static func set(_ name: String) {
        setenv("TZ", name, 1)
        tzset()
    }

    /// How many seconds ahead of UTC they are at a time, which is microseconds since 1970.
    public static func offset(at microseconds: Int64) -> Int {
        var seconds = time_t(microseconds / 1_000_000 - (microseconds % 1_000_000 < 0 ? 1 : 0))
        var local = tm()
        return localtime_r(&seconds, &local) == nil ? 0 : local.tm_gmtoff
    }
}
