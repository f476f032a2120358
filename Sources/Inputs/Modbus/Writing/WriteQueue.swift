import Platform

/// A write that waits for its turn on the line. `done` is called once.
struct WriteJob: Sendable {
    var write: RegisterWrite
    /// Not begun any more after this: who asked for it no longer expects it.
    var deadline: MonotonicTime
    /// What an alarm wants.
    var isUrgent = false
    var done: @Sendable (WriteOutcome) -> Void
}

/// Between those who want something written and the thread of the line. What is too much is refused at once.
final class WriteQueue: Sendable {
    static let mostWaiting = 16
    static let mostPerSecond = 10

    private struct State {
        var waiting: [WriteJob] = []
        /// Why nothing can be written now; nil while the line is open.
        var closure: String? = "it has not been opened yet"
        /// When the latest ones were taken, `mostPerSecond` at most.
        var taken: [MonotonicTime] = []

        /// Before all that are not urgent; of these there may be as many once more, and at any rate.
        mutating func putForward(_ job: WriteJob, _ line: String) throws(WriteOutcome) {
            let urgent = waiting.count(where: \.isUrgent)
            guard urgent < WriteQueue.mostWaiting else {
                throw WriteOutcome(.notTried, "\(urgent) urgent writes wait for the line \(line) already")
            }
            waiting.insert(job, at: urgent)
        }
    }

    private let line: String
    private let clocks: Clocks
    private let state = Monitor(State())

    init(line: String, clocks: Clocks) {
        self.line = line
        self.clocks = clocks
    }

    // MARK: For any thread

    func submit(_ job: WriteJob) throws(WriteOutcome) {
        let now = clocks.monotonic()
        try state.withLock { (state) throws(WriteOutcome) in
            if let closure = state.closure { throw WriteOutcome(.notTried, "the line \(line) is not open: \(closure)") }
            if job.isUrgent { return try state.putForward(job, line) }
            guard state.waiting.count < Self.mostWaiting else {
                throw WriteOutcome(.notTried, "\(Self.mostWaiting) writes wait for the line \(line) already")
            }
            state.taken.removeAll { now - $0 >= .seconds(1) }
            guard state.taken.count < Self.mostPerSecond else {
                throw WriteOutcome(
                    .notTried, "the line \(line) takes no more than \(Self.mostPerSecond) writes a second")
            }
            state.taken.append(now)
            state.waiting.append(job)
        }
    }

    // MARK: For the line

    var isEmpty: Bool { state.withLock { $0.waiting.isEmpty } }

    /// The next one that is still wanted.
    func next() -> WriteJob? {
        let now = clocks.monotonic()
        let (late, next) = state.withLock { state -> ([WriteJob], WriteJob?) in
            let late = state.waiting.filter { $0.deadline <= now }
            state.waiting.removeAll { $0.deadline <= now }
            return (late, state.waiting.isEmpty ? nil : state.waiting.removeFirst())
        }
        for job in late { job.done(WriteOutcome(.notTried, "the line \(line) was busy with other things")) }
        return next
    }

    func open() { state.withLock { $0.closure = nil } }

    /// Whoever waits is told so.
    func close(_ reason: String) {
        let waiting = state.withLock { state -> [WriteJob] in
            defer { state.waiting = [] }
            state.closure = reason
            return state.waiting
        }
        for job in waiting { job.done(WriteOutcome(.notTried, "the line \(line) is not open: \(reason)")) }
    }
}
