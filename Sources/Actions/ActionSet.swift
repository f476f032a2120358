import Alarms
import GPIO
import Platform
import Settings

/// All actions of a configuration, each with its worker.
public final class ActionSet: Sendable {
    /// A webhook that hangs leaves room for another.
    private static let webhooksAtOnce = 2
    /// What can be done again does not have to wait long here.
    private static let pauseBetweenWrites: Duration = .seconds(1)
    private static let patienceWithOutputs: Duration = .seconds(60)

    public let workers: [String: ActionWorker]
    private let publishers: [AlarmPublisher]

    /// `write` sets a point of a Modbus device; `report` is told what became of each request.
    public convenience init(
        _ settings: Settings, surroundings: Surroundings, write: @escaping PointWrite,
        report: @escaping ActionWorker.Report
    ) throws(SystemError) {
        try self.init(settings, surroundings: surroundings, gpio: .system, write: write, report: report)
    }

    init(
        _ settings: Settings, surroundings: Surroundings, gpio: GPIOCalls, write: @escaping PointWrite,
        report: @escaping ActionWorker.Report
    ) throws(SystemError) {
        var makers = RunnerMakers(settings, surroundings: surroundings, gpio: gpio, write: write)
        var workers: [String: ActionWorker] = [:]
        for action in settings.actions {
            guard let runner = try makers.runner(action) else { continue }
            workers[action.name] = try ActionWorker(
                action.name, runner, plan: Self.plan(action), surroundings: surroundings, report: report)
        }
        self.workers = workers
        publishers = makers.publishers.sorted { $0.key < $1.key }.map(\.value)
    }

    private static func plan(_ action: ActionSettings) -> ActionWorker.Plan {
        var plan = ActionWorker.Plan(retryFor: action.retryFor)
        switch action.work {
        case .webhook: plan.threads = webhooksAtOnce
        case .command(let work): plan.threads = work.maxRunning
        case .modbusWrite: plan.backoff = Backoff(first: pauseBetweenWrites, longest: pauseBetweenWrites)
        case .gpio:
            plan.backoff = Backoff(first: pauseBetweenWrites, longest: pauseBetweenWrites)
            plan.retryFor = patienceWithOutputs
        case .mqtt, .log: break
        }
        return plan
    }

    // MARK: - For any thread

    /// False where no action has the name.
    @discardableResult public func submit(_ request: ActionRequest, to action: String) -> Bool {
        guard let worker = workers[action] else { return false }
        worker.submit(request)
        return true
    }

    /// Leaves all that actions move as it is to be when nobody watches over it any more: all at once, in two seconds or a
    /// little more. Returns what could not be, by action.
    public func takeFailsafe() -> [String: String] {
        let results = Monitor<(left: Int, problems: [String: String])>((workers.count, [:]))
        for (name, worker) in workers {
            let thread = try? DedicatedThread("failsafe") {
                let problem = worker.takeFailsafe()
                results.withLock { results in
                    results.left -= 1
                    results.problems[name] = problem
                }
                results.notify()
            }
            if thread == nil { results.withLock { $0.left -= 1 } }
        }
        _ = results.wait(until: Clocks.system.monotonic() + .milliseconds(2500)) { $0.left > 0 }
        return results.withLock { $0.problems }
    }

    // MARK: - Their life

    public func start() throws(SystemError) {
        for worker in workers.values { try worker.start() }
        for publisher in publishers { try publisher.start() }
    }

    public func stop() { for worker in workers.values { worker.stop() } }

    /// False when one of them has not ended by then.
    public func waitUntilStopped(deadline: MonotonicTime) -> Bool {
        let areOver = workers.values.map { $0.waitUntilStopped(deadline: deadline) }
        // They were needed until now.
        for publisher in publishers { publisher.stop() }
        return areOver.allSatisfy(\.self)
            && publishers.map { $0.waitUntilStopped(deadline: deadline) }.allSatisfy(\.self)
    }
}

/// Knows how each kind of action is done.
private struct RunnerMakers {
    private let settings: Settings
    private let surroundings: Surroundings
    private let gpio: GPIOCalls
    private let write: PointWrite
    /// By broker.
    private(set) var publishers: [String: AlarmPublisher] = [:]

    init(_ settings: Settings, surroundings: Surroundings, gpio: GPIOCalls, write: @escaping PointWrite) {
        self.settings = settings
        self.surroundings = surroundings
        self.gpio = gpio
        self.write = write
    }

    /// Nil where its broker is not there, which a configuration that was checked does not have.
    mutating func runner(_ action: ActionSettings) throws(SystemError) -> (any ActionRunner)? {
        let gateway = settings.gateway.id
        switch action.work {
        case .mqtt(let work):
            return try publisher(work.broker).map {
                MQTTRunner(work, gateway: gateway, publisher: $0, clocks: surroundings.clocks)
            }
        case .webhook(let work): return WebhookRunner(work, gateway: gateway, clocks: surroundings.clocks)
        case .command(let work): return CommandRunner(settings: work, gateway: gateway)
        case .modbusWrite(let work):
            return ModbusWriteRunner(name: action.name, settings: work, write: write, clocks: surroundings.clocks)
        case .gpio(let work): return GPIORunner(work, calls: gpio)
        case .log: return LogRunner(log: surroundings.log)
        }
    }

    private mutating func publisher(_ name: String) throws(SystemError) -> AlarmPublisher? {
        if let publisher = publishers[name] { return publisher }
        guard let broker = settings.mqtt.first(where: { $0.name == name }) else { return nil }
        let publisher = try AlarmPublisher(broker, surroundings: surroundings)
        publishers[name] = publisher
        return publisher
    }
}
