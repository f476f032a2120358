/// When what is asked for on one line: one request at a time.
///
/// Each request has its own grid of moments, a period apart, which never moves. A moment that comes while the one before has
/// not had its turn is missed: it is counted, and never made up for. Of those whose moment has come the one with the shorter
/// period goes first, unless another has waited for a second, or for half of its period.
///
/// A unit that does not answer is left alone, and tried again after a pause that grows, and so is a request that alone has no
/// answer; all such attempts together take no more than a share of the line's time. All times are nanoseconds of a clock that never jumps.
public struct LineSchedule: Sendable {
    public struct Task: Sendable, Hashable {
        public var unit: UInt8
        public var period: Int64

        public init(unit: UInt8, period: Duration) {
            self.unit = unit
            let (seconds, attoseconds) = period.components
            self.period = max(1, seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
        }
    }

    public enum Step: Sendable, Hashable {
        case poll(Int)
        case wait(until: Int64)
    }

    /// What is looked at each time, for all tasks: small, and side by side.
    private struct Slot: Sendable {
        let period: Int64
        /// Its first moment.
        let start: Int64
        /// The first moment that has not had its turn.
        var due: Int64
        /// Of its unit.
        let breaker: Int
        /// Some devices say nothing to requests that they do not know: those are left alone by themselves.
        var own = Breaker()

        /// Whether it may go before others that are faster.
        func hasWaited(_ now: Int64) -> Bool { now - due >= min(period / 2, LineSchedule.patience) }

        /// Goes on to the last moment that has come; says how many are left out.
        mutating func skipMissed(_ now: Int64) -> Int64 {
            let missed = max(0, now - due) / period
            due += missed * period
            return missed
        }
    }

    /// What attempts at units that do not answer may take of the line's time: a tenth, or less where one of them takes as
    /// long as others have from one moment to the next.
    private static let probeShare: Int64 = 10
    private static let smallProbeShare: Int64 = 20
    /// Nobody makes way for others for longer.
    private static let patience: Int64 = 1_000_000_000

    private var tasks: [Task]
    private var slots: [Slot]
    private var figures: [PollFigures]
    private var breakers: [Breaker]
    /// Their breakers.
    private var units: [UInt8: Int] = [:]
    private var shortestPeriod: Int64
    /// Attempts are not paid for yet before this.
    private var nextProbe: Int64 = .min

    /// The first moments are spread over each period, so that not all want to speak at once.
    public init(_ tasks: [Task], start: Int64) {
        self.init()
        replace(0..<0, with: tasks, now: start)
    }

    private init() {
        tasks = []
        slots = []
        figures = []
        breakers = []
        shortestPeriod = 0
    }

    /// Other tasks in the place of some, as when a device has to be asked in other pieces: those that stay keep their moments
    /// and their figures, and units that are left alone stay so.
    public mutating func replace(_ range: Range<Int>, with new: [Task], now: Int64) {
        var counts: [Int64: Int64] = [:]
        for task in new { counts[task.period, default: 0] += 1 }
        var seen: [Int64: Int64] = [:]
        let newSlots = new.map { task in
            let number = seen[task.period, default: 0]
            seen[task.period] = number + 1
            let offset = task.period / counts[task.period, default: 1] * number
            return Slot(
                period: task.period, start: now + offset, due: now + offset, breaker: breaker(of: task.unit))
        }
        tasks.replaceSubrange(range, with: new)
        slots.replaceSubrange(range, with: newSlots)
        figures.replaceSubrange(range, with: new.map { _ in PollFigures() })
        shortestPeriod = tasks.map(\.period).min() ?? 0
    }

    private mutating func breaker(of unit: UInt8) -> Int {
        if let known = units[unit] { return known }
        units[unit] = breakers.count
        breakers.append(Breaker())
        return breakers.count - 1
    }

    // MARK: - What is next

    /// Who goes before whom; the lower one does.
    private struct Rank: Comparable {
        enum Class: Int {
            case overdue
            case due
            case probe
        }

        var rank: Class
        var first: Int64
        var second: Int64

        static func < (left: Rank, right: Rank) -> Bool {
            (left.rank.rawValue, left.first, left.second) < (right.rank.rawValue, right.first, right.second)
        }
    }

    public mutating func next(now: Int64) -> Step {
        var best: (index: Int, rank: Rank)?
        var wake = Int64.max
        for index in slots.indices {
            let turn = turn(of: slots[index])
            guard turn <= now else {
                wake = min(wake, turn)
                continue
            }
            let rank = rank(of: slots[index], turn, now)
            if best.map({ rank < $0.rank }) ?? true { best = (index, rank) }
        }
        guard let index = best?.index else { return .wait(until: wake) }
        let missed = slots[index].skipMissed(now)
        // Those of what is left alone are no fault of the line's.
        if openBreaker(of: slots[index]) == nil { figures[index].missed += Int(missed) }
        return .poll(index)
    }

    /// That of its unit goes before its own.
    private func openBreaker(of slot: Slot) -> Breaker? {
        if breakers[slot.breaker].isOpen { return breakers[slot.breaker] }
        return slot.own.isOpen ? slot.own : nil
    }

    /// When it may go, by its grid and by whether its unit answers.
    private func turn(of slot: Slot) -> Int64 {
        openBreaker(of: slot).map { max(slot.due, $0.nextAttempt, nextProbe) } ?? slot.due
    }

    private func rank(of slot: Slot, _ turn: Int64, _ now: Int64) -> Rank {
        if let breaker = openBreaker(of: slot) {
            if now - turn >= Self.patience { return Rank(rank: .overdue, first: turn, second: slot.due) }
            return Rank(rank: .probe, first: breaker.nextAttempt, second: slot.due)
        }
        if slot.hasWaited(now) { return Rank(rank: .overdue, first: slot.due, second: slot.period) }
        return Rank(rank: .due, first: slot.period, second: slot.due)
    }

    // MARK: - What came of it

    public enum Outcome: Sendable, Hashable {
        case answered
        /// The device refuses: it is there.
        case refused
        /// Nothing came, or nothing that could be used.
        case failed
    }

    public mutating func finished(_ index: Int, _ outcome: Outcome, began: Int64, ended: Int64) {
        let breaker = slots[index].breaker
        let wasSilent = breakers[breaker].isOpen
        if openBreaker(of: slots[index]) != nil { payForProbe(began, ended) }
        figures[index].note(outcome, slot: slots[index].due, began: began, ended: ended)
        slots[index].due += slots[index].period
        slots[index].own.note(hasAnswered: outcome != .failed, ended)
        breakers[breaker].note(hasAnswered: outcome != .failed, ended)
        if openBreaker(of: slots[index]) != nil {
            figures[index].forgetLastAnswer()
        } else if wasSilent {
            welcomeBack(breaker, ended)
        }
    }

    private mutating func payForProbe(_ began: Int64, _ ended: Int64) {
        let share = ended - began < shortestPeriod ? Self.probeShare : Self.smallProbeShare
        nextProbe = ended + (ended - began) * (share - 1)
    }

    /// What passed while its unit was left alone was not missed by the line.
    private mutating func welcomeBack(_ breaker: Int, _ now: Int64) {
        for index in slots.indices where slots[index].breaker == breaker {
            _ = slots[index].skipMissed(now)
            slots[index].own = Breaker()
        }
    }

    // MARK: - How it goes

    public func figures(of index: Int) -> PollFigures { figures[index] }

    public func task(_ index: Int) -> Task { tasks[index] }

    /// The number, from 0, of the last of a task's moments that has come at some time, whether it had its turn or not.
    public func moment(of index: Int, at time: Int64) -> Int64 {
        max(0, time - slots[index].start) / slots[index].period
    }

    /// Whether a task is left alone for want of answers, with its unit or by itself.
    public func isLeftAlone(_ index: Int) -> Bool { openBreaker(of: slots[index]) != nil }

    /// Whether a unit is left alone for want of answers.
    public func isSilent(_ unit: UInt8) -> Bool {
        units[unit].map { breakers[$0].isOpen } ?? false
    }
}
