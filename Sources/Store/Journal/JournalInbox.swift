import Alarms
import Platform
import Readings

/// Where inputs leave their batches for the journal's thread: one lock a batch, columns copied, nothing allocated
/// once it has grown to its size. It holds `mostRows` at most; past that it refuses, and the input says what was lost
/// or waits until there is room.
final class JournalInbox: Sendable {
    struct State {
        var waiting = JournalEntry()
        var waitingSince: MonotonicTime?
        var isUrgent = false
        var isStopping = false
        /// The number of the latest submission; 0 before the first.
        var ticket: UInt64 = 0
        /// Rows that the journal's thread has taken and not yet made durable.
        var rowsInHand = 0
        var auditLost = 0
        var alarmsLost = 0
    }

    /// Dead letters of different keys between two commits; more are only counted.
    static let mostDeadLetters = 1000
    /// Audit rows between two commits; of more the oldest go, and are counted.
    static let mostAudit = 1000
    /// Events of alarms, and reports of actions, between two commits; of more the oldest go, and are counted.
    static let mostAlarmRecords = 20_000

    let mostRows: Int
    let state: Monitor<State>
    private let commitRows: Int
    private let clocks: Clocks

    init(mostRows: Int, commitRows: Int, clocks: Clocks) {
        self.mostRows = mostRows
        self.commitRows = commitRows
        self.clocks = clocks
        state = Monitor(State())
    }

    var hasRoom: Bool {
        state.withLock { $0.rowsInHand + $0.waiting.readings.count < mostRows }
    }

    func submit(_ readings: ReadingBatch) -> UInt64? {
        let (ticket, wakes) = state.withLock { state -> (UInt64?, Bool) in
            let rows = state.waiting.readings.count
            guard !state.isStopping, state.rowsInHand + rows < mostRows else { return (nil, false) }
            state.waiting.readings.append(contentsOf: readings)
            let reachesCommit = rows < commitRows && rows + readings.count >= commitRows
            return (note(&state), rows == 0 || reachesCommit)
        }
        // Once it knows of the first row the thread looks by itself when a commit is due.
        if wakes { state.notify() }
        return ticket
    }

    func submit(_ letter: DeadLetter) -> UInt64 {
        state.withLock { state in
            if state.waiting.deadLetters[letter.key] != nil {
                state.waiting.deadLetters[letter.key]!.add(letter)
            } else if state.waiting.deadLetters.count < Self.mostDeadLetters {
                state.waiting.deadLetters[letter.key] = letter
            }
            return note(&state)
        }
    }

    func submit(_ gap: Gap) {
        state.withLock { state in
            if let index = state.waiting.gaps.firstIndex(where: { $0.source == gap.source && $0.reason == gap.reason })
            {
                state.waiting.gaps[index].count += gap.count
                state.waiting.gaps[index].first = min(state.waiting.gaps[index].first, gap.first)
                state.waiting.gaps[index].last = max(state.waiting.gaps[index].last, gap.last)
            } else {
                state.waiting.gaps.append(gap)
            }
            _ = note(&state)
        }
    }

    func submit(_ entry: AuditEntry) {
        state.withLock { state in
            if state.waiting.audit.count >= Self.mostAudit {
                state.waiting.audit.removeFirst()
                state.auditLost += 1
            }
            state.waiting.audit.append(entry)
            _ = note(&state)
        }
    }

    /// Durable as soon as the disk will have it.
    func submit(_ records: AlarmRecords) -> UInt64 {
        let ticket = state.withLock { state in
            state.alarmsLost += state.waiting.alarms.add(records, most: Self.mostAlarmRecords)
            state.isUrgent = true
            return note(&state)
        }
        state.notify()
        return ticket
    }

    func submit(cursor reader: String, at sequence: Int64) {
        state.withLock { state in
            state.waiting.cursors[reader] = sequence
            _ = note(&state)
        }
    }

    func hurry() {
        let wakes = state.withLock { state in
            guard !state.isUrgent, state.waitingSince != nil else { return false }
            state.isUrgent = true
            return true
        }
        if wakes { state.notify() }
    }

    func stop() {
        state.withLock { $0.isStopping = true }
        state.notify()
    }

    private func note(_ state: inout State) -> UInt64 {
        if state.waitingSince == nil { state.waitingSince = clocks.monotonic() }
        state.ticket += 1
        return state.ticket
    }
}
