import Readings

/// When an uplink makes its next attempt.
///
/// Its thread asks for the next step whenever something has changed, and when the time has come that the last step named. At
/// `send` it sends until nothing is left or it must stop, asking `mayGoOn` between frames, and then says how it went; until
/// then it asks for no other step. An attempt whose moment has come stays due until it could be made: outside the windows, while
/// the conditions do not hold, and through failures. A moment at which nothing waits passes.
///
/// Moments are nanoseconds of a clock that never jumps. The wall clock has a say in cron and windows alone, and may jump: set
/// forward over moments of a cron it has passed them, which is one attempt; set back by up to three hours it comes to the next
/// one when it has caught up; set back further it begins anew. Attempts that a clock asks for are half a minute apart at least.
public struct SendTimer: Sendable {
    /// What there is to know at a moment.
    public struct Now: Sendable {
        /// In nanoseconds.
        public var monotonic: Int64
        /// In microseconds since 1970.
        public var wall: Int64
        /// Whether all conditions hold: `only_on`, `only_when`, a command, the budget.
        public var isAllowed: Bool
        /// Whether there is anything to send.
        public var hasWork: Bool

        public init(monotonic: Int64, wall: Int64, isAllowed: Bool, hasWork: Bool) {
            self.monotonic = monotonic
            self.wall = wall
            self.isAllowed = isAllowed
            self.hasWork = hasWork
        }
    }

    public enum Step: Sendable, Hashable {
        case send
        /// To see whether the far end is there, without readings.
        case probe
        /// `Int64.max`: until something changes.
        case wait(until: Int64)
    }

    public enum Outcome: Sendable, Hashable {
        /// All that was to go has arrived, or the probe was answered.
        case arrived
        /// There was no time for all of it, or no budget.
        case stopped
        /// It may go better next time; nanoseconds that the far end asks to wait, 0 if it does not.
        case failed(asked: Int64 = 0)
        /// The far end will not have it from us, now or soon: a wrong token, a wrong address.
        case refused
    }

    private static let second: Int64 = 1_000_000_000
    private static let continuousPause = second / 4
    /// Something comes up in several steps, each of which is told: an attempt for each would be too many.
    private static let networkPause = 3 * second
    private static let cronPause = 30 * second
    /// What is asked for at once by many, such as a cron at midnight or a start after a power cut, is spread over so long.
    private static let spread = 30 * second
    /// A wall clock is looked at again each minute: moments and windows begin with one.
    private static let minute = 60 * second
    private static let catchingUp: Int64 = 3 * 3_600_000_000

    private let schedule: SendSchedule
    /// Of its own for each gateway; up to 49 days.
    private let phase: Int64
    private var link: LinkQuality?
    private var retry: RetryPause

    /// An attempt's moment has come.
    private var isDue = false
    private var isWished = false
    /// The attempt under way is somebody's wish.
    private var isOverriding = false
    /// By monotonic time: the next one of the schedule, where it has such.
    private var nextMoment: Int64
    /// By the wall clock; nil before it was asked.
    private var nextCron: Int64?
    private var latestWall: Int64 = .min
    /// Of the last attempt.
    private var begun: Int64?
    /// After failures: no attempt before.
    private var retryAt: Int64 = .min
    /// Because the far end said so.
    private var askedUntil: Int64 = .min
    private var hasFailed = false
    /// The attempt under way is one to see whether the far end is there.
    private var isProbing = false

    /// The first attempt of those that follow no wall clock comes within half a minute of the start: what is started more often
    /// than it is to send would never send otherwise.
    public init(_ schedule: SendSchedule, gateway: String, retry: RetryPause = RetryPause(), start: Int64) {
        self.schedule = schedule
        self.retry = retry
        let hash = gateway.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        // Once more: of two names that differ in their last letter alone the hashes are close to each other.
        phase = Int64(((hash ^ hash >> 32) &* 0x9E37_79B9_7F4A_7C15) >> 32) * 1_000_000
        if case .adaptive(let bands) = schedule.kind { link = LinkQuality(bands) }
        nextMoment =
            switch schedule.kind {
            case .every(let interval): start + phase % min(Self.spread, max(1, interval.nanoseconds))
            case .adaptive: start + phase % Self.spread
            case .continuous, .cron, .manual: start
            }
    }

    /// How the link is, where that decides.
    public var quality: LinkQuality? { link }

    // MARK: - What is next

    public mutating func next(_ now: Now, offset: (Int64) -> Int) -> Step {
        let moment = moment(now, offset)
        guard now.hasWork else {
            (isDue, isWished) = (false, false)
            return .wait(until: moment)
        }
        if isWished { return begin(now, .send) }
        guard isDue else { return .wait(until: moment) }
        guard now.isAllowed else { return .wait(until: .max) }
        guard isOpen(now.wall, offset) else { return .wait(until: nextMinute(now)) }
        guard now.monotonic >= retryAt else { return .wait(until: retryAt) }
        return begin(now, link?.band == .offline ? .probe : .send)
    }

    private mutating func begin(_ now: Now, _ step: Step) -> Step {
        begun = now.monotonic
        isProbing = step == .probe
        isOverriding = isWished
        isWished = false
        return step
    }

    /// Notes that a moment of the schedule has come, and says when the next one may.
    private mutating func moment(_ now: Now, _ offset: (Int64) -> Int) -> Int64 {
        switch schedule.kind {
        case .manual: return .max
        case .cron(let cron):
            if hasCronCome(cron, now, offset) { isDue = true }
            return nextMinute(now)
        case .every(let interval):
            guard now.monotonic >= nextMoment else { return nextMoment }
            isDue = true
            nextMoment = gridMoment(after: now.monotonic, max(1, interval.nanoseconds))
            return nextMoment
        case .continuous, .adaptive:
            if now.monotonic >= nextMoment { isDue = true }
            return now.hasWork ? nextMoment : .max
        }
    }

    /// From the begin of one attempt to the next, where that decides.
    private var pause: Int64? {
        switch schedule.kind {
        case .continuous: Self.continuousPause
        case .adaptive: link?.interval
        case .every, .cron, .manual: nil
        }
    }

    private func gridMoment(after now: Int64, _ interval: Int64) -> Int64 {
        let origin = phase % interval
        return now + interval - (now - origin).flooredDivision(by: interval).remainder
    }

    // MARK: - The wall clock

    /// That of this gateway is behind by its own part of half a minute.
    private func shifted(_ wall: Int64) -> Int64 {
        LocalTime.clamped(LocalTime.clamped(wall) - phase % Self.spread / 1000)
    }

    private func nextMinute(_ now: Now) -> Int64 {
        now.monotonic + Self.minute - shifted(now.wall) % (Self.minute / 1000) * 1000
    }

    private mutating func hasCronCome(_ cron: CronSchedule, _ now: Now, _ offset: (Int64) -> Int) -> Bool {
        let wall = shifted(now.wall)
        defer { latestWall = max(latestWall, wall) }
        guard let next = nextCron, wall > latestWall - Self.catchingUp else {
            latestWall = wall
            nextCron = cron.next(after: wall, offset: offset)
            return false
        }
        let earliest = (begun ?? .min / 2) + Self.cronPause
        guard wall >= next, now.monotonic >= earliest else { return false }
        nextCron = cron.next(after: wall, offset: offset)
        return true
    }

    private func isOpen(_ wall: Int64, _ offset: (Int64) -> Int) -> Bool {
        schedule.windows.isEmpty
            || [wall, shifted(wall)].allSatisfy { moment in
                let local = LocalTime.shown(at: moment, offset)
                return schedule.windows.contains { $0.contains(local) }
            }
    }

    /// Whether an attempt under way may send another frame.
    public func mayGoOn(_ now: Now, offset: (Int64) -> Int) -> Bool {
        isOverriding || now.isAllowed && isOpen(now.wall, offset)
    }

    // MARK: - What happens

    /// Somebody wants all that waits to be sent now: whatever the schedule, windows, conditions and the far end say.
    public mutating func syncNow() { isWished = true }

    /// An address or a route has come: after failures that is a better time than any other, but for what the far end asked.
    public mutating func networkChanged() {
        guard hasFailed, let begun else { return }
        link?.networkChanged()
        retry.reset()
        retryAt = min(retryAt, max(askedUntil, begun + Self.networkPause))
    }

    /// A frame has arrived, or the probe's answer: what an adaptive schedule learns from. See LinkQuality.
    public mutating func measured(bytes: Int, duration: Int64, latency: Int64) {
        link?.measured(bytes: bytes, duration: duration, latency: latency)
    }

    /// How the attempt went, or the probe.
    public mutating func finished(
        _ outcome: Outcome, at now: Int64, using generator: inout some RandomNumberGenerator
    ) {
        switch outcome {
        case .arrived, .stopped:
            link?.succeeded()
            isDue = isProbing || outcome == .stopped
            hasFailed = false
            retry.reset()
            retryAt = .min
        case .failed(let asked): fail(asked, now, using: &generator)
        case .refused: fail(retry.longest, now, using: &generator)
        }
        if let pause, let begun { nextMoment = begun + pause }
    }

    private mutating func fail(_ asked: Int64, _ now: Int64, using generator: inout some RandomNumberGenerator) {
        link?.failed()
        isDue = true
        hasFailed = true
        askedUntil = now + RetryPause.heeded(asked)
        retryAt = now + retry.next(asked: asked, using: &generator)
    }
}
