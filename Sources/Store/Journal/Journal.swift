import Alarms
import Platform
import Readings
import SQLite
import Synchronization

/// Why a journal cannot be opened, saved or read; each a sentence for people.
public enum JournalError: Error, CustomStringConvertible, Sendable {
    case missing(String)
    case cannotOpen(String, String)
    case cannotRead(String, String)
    case cannotRescue(String, String)

    public var description: String {
        switch self {
        case .missing(let path): "\(path) is not there, or empty: has a gateway run with this data directory?"
        case .cannotOpen(let path, let reason): "cannot open \(path): \(reason)"
        case .cannotRead(let path, let reason): "cannot read \(path): \(reason)"
        case .cannotRescue(let path, let reason): "cannot save what can be read of the damaged \(path): \(reason)"
        }
    }
}

public struct JournalOptions: Sendable {
    public var directory: String
    public var durability: Durability
    public var commitEvery: Duration
    public var maxSize: Int
    /// Rows that may wait for the disk. Some 25 bytes each.
    public var mostWaiting = 200_000
    /// Batches up to here are known elsewhere: numbers are given from there on, whatever became of the file.
    public var numberingAfter: Int64 = 0
    /// Tests put a disk here that fails, tears or waits.
    public var vfs: String?

    public init(
        directory: String, durability: Durability = .power, commitEvery: Duration = .milliseconds(500),
        maxSize: Int = 20_000_000_000
    ) {
        self.directory = directory
        self.durability = durability
        self.commitEvery = commitEvery
        self.maxSize = maxSize
    }
}

/// Everything that arrives, durable, in the order of arrival. The one writer of `journal.db`.
///
/// Any thread submits; the journal's own thread commits what waits, and whoever wants to know when asks for
/// `committed` after each commit. A disk that fails or fills is tried again for as long as it takes:
/// what is submitted meanwhile waits in memory up to `mostWaiting` rows, and beyond that is refused.
public final class Journal: ReadingSink {
    public static let partName = "journal"
    private static let longestRetry: Duration = .seconds(5)
    private static let batchesPerDelete = 256

    private struct Life {
        var isOpen = false
        var failure: JournalError?
        /// After `stop`: nothing waits any more.
        var isCommitted = false
        var isOver = false
    }

    public let options: JournalOptions
    public let catalogue: SeriesCatalogue
    private let inbox: JournalInbox
    private let surroundings: Surroundings
    private let committedTicket = Atomic<UInt64>(0)
    private let lastBeat = Atomic<Int64>(0)
    private let listeners = Mutex<[@Sendable () -> Void]>([])
    private let cursorPositions = Mutex<[String: Int64]>([:])
    private let alarmMemory = Mutex(AlarmMemory())
    private let bytesElsewhere = Atomic<Int>(0)
    private let isBeingTaken = Mutex(false)
    private let life = Monitor(Life())

    public let commits: Counter
    private let commitTime: Histogram
    public let readingsCommitted: Counter
    private let readingsDeleted: Counter
    private let failures: Counter
    private let bytesWritten: Gauge
    private let size: Gauge
    private let logPages: Gauge
    private let opened: MonotonicTime

    public init(_ options: JournalOptions, catalogue: SeriesCatalogue, surroundings: Surroundings) {
        self.options = options
        self.catalogue = catalogue
        self.surroundings = surroundings
        opened = surroundings.clocks.monotonic()
        let inbox = JournalInbox(
            mostRows: options.mostWaiting, commitRows: CommitPace(every: options.commitEvery).rows,
            clocks: surroundings.clocks)
        self.inbox = inbox
        let metrics = surroundings.metrics
        commits = metrics.counter("outpost_journal_commits_total", "Transactions committed.")
        commitTime = metrics.histogram("outpost_journal_commit_seconds", "Time a commit took, its sync included.")
        readingsCommitted = metrics.counter("outpost_journal_readings_total", "Readings made durable.")
        readingsDeleted = metrics.counter(
            "outpost_journal_readings_deleted_total", "Readings deleted because the journal reached max_size.")
        failures = metrics.counter("outpost_journal_failures_total", "Commits that failed and were tried again.")
        bytesWritten = metrics.gauge("outpost_journal_written_bytes", "Bytes given to the disk since the start.")
        size = metrics.gauge("outpost_journal_size_bytes", "Bytes of the journal that hold something.")
        logPages = metrics.gauge("outpost_journal_log_pages", "Pages in the write-ahead log.")
        metrics.computed("outpost_journal_waiting_readings", "Readings that wait to be committed.") {
            inbox.state.withLock { Double($0.waiting.readings.count + $0.rowsInHand) }
        }
        metrics.computed("outpost_journal_audit_lost_total", "Audit rows lost while the disk took nothing.") {
            inbox.state.withLock { Double($0.auditLost) }
        }
        metrics.computed(
            "outpost_journal_alarms_lost_total",
            "Events of alarms and reports of actions lost while the disk took nothing."
        ) {
            inbox.state.withLock { Double($0.alarmsLost) }
        }
        metrics.computed("outpost_series", "Series in the catalogue.") { Double(catalogue.count) }
        metrics.computed("outpost_series_refused_total", "New series refused because max_series was reached.") {
            Double(catalogue.refusals)
        }
    }

    // MARK: For the inputs

    /// Nil when the journal is full or stopping.
    public func submit(_ readings: ReadingBatch) -> UInt64? { inbox.submit(readings) }
    public func submit(_ letter: DeadLetter) -> UInt64 { inbox.submit(letter) }
    public func submit(_ gap: Gap) { inbox.submit(gap) }
    public func submit(_ entry: AuditEntry) { inbox.submit(entry) }

    /// What happens to alarms is durable at once, and not paced; returns the number of the submission.
    @discardableResult
    public func submit(_ records: AlarmRecords) -> UInt64 { inbox.submit(records) }

    /// What the file held of alarms when it was opened.
    public var alarmsAtStart: AlarmMemory { alarmMemory.withLock { $0 } }

    public var hasRoom: Bool { inbox.hasRoom }

    public var committed: UInt64 { committedTicket.load(ordering: .acquiring) }

    public func hurry() { inbox.hurry() }

    public func afterCommits(_ call: @escaping @Sendable () -> Void) { listeners.withLock { $0.append(call) } }

    // MARK: For the readers

    /// How far a reader of the journal has come: what every reader has passed may leave.
    public func cursor(_ reader: String) -> Int64? { cursorPositions.withLock { $0[reader] } }

    /// Bytes of `maxSize` that something else takes. Half of it is the journal's in any case.
    public func setAside(bytes: Int) { bytesElsewhere.store(bytes, ordering: .relaxed) }

    /// While a reader takes batches, and until it has moved its cursor, none goes for want of room: it would be called
    /// lost, and be there.
    public func whileTaken<Result>(_ take: () throws -> Result) rethrows -> Result {
        isBeingTaken.withLock { $0 = true }
        defer { isBeingTaken.withLock { $0 = false } }
        return try take()
    }

    public func move(cursor reader: String, to sequence: Int64) {
        cursorPositions.withLock { $0[reader] = sequence }
        inbox.submit(cursor: reader, at: sequence)
    }

    /// Of the file, as far as they hold something.
    public var bytesUsed: Int { size.value }

    // MARK: Life

    /// Starts the thread that opens and writes the file; nothing else may touch it.
    public func start() throws(SystemError) {
        _ = try DedicatedThread("journal", stackBytes: 1 << 20) { [self] in
            run()
            life.withLock { $0.isOver = true }
            life.notify()
        }
    }

    /// Waits until the store is open; false when the deadline comes first. Throws what only a person can repair.
    public func waitUntilOpen(deadline: MonotonicTime) throws(JournalError) -> Bool {
        let isKnown = life.wait(until: deadline) { !$0.isOpen && $0.failure == nil }
        if let failure = life.withLock({ $0.failure }) { throw failure }
        return isKnown
    }

    /// Commits what waits and closes the file. False when the disk did not take everything by the deadline; a log that
    /// is still on its way into the database by then is no loss.
    public func stop(deadline: MonotonicTime) -> Bool {
        inbox.stop()
        _ = life.wait(until: deadline) { !$0.isOver }
        return life.withLock { $0.isCommitted }
    }

    /// When the thread last went round: what a watchdog looks at.
    public var lastSign: MonotonicTime { MonotonicTime(nanoseconds: lastBeat.load(ordering: .relaxed)) }

    /// Since it was made; by the clock that does not jump.
    public var uptime: Duration { surroundings.clocks.monotonic() - opened }

    public var bytesWrittenPerDay: Double { Double(bytesWritten.value) / max(1, uptime.inSeconds) * 86_400 }

    // MARK: The thread

    private var path: String { options.directory + "/" + JournalSchema.fileName }

    private func run() {
        guard var file = openPatiently() else { return }
        life.withLock { $0.isOpen = true }
        life.notify()
        let pace = CommitPace(every: options.commitEvery)
        var entry = JournalEntry()
        while true {
            guard let ticket = nextEntry(pace, into: &entry) else {
                life.withLock { $0.isCommitted = true }
                break
            }
            if !entry.isEmpty {
                guard let written = commitPatiently(&entry, to: file) else { break }
                file = written
            }
            committedTicket.store(ticket, ordering: .releasing)
            for call in listeners.withLock({ $0 }) { call() }
            file = tidy(file)
        }
        do { try file.checkpointIfDue(force: true) } catch {
            surroundings.log.warning(Self.partName, "\(error)")
        }
    }

    /// What is to be committed next, once it is due; empty now and then so that housekeeping gets its turn.
    /// Returns the number of the latest submission in it; nil at the end.
    private func nextEntry(_ pace: CommitPace, into entry: inout JournalEntry) -> UInt64? {
        let housekeeping = surroundings.clocks.monotonic() + .seconds(1)
        lastBeat.store(surroundings.clocks.monotonic().nanoseconds, ordering: .relaxed)
        func due(_ state: JournalInbox.State) -> MonotonicTime {
            let due = pace.due(
                waitingSince: state.waitingSince, rows: state.waiting.readings.count,
                isUrgent: state.isUrgent || state.isStopping)
            return state.isStopping ? MonotonicTime(nanoseconds: 0) : min(due ?? housekeeping, housekeeping)
        }
        var wakeAt = inbox.state.withLock { due($0) }
        while surroundings.clocks.monotonic() < wakeAt {
            // Until then, or until something new makes it due earlier.
            _ = inbox.state.wait(until: wakeAt) { due($0) >= wakeAt }
            wakeAt = inbox.state.withLock { due($0) }
        }
        return inbox.state.withLock { state in
            if state.isStopping, state.waiting.isEmpty { return nil }
            // The memory of the last entry takes what comes next.
            entry.removeAll()
            swap(&entry, &state.waiting)
            state.rowsInHand = entry.readings.count
            state.waitingSince = nil
            state.isUrgent = false
            // Taken after the rows: every series that they name is among these changes or older ones.
            for (id, definition) in catalogue.takeChanges() { entry.definitions[id] = definition }
            return state.ticket
        }
    }

    /// Tries until it is done; nil when the gateway stops before that. A damaged file is replaced on the way.
    private func commitPatiently(_ entry: inout JournalEntry, to opened: JournalFile) -> JournalFile? {
        var file = opened
        var delay: Duration = .milliseconds(100)
        while true {
            let start = surroundings.clocks.monotonic()
            lastBeat.store(start.nanoseconds, ordering: .relaxed)
            do throws(SQLiteError) {
                try file.commit(entry, at: surroundings.clocks.wall())
                commits.add()
                commitTime.record(surroundings.clocks.monotonic() - start)
                readingsCommitted.add(entry.readings.count)
                inbox.state.withLock { $0.rowsInHand = 0 }
                surroundings.parts.report(Self.partName, .running)
                return file
            } catch {
                failures.add()
                let waiting = inbox.state.withLock { $0.rowsInHand + $0.waiting.readings.count }
                surroundings.log.error(
                    Self.partName, repeats: "commit \(error.code)",
                    "cannot write: \(error.message); \(waiting) readings wait, none of them acknowledged")
                surroundings.parts.report(Self.partName, .degraded, "cannot write: \(error.message)")
                if error.isDamage, let saved = replaceDamaged() {
                    file = saved
                    for (id, definition) in catalogue.takeChanges() { entry.definitions[id] = definition }
                    continue
                }
                if sleep(delay) { return nil }
                delay = min(delay * 2, Self.longestRetry)
            }
        }
    }

    /// After each commit: the log into the database, and what is too much out of it.
    private func tidy(_ opened: JournalFile) -> JournalFile {
        do throws(SQLiteError) {
            try opened.checkpointIfDue()
            let used = try opened.usedBytes()
            try deleteExcess(opened, used)
            logPages.set(opened.pagesInLog)
            bytesWritten.set(opened.bytesWritten)
            size.set(used)
        } catch {
            surroundings.log.error(Self.partName, repeats: "tidy \(error.code)", "\(error)")
            if error.isDamage, let saved = replaceDamaged() { return saved }
        }
        return opened
    }

    private var passed: Int64? { cursorPositions.withLock { $0.values.min() } }

    private func deleteExcess(_ file: JournalFile, _ used: Int) throws(SQLiteError) {
        if let passed, passed > file.deletedThrough {
            _ = try file.deleteOldest(Self.batchesPerDelete, upTo: passed)
        }
        let room = max(options.maxSize - bytesElsewhere.load(ordering: .relaxed), options.maxSize / 2)
        let limit = room - JournalFile.pagesBeforeCheckpoint * JournalFile.pageBytes
        guard used > limit else { return }
        let lost = try isBeingTaken.withLock { (isBeingTaken) throws(SQLiteError) in
            if isBeingTaken { return 0 }
            // A little more than must be: not again at the next commit. And no more at once than a commit can wait for:
            // what is left, after max_size was lowered, goes after the next ones.
            return try file.shrink(
                from: used, to: limit - limit / 50, mostBatches: Self.batchesPerDelete,
                losing: .init(
                    after: max(passed ?? 0, options.numberingAfter), at: surroundings.clocks.wall()))
        }
        guard lost > 0 else { return }
        readingsDeleted.add(lost)
        surroundings.log.warning(
            Self.partName, repeats: "max_size",
            "max_size is reached: the oldest \(lost) readings were deleted (see the gaps table)")
    }

    // MARK: Opening

    private func openPatiently() -> JournalFile? {
        var delay: Duration = .milliseconds(200)
        while true {
            lastBeat.store(surroundings.clocks.monotonic().nanoseconds, ordering: .relaxed)
            do throws(JournalError) {
                let file = try open()
                surroundings.parts.report(Self.partName, .running)
                return file
            } catch {
                surroundings.log.error(Self.partName, repeats: "open", "\(error); trying again")
                surroundings.parts.report(Self.partName, .failed, "\(error)")
                if life.withLock({ $0.failure != nil }) || sleep(delay) { return nil }
                delay = min(delay * 2, Self.longestRetry)
            }
        }
    }

    private func open() throws(JournalError) -> JournalFile {
        try JournalRescue.finishInterrupted(path, clocks: surroundings.clocks)
        do throws(SQLiteError) {
            let file = try JournalFile(
                path, durability: options.durability, vfs: options.vfs, numberingAfter: options.numberingAfter)
            adopt(file.contents)
            return file
        } catch {
            if error.isTooNew {
                let failure = JournalError.cannotOpen(path, "it \(error.message)")
                life.withLock { $0.failure = failure }
                life.notify()
                throw failure
            }
            guard error.isDamage else { throw .cannotOpen(path, error.message) }
            surroundings.log.error(Self.partName, "\(path) is damaged: \(error.message)")
        }
        return try saveDamaged()
    }

    private func replaceDamaged() -> JournalFile? {
        do throws(JournalError) { return try saveDamaged() } catch {
            surroundings.log.error(Self.partName, repeats: "rescue", "\(error)")
            return nil
        }
    }

    private func saveDamaged() throws(JournalError) -> JournalFile {
        let saved = try JournalRescue.rescue(path, clocks: surroundings.clocks)
        surroundings.log.error(
            Self.partName,
            "the damaged journal is kept as \(saved.asidePath); "
                + (saved.lackedRoom
                    ? "there was no room to copy what can be read of it: take it to a larger disk, as journal.db"
                    : "\(saved.readings) readings in \(saved.batches) batches were saved from it, "
                        + "\(saved.damagedBatches) batches could not be"))
        do throws(SQLiteError) {
            let file = try JournalFile(
                path, durability: options.durability, vfs: options.vfs, numberingAfter: options.numberingAfter)
            adopt(file.contents)
            // Names that were lost with the file, and are known here, are written anew.
            catalogue.markAllChanged()
            return file
        } catch {
            throw .cannotOpen(path, error.message)
        }
    }

    private func adopt(_ contents: JournalFile.Contents) {
        cursorPositions.withLock { $0.merge(contents.cursors) { present, _ in present } }
        alarmMemory.withLock { $0 = contents.alarms }
        catalogue.restore(contents.series.map { ($0.id, $0.definitionOrUnnamed) })
        for stored in contents.series where stored.definition == nil {
            surroundings.log.error(
                Self.partName,
                "the name of series \(stored.id.rawValue) is damaged; its readings are found under "
                    + "\(stored.definitionOrUnnamed.name)")
        }
    }

    /// True when the gateway is to stop.
    private func sleep(_ duration: Duration) -> Bool {
        let end = surroundings.clocks.monotonic() + duration
        return inbox.state.wait(until: end) { !$0.isStopping }
    }
}
