import Alarms
import Platform

/// Does what alarms ask of one action, on threads of its own: worst first, again where that may help, and never in the way
/// of whoever asks.
public final class ActionWorker: Sendable {
    /// When a request was tried first, and when it was over.
    public struct Times: Sendable {
        public var began: MonotonicTime
        public var finished: MonotonicTime
    }

    /// Called once for each request: by a thread of the worker, or by the one that submits where a request makes way at
    /// once. What is not over at the end of the gateway is not reported.
    public typealias Report = @Sendable (ActionReport, Times, ActionRequest) -> Void

    public static let usualLimit = 1000

    /// How it is done.
    struct Plan: Sendable {
        var threads = 1
        var limit = ActionWorker.usualLimit
        /// How long a request is tried again.
        var retryFor: Duration = .zero
        var backoff = Backoff(first: .seconds(1), longest: .seconds(60))
    }

    private struct State {
        var queue: ActionQueue
        var isStopping = false
        var threads = 0
        /// How often what stood in the way was gone.
        var hurries = 0
    }

    /// Of the action.
    public let name: String
    /// As `outpost status` calls it.
    public var part: String { "action/\(name)" }
    private let runner: any ActionRunner
    private let plan: Plan
    private let surroundings: Surroundings
    private let report: Report
    private let metrics: ActionMetrics
    private let state: Monitor<State>
    private let stopSignal: StopSignal

    init(
        _ name: String, _ runner: any ActionRunner, plan: Plan, surroundings: Surroundings, report: @escaping Report
    ) throws(SystemError) {
        self.name = name
        self.runner = runner
        self.plan = plan
        self.surroundings = surroundings
        self.report = report
        let state = Monitor(State(queue: ActionQueue(limit: plan.limit)))
        self.state = state
        stopSignal = try StopSignal()
        metrics = ActionMetrics(surroundings.metrics, action: name) { state.withLock { $0.queue.count } }
    }

    // MARK: - For any thread

    public func submit(_ request: ActionRequest) {
        runner.expect(request)
        let now = surroundings.clocks.monotonic()
        let entry = ActionQueue.Entry(request: request, submitted: now, due: now, backoff: plan.backoff)
        let removed = state.withLock { $0.queue.add(entry) }
        state.notify()
        conclude(removed)
    }

    /// Tries all that waits for a better moment at once.
    public func hurry() {
        let now = surroundings.clocks.monotonic()
        state.withLock { state in
            state.queue.hurry(now)
            state.hurries += 1
        }
        state.notify()
    }

    /// Leaves what the action moves as it is to be when nobody watches over it any more; takes two seconds at most. Returns
    /// why it could not.
    public func takeFailsafe() -> String? {
        let problem = runner.takeFailsafe()
        if let problem { surroundings.log.error(part, "the failsafe state was not taken: \(problem)") }
        return problem
    }

    // MARK: - Its life

    public func start() throws(SystemError) {
        surroundings.parts.report(part, .running)
        if let problem = runner.start(hurry: { [weak self] in self?.hurry() }) { complain(problem) }
        for _ in 0..<plan.threads {
            state.withLock { $0.threads += 1 }
            do throws(SystemError) {
                _ = try DedicatedThread(name) { [self] in work() }
            } catch {
                threadEnded()
                throw error
            }
        }
    }

    /// What runs has a moment; what waits stays undone.
    public func stop() {
        state.withLock { $0.isStopping = true }
        state.notify()
        stopSignal.call(surroundings.clocks.monotonic())
    }

    /// False when it has not ended by then.
    public func waitUntilStopped(deadline: MonotonicTime) -> Bool {
        state.wait(until: deadline) { $0.threads > 0 }
    }

    private func threadEnded() {
        let isLast = state.withLock { state in
            state.threads -= 1
            return state.threads == 0
        }
        if isLast { surroundings.parts.report(part, .stopped) }
        state.notify()
    }

    // MARK: - The work

    private func work() {
        while let entry = next() { attempt(entry) }
        threadEnded()
    }

    /// Waits for it; nil at the end.
    private func next() -> ActionQueue.Entry? {
        while true {
            var taken: ActionQueue.Entry?
            var due: MonotonicTime?
            let isStopping = state.withLock { state in
                if !state.isStopping { taken = state.queue.take(surroundings.clocks.monotonic()) }
                due = state.queue.nextDue
                return state.isStopping
            }
            if isStopping { return nil }
            if let taken { return taken }
            _ = state.wait(until: due) { [clocks = surroundings.clocks] state in
                guard !state.isStopping else { return false }
                guard let next = state.queue.nextDue else { return due == nil }
                // Something else may be due sooner by now.
                return next > clocks.monotonic() && next == due
            }
        }
    }

    private func attempt(_ entry: ActionQueue.Entry) {
        var entry = entry
        entry.attempts += 1
        entry.began = entry.began ?? surroundings.clocks.monotonic()
        let hurries = state.withLock { $0.hurries }
        switch runner.run(entry.request, stop: stopSignal) {
        case .done:
            surroundings.parts.report(part, .running)
            finish(entry, .done)
        case .failed(let reason):
            complain(reason)
            finish(entry, .failed(reason))
        case .again(let reason):
            complain(reason)
            tryAgain(entry, reason, hurries: hurries)
        case .interrupted:
            state.withLock { $0.queue.finish(entry) }
        }
    }

    private func tryAgain(_ entry: ActionQueue.Entry, _ reason: String, hurries: Int) {
        var entry = entry
        var generator = SystemRandomNumberGenerator()
        let now = surroundings.clocks.monotonic()
        let end = entry.submitted + plan.retryFor
        guard now < end else { return finish(entry, .failed(reason)) }
        entry.due = min(now + entry.backoff.pause(using: &generator), end)
        let removed = state.withLock { state in
            // It failed for a reason that is gone.
            if state.hurries != hurries { entry.due = now }
            return state.queue.putBack(entry)
        }
        // Its alarm is no longer in hand.
        state.notify()
        conclude(removed)
    }

    private func finish(_ entry: ActionQueue.Entry, _ outcome: ActionReport.Outcome) {
        let waits = state.withLock { state in
            state.queue.finish(entry)
            return state.queue.count > 0
        }
        if waits { state.notify() }
        conclude(entry, outcome)
    }

    private func complain(_ reason: String) {
        surroundings.parts.report(part, .degraded, reason)
        // Reasons hold times and numbers: they differ, and say the same.
        surroundings.log.warning(part, repeats: "failed", reason)
    }

    // MARK: - The end of a request

    private func conclude(_ removed: [ActionQueue.Removal]) {
        for removal in removed { conclude(removal.entry, removal.outcome) }
    }

    private func conclude(_ entry: ActionQueue.Entry, _ outcome: ActionReport.Outcome) {
        let finished = surroundings.clocks.monotonic()
        switch outcome {
        case .done:
            metrics.done.add()
            metrics.seconds.record(finished - entry.submitted)
        case .failed: metrics.failed.add()
        case .superseded: metrics.superseded.add()
        case .dropped:
            metrics.dropped.add()
            surroundings.log.warning(
                part, repeats: "dropped", "more than \(plan.limit) requests wait: the least bad ones make way")
        }
        let row = ActionReport(
            number: entry.request.event.number, action: name, outcome: outcome, attempts: entry.attempts,
            completed: surroundings.clocks.wall())
        report(row, Times(began: entry.began ?? finished, finished: finished), entry.request)
    }
}
