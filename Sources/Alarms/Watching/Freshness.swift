/// Whether a reading that has a time of its own says how things are, or how they were.
///
/// Compared is not the clock of the machine, which may jump, but how much later than its own time a reading comes in by the
/// clock that does not: that delay is about the same for all readings of the present, and larger for those of a backlog.
/// A device whose clock is wrong has a delay that is wrong by the same amount, and stays so: after a while that is taken
/// for the present, too. So is a backlog that is caught up with hardly faster than it grows: see `isBehind`. All times are
/// microseconds.
struct Freshness {
    /// `moment`: when it was so, by the clock that does not jump; between two readings there is as much time as between
    /// their own times. `lag`: how much longer ago it was than that it came in.
    enum Verdict: Equatable {
        case present(moment: Int64)
        case late(moment: Int64, lag: Int64)
        /// Something newer has been seen.
        case old
    }

    /// The least delay is looked for in two of these.
    private static let window: Int64 = 600_000_000
    /// No time is taken for further away, some 60 years: so that nothing overflows, in nanoseconds neither.
    private static let farthest: Int64 = 2_000_000_000_000_000

    private var newest: Int64 = .min
    /// The least delay of this window and of the one before.
    private var least: Int64
    private var leastBefore: Int64
    private var windowStart: Int64
    /// From own times to moments. It stays as it is while the delay varies: a rate needs times that are even.
    private var offset: Int64?
    /// Late ones have come since then, with that delay at first.
    private var lateSince: (now: Int64, delay: Int64)?
    /// Old ones have come since then, and the newest of them.
    private var oldSince: (now: Int64, first: Int64, last: Int64)?

    /// As if a reading of this very moment had come without delay.
    init(now: Int64, wall: Int64) {
        least = now &- wall
        leastBefore = least
        windowStart = now
    }

    private var base: Int64 { min(least, leastBefore) }

    mutating func judge(time: Int64, now: Int64, maxAge: Int64) -> Verdict {
        let time = max(.min / 4, min(time, .max / 4))
        let delay = now - time
        var lag: Int64 = 0
        if time <= newest {
            guard time < newest, isSetBack(to: time, now, maxAge) else { return .old }
            believe(delay, now)
        } else if delay - base <= maxAge {
            lateSince = nil
            note(delay, now)
        } else if isBehind(delay, now, maxAge) {
            believe(delay, now)
        } else {
            lag = min(delay - base, Self.farthest)
        }
        newest = time
        oldSince = nil
        let moment = moment(time, now, maxAge)
        return lag > 0 ? .late(moment: moment, lag: lag) : .present(moment: moment)
    }

    private mutating func moment(_ time: Int64, _ now: Int64, _ maxAge: Int64) -> Int64 {
        if abs((offset ?? .max / 2) - base) > maxAge { offset = base }
        return max(now - Self.farthest, min(time + (offset ?? base), now + Self.farthest))
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
    ///
    /// A backlog that comes in by a twentieth faster than it was made is not told from that, nor is one that stands still
    /// for a moment and then goes on as fast. One that has stood still for most of the while is.
    private mutating func isBehind(_ delay: Int64, _ now: Int64, _ maxAge: Int64) -> Bool {
        guard let since = lateSince else {
            lateSince = (now, delay)
            return false
        }
        let elapsed = now - since.now
        guard elapsed >= maxAge else { return false }
        let caughtUp = since.delay - delay
        if caughtUp <= elapsed / 20 + min(1_000_000, maxAge / 20), -caughtUp <= elapsed / 2 { return true }
        if elapsed >= 2 * maxAge || -caughtUp > elapsed / 2 { lateSince = (now, delay) }
        return false
    }

    /// Readings older than the newest come one behind the other at the pace of the clock: that of the device was set back.
    /// Those that are delivered again come faster than that, or begin anew.
    private mutating func isSetBack(to time: Int64, _ now: Int64, _ maxAge: Int64) -> Bool {
        // Some have the same time as the one before, or have overtaken it.
        guard let since = oldSince, time >= since.last - maxAge / 10 else {
            oldSince = (now, time, time)
            return false
        }
        oldSince = (since.now, since.first, max(since.last, time))
        let elapsed = now - since.now
        guard elapsed >= maxAge else { return false }
        if time - since.first >= elapsed / 2, time - since.first <= elapsed * 2 { return true }
        if elapsed >= 2 * maxAge { oldSince = (now, time, time) }
        return false
    }
}
