import Alarms
import Platform
import Synchronization
import TestSupport
import Testing

@testable import Actions

/// Does what the test says, and notes what it was asked for.
private final class FakeRunner: ActionRunner {
    private struct State {
        var runs: [Int64] = []
        var outcomes: [Int64: [ActionOutcome]] = [:]
        var held: Set<Int64> = []
        var hurry: (@Sendable () -> Void)?
    }

    private let state = Monitor(State())

    var runs: [Int64] { state.withLock { $0.runs } }

    /// The outcomes of its attempts, the last of which stays.
    func will(_ number: Int64, _ outcomes: ActionOutcome...) { state.withLock { $0.outcomes[number] = outcomes } }
    func hold(_ number: Int64) { state.withLock { _ = $0.held.insert(number) } }
    func release(_ number: Int64) {
        state.withLock { _ = $0.held.remove(number) }
        state.notify()
    }
    func hurry() { state.withLock { $0.hurry }?() }

    func start(hurry: @escaping @Sendable () -> Void) -> String? {
        state.withLock { $0.hurry = hurry }
        return nil
    }

    func run(_ request: ActionRequest, stop: StopSignal) -> ActionOutcome {
        let number = request.event.number
        state.withLock { $0.runs.append(number) }
        while !state.wait(until: Clocks.system.monotonic() + .milliseconds(10), while: { $0.held.contains(number) }) {
            if stop.isOver(Clocks.system.monotonic()) { return .interrupted }
        }
        return state.withLock { state in
            guard let outcomes = state.outcomes[number], let first = outcomes.first else { return .done }
            if outcomes.count > 1 { state.outcomes[number] = Array(outcomes.dropFirst()) }
            return first
        }
    }
}

@Suite struct ActionWorkerTests {
    private let scene = Scene()
    private let reports = Reports()
    private let runner = FakeRunner()

    private func worker(
        threads: Int = 1, limit: Int = 1000, retryFor: Duration = .seconds(60), pause: Duration = .milliseconds(1)
    ) throws -> ActionWorker {
        let worker = try ActionWorker(
            "bus", runner,
            plan: .init(
                threads: threads, limit: limit, retryFor: retryFor, backoff: Backoff(first: pause, longest: pause)),
            surroundings: scene.surroundings, report: reports.take)
        try worker.start()
        return worker
    }

    private func stop(_ worker: ActionWorker) {
        worker.stop()
        #expect(worker.waitUntilStopped(deadline: Clocks.farAway))
    }

    private func request(_ number: Int64, _ alarm: String = "a", level: AlarmLevel = .critical) -> ActionRequest {
        ActionRequest(event(number, alarm, level: level), .tell)
    }

    @Test func eachIsReportedOnce() throws {
        let worker = try worker(threads: 3)
        for number in 1...1000 as ClosedRange<Int64> { worker.submit(request(number, "\(number % 17)")) }
        #expect(eventually { reports.rows.count == 1000 })
        #expect(reports.count(.done) == 1000)
        #expect(reports.numbers.sorted() == Array(1...1000))
        #expect(reports.rows.allSatisfy { $0.report.action == "bus" && $0.report.attempts == 1 })
        stop(worker)
        #expect(scene.surroundings.parts.all.last?.state == .stopped)
    }

    @Test func theWorstOfWhatWaitsIsNext() throws {
        runner.hold(1)
        let worker = try worker()
        worker.submit(request(1, "a"))
        #expect(eventually { runner.runs == [1] })
        worker.submit(request(2, "b", level: .warning))
        worker.submit(request(3, "c", level: .emergency))
        runner.release(1)
        #expect(eventually { reports.rows.count == 3 })
        #expect(runner.runs == [1, 3, 2])
        stop(worker)
    }

    @Test func whatFailsForAMomentIsTriedAgain() throws {
        runner.will(1, .again("busy"), .again("busy"), .done)
        let worker = try worker()
        worker.submit(request(1))
        #expect(eventually { reports.outcome(1) == .done })
        #expect(reports.rows[0].report.attempts == 3)
        #expect(scene.logged("busy"))
        #expect(scene.surroundings.parts.all.last?.state == .running)
        stop(worker)
    }

    @Test func whatCannotBeDoneIsNotTriedAgain() throws {
        runner.will(1, .failed("no such thing"))
        let worker = try worker()
        worker.submit(request(1))
        #expect(eventually { reports.outcome(1) == .failed("no such thing") })
        #expect(runner.runs == [1])
        #expect(scene.surroundings.parts.all.last?.detail == "no such thing")
        stop(worker)
    }

    @Test func itIsGivenUpAfterAWhile() throws {
        runner.will(1, .again("away"))
        let worker = try worker(retryFor: .milliseconds(500))
        worker.submit(request(1))
        #expect(eventually { reports.outcome(1) == .failed("away") })
        #expect(reports.rows[0].report.attempts > 1)
        stop(worker)
    }

    @Test func withoutPatienceItIsTriedOnce() throws {
        runner.will(1, .again("away"))
        let worker = try worker(retryFor: .zero)
        worker.submit(request(1))
        #expect(eventually { reports.outcome(1) == .failed("away") })
        #expect(runner.runs == [1])
        stop(worker)
    }

    /// Of its own alarm, though, nothing overtakes it.
    @Test func whatIsTriedAgainHoldsUpNoOther() throws {
        runner.will(1, .again("away"))
        let worker = try worker(pause: .seconds(3600))
        worker.submit(request(1, "a", level: .emergency))
        #expect(eventually { runner.runs == [1] })
        worker.submit(request(2, "a"))
        worker.submit(request(3, "b", level: .warning))
        #expect(eventually { reports.outcome(3) == .done })
        #expect(runner.runs == [1, 3])
        // What stood in the way is gone.
        runner.will(1, .done)
        runner.hurry()
        #expect(eventually { reports.rows.count == 3 })
        #expect(reports.numbers == [3, 1, 2])
        stop(worker)
    }

    /// The news comes while the attempt that knows nothing of it is still going on.
    @Test func noHurryIsLost() throws {
        runner.will(1, .again("away"), .done)
        runner.hold(1)
        let worker = try worker(pause: .seconds(3600))
        worker.submit(request(1))
        #expect(eventually { runner.runs == [1] })
        runner.hurry()
        runner.release(1)
        #expect(eventually { reports.outcome(1) == .done })
        stop(worker)
    }

    @Test func whatHasNoRoomIsReported() throws {
        runner.hold(1)
        let worker = try worker(limit: 2)
        worker.submit(request(1, "a"))
        #expect(eventually { runner.runs == [1] })
        for number in 2...4 as ClosedRange<Int64> { worker.submit(request(number, "\(number)", level: .warning)) }
        #expect(reports.outcome(2) == .dropped)
        #expect(scene.logged("more than 2 requests wait"))
        runner.release(1)
        #expect(eventually { reports.rows.count == 4 })
        #expect(reports.count(.done) == 3)
        stop(worker)
    }

    @Test func ofWishesTheNewestIsDone() throws {
        runner.hold(1)
        let worker = try worker()
        worker.submit(ActionRequest(event(1), .turnOn))
        #expect(eventually { runner.runs == [1] })
        worker.submit(ActionRequest(event(2), .turnOff))
        worker.submit(ActionRequest(event(3), .turnOn))
        worker.submit(ActionRequest(event(4), .turnOff))
        runner.release(1)
        #expect(eventually { reports.rows.count == 4 })
        #expect(runner.runs == [1, 4])
        #expect(reports.count(.superseded) == 2)
        stop(worker)
    }

    /// What is undone at the end is done after the next start: the journal knows.
    @Test func atTheEndWhatWaitsIsNotReported() throws {
        runner.hold(1)
        let worker = try worker()
        worker.submit(request(1, "a"))
        worker.submit(request(2, "b"))
        #expect(eventually { runner.runs == [1] })
        worker.stop()
        runner.release(1)
        #expect(worker.waitUntilStopped(deadline: Clocks.farAway))
        #expect(reports.numbers == [1])
    }

    @Test func whatHangsAtTheEndIsLeft() throws {
        runner.hold(1)
        let worker = try worker()
        worker.submit(request(1))
        #expect(eventually { runner.runs == [1] })
        stop(worker)
        #expect(reports.rows.isEmpty)
    }

    @Test func itCountsWhatItDoes() throws {
        runner.will(2, .failed("no"))
        let worker = try worker()
        worker.submit(request(1))
        worker.submit(request(2))
        #expect(eventually { reports.rows.count == 2 })
        func value(_ name: String) -> Double? {
            for entry in scene.surroundings.metrics.entries
            where entry.name == name && entry.labels == ["action": "bus"] {
                switch entry.instrument {
                case .counter(let counter): return Double(counter.value)
                case .histogram(let histogram): return Double(histogram.summary.count)
                case .computed(let value): return value()
                case .gauge(let gauge): return Double(gauge.value)
                }
            }
            return nil
        }
        #expect(value("outpost_action_done_total") == 1)
        #expect(value("outpost_action_failed_total") == 1)
        #expect(value("outpost_action_dropped_total") == 0)
        #expect(value("outpost_action_seconds") == 1)
        #expect(value("outpost_action_waiting") == 0)
        stop(worker)
    }
}
