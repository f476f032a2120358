import Alarms
import Readings
import Synchronization

/// A gateway's board, one share and its desk in a time that readings make: each comes in at its own time, and the desk does
/// what is due by then before.
struct VirtualDesk {
    /// What the share tells, on its way to the desk.
    private final class Inbox: Sendable {
        let mail = Mutex(AlarmMail())
        let isEmpty = Atomic<Bool>(true)
    }

    private let share: AlarmShare
    private let inbox = Inbox()
    private var desk: AlarmDesk
    private var mail = AlarmMail()
    /// Of the desk, which asks all of its alarms: it changes only when the desk has done something.
    private var due: Int64
    /// Time does not go back.
    private var latest: Int64

    /// `moment` is when the gateway begins, in microseconds since 1970.
    init(_ rules: [AlarmRule], _ place: ReplayPlace, _ catalogue: SeriesCatalogue, at moment: Int64) {
        let board = AlarmBoard(
            rules, catalogue: catalogue, maxAge: 60_000_000, levels: [:], offset: place.offset
        ) { [inbox] news in
            inbox.mail.withLock { $0.add(news) }
            inbox.isEmpty.store(false, ordering: .relaxed)
        }
        share = board.share()
        desk = AlarmDesk(
            board, actions: [], options: .init(floodLimit: .max), restored: [], nextNumber: 1, now: moment * 1000,
            wall: moment)
        for (file, model) in place.models { desk.setModel(file, model, now: moment * 1000, wall: moment) }
        due = desk.nextDue
        latest = moment * 1000
    }

    /// Whether anything is due at a moment or before.
    @inline(__always)
    func isDue(at moment: Int64) -> Bool { due <= moment * 1000 }

    /// Returns whether something has changed: then `settle` is to be called. What was due before is done: see `elapse`.
    @inline(__always)
    func take(_ reading: borrowing Reading) -> Bool {
        let moment = reading.time.microseconds
        share.take(reading, Arrival(now: moment * 1000, wall: moment))
        share.flush()
        return !inbox.isEmpty.load(ordering: .relaxed)
    }

    /// Lets the desk do what there is to do at a moment.
    mutating func settle(at moment: Int64) {
        inbox.mail.withLock { swap(&mail, &$0) }
        inbox.isEmpty.store(true, ordering: .relaxed)
        desk.take(mail, now: moment * 1000, wall: moment)
        mail.removeAll()
        due = desk.nextDue
        elapse(through: moment)
    }

    /// Lets time pass.
    mutating func elapse(through moment: Int64) {
        let now = moment * 1000
        while due <= now {
            latest = max(latest, due)
            // The next microsecond: times for people are no finer.
            desk.tick(now: latest, wall: latest > 0 ? (latest + 999) / 1000 : latest / 1000)
            due = desk.nextDue
        }
    }

    mutating func takeEvents() -> [AlarmEvent] { desk.takeOutbox().events }
}
