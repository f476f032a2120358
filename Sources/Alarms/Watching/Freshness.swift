/// Whether a reading that has a time of its own says how things are, or how they were.
///
/// Compared is not the clock of the machine, which may jump, but how much later than its own time a reading comes in by the
/// clock that does not: that delay is about the same for all readings of the present, and larger for those of a backlog.
/// A device whose clock is wrong has a delay that is wrong by the same amount, and stays so: after a while that is taken
/// for the present, too. All times are microseconds.
struct Freshness {
    enum Verdict: Equatable {
        /// `moment`: when it was so, by the clock that does not jump.
        case present(moment: Int64)
        case late(moment: Int64)
        /// Something newer has been seen.
        case old
    }

    /// The least delay is looked for in two of these.
    private static let window: Int64 = 600_000_000

    private var newest: Int64 = .min
    /// The least delay of this window and of the one before.
    private var least: Int64
    private var leastBefore: Int64
    private var windowStart: Int64
    /// Late ones have come since then, with that delay at first.
    private var lateSince: (now: Int64, delay: Int64)?
    /// Old ones have come since then, one newer than the other.
    private var oldSince: (now: Int64, first: Int64, last: Int64)?

    /// As if a reading of this very moment had come without delay.
    init(now: Int64, wall: Int64) {
        least = now &- wall
        leastBefore = least
        windowStart = now
    }

    private var base: Int64 { min(least, leastBefore) }

    mutating func judge(time: Int64, now: Int64, maxAge: Int64) -> Verdict {
        let delay = now &- time
        if time <= newest {
            guard time < newest, isSetBack(to: time, now, maxAge) else { return .old }
            believe(delay, now)
        } else if delay - base > maxAge {
            guard isBehind(delay, now, maxAge) else {
                newest = time
                oldSince = nil
                return .late(moment: time &+ base)
            }
            believe(delay, now)
        } else {
            lateSince = nil
            note(delay, now)
        }
        newest = time
        oldSince = nil
        return .present(moment: time &+ base)
    }

    private mutating func note(_ delay: Int64, _ now: Int64) {
        if now - windowStart >= Self.window {
            leastBefore = least
            least = delay
            windowStart = now
        } else {
            least = min(least, delay)
        }
    }

    private mutating func believe(_ delay: Int64, _ now: Int64) {
        (least, leastBefore, windowStart) = (delay, delay, now)
        (lateSince, oldSince) = (nil, nil)
    }

    /// The readings come as late as they did a while ago: nothing is being caught up with, the clock of the device is slow.
    private mutating func isBehind(_ delay: Int64, _ now: Int64, _ maxAge: Int64) -> Bool {
        guard let since = lateSince else {
            lateSince = (now, delay)
            return false
        }
        let elapsed = now - since.now
        guard elapsed >= maxAge else { return false }
        if since.delay - delay <= elapsed / 20 + 1_000_000 { return true }
        lateSince = (now, delay)
        return false
    }

    /// Readings older than the newest come one behind the other at the pace of the clock: that of the device was set back.
    /// Those that are delivered again come faster than that, or begin anew.
    private mutating func isSetBack(to time: Int64, _ now: Int64, _ maxAge: Int64) -> Bool {
        guard let since = oldSince, time > since.last else {
            oldSince = (now, time, time)
            return false
        }
        oldSince = (since.now, since.first, time)
        let elapsed = now - since.now
        guard elapsed >= maxAge else { return false }
        return time - since.first >= elapsed / 2 && time - since.first <= elapsed * 2
    }
}
