import Alarms
import Glibc
import Modbus
import Platform
import Polling
import Readings
import Settings

/// The life of a line, on its own thread: nothing here is shared.
final class LineLoop {
    private static let illegalAddress: UInt8 = 2
    private static let longestPause: Duration = .seconds(30)

    private let settings: ModbusSettings
    private let name: String
    private let cutsFile: CutsFile?
    private let sink: any ReadingSink
    private let alarms: AlarmShare?
    private let catalogue: SeriesCatalogue
    private let surroundings: Surroundings
    private let wake: WakeUp
    private let writes: WriteQueue
    private let metrics: LineMetrics
    private let observe: (@Sendable (ModbusLine.Observation) -> Void)?
    private let isStopping: () -> Bool

    private var talk: LineTalk
    private var cuts = LearntCuts()
    private var devices: [DevicePolls] = []
    /// By the number of the task.
    private var tasks: [(device: Int, request: Int)] = []
    private var schedule = LineSchedule([], start: 0)
    private var batch = ReadingBatch()
    private var backoff = Backoff(first: .seconds(1), longest: longestPause)
    private var generator = SystemRandomNumberGenerator()
    private var missedBefore = 0
    private var nextShow = MonotonicTime(nanoseconds: 0)

    init(
        _ settings: ModbusSettings, name: String, cuts: CutsFile?, sink: any ReadingSink, alarms: AlarmShare?,
        catalogue: SeriesCatalogue, surroundings: Surroundings, wake: WakeUp, writes: WriteQueue,
        observe: (@Sendable (ModbusLine.Observation) -> Void)?,
        isStopping: @escaping () -> Bool
    ) {
        self.settings = settings
        self.name = name
        cutsFile = cuts
        self.sink = sink
        self.alarms = alarms
        self.catalogue = catalogue
        self.surroundings = surroundings
        self.wake = wake
        self.writes = writes
        self.observe = observe
        self.isStopping = isStopping
        metrics = LineMetrics(surroundings.metrics, line: settings.name, devices: settings.devices.map(\.name))
        talk = LineTalk(
            settings.address, surroundings: surroundings, metrics: metrics, wake: wake, isStopping: isStopping)
    }

    private var now: MonotonicTime { surroundings.clocks.monotonic() }

    // MARK: - The way through

    func run() {
        cuts = cutsFile?.read() ?? LearntCuts()
        devices = settings.devices.map { device in DevicePolls(device, cuts: cuts, resolve: series) }
        makeSchedule()
        while !isStopping() {
            // Nothing ends this but the wish to stop: what goes wrong with a line is a state of it.
            do {
                if open() { try serve() } else { try pause() }
            } catch {
                // Stopped.
            }
        }
        writes.close("the gateway stops")
        talk.close()
    }

    private func series(of point: ModbusPointSettings) -> SeriesID? {
        let definition = SeriesDefinition(name: point.series, unit: point.unit, tags: point.tags)
        guard case .known(let id) = catalogue.resolve(definition) else {
            surroundings.log.error(
                name, repeats: "refused",
                "max_series = \(catalogue.limit) is reached: the series \(point.series) is refused")
            return nil
        }
        return id
    }

    private func makeSchedule() {
        tasks = devices.indices.flatMap { device in devices[device].requests.indices.map { (device, $0) } }
        missedBefore = 0
        schedule = LineSchedule(tasks.map(scheduled), start: now.nanoseconds)
    }

    private func open() -> Bool {
        guard !talk.isOpen else { return true }
        do throws(LineError) {
            try talk.open(timeout: settings.longestTimeout)
        } catch {
            let text = "cannot open \(settings.address): \(error)"
            writes.close(text)
            if surroundings.parts.isNews(name, .degraded, text) { surroundings.log.warning(name, text) }
            surroundings.parts.report(name, .degraded, text)
            failAll(.line("\(error)"))
            return false
        }
        backoff.reset()
        writes.open()
        surroundings.log.info(
            name, repeats: "opened", "opened \(settings.address): \(tasks.count) requests of \(devices.count) devices")
        report()
        return true
    }

    private func pause() throws { try talk.sleep(backoff.pause(using: &generator)) }

    private func serve() throws {
        while talk.isOpen, !isStopping() {
            show()
            // Ahead of the polls; and one of those after each write, so that nobody keeps the line from reading.
            if let job = writes.next() { try write(job) }
            switch schedule.next(now: now.nanoseconds) {
            case .wait(let until):
                let moment = min(MonotonicTime(nanoseconds: until), nextShow)
                if moment > now { try talk.sleep(moment - now, unless: { !writes.isEmpty }) }
            case .poll(let task): try poll(task)
            }
        }
    }

    private func write(_ job: WriteJob) throws {
        do {
            job.done(try job.write.run(on: &talk))
        } catch {
            job.done(WriteOutcome(.unknown, "the gateway stopped in the middle of it"))
            throw error
        }
    }

    // MARK: - One request

    private func poll(_ number: Int) throws {
        let task = tasks[number]
        var device = devices[task.device].settings
        // Whoever is left alone is not asked twice.
        if schedule.isLeftAlone(number) { device.retries = 0 }
        let began = now
        if let model = devices[task.device].wantedBlock {
            // What is found makes other requests, which come by themselves.
            guard let failure = try findBlock(model, task.device, device) else { return }
            metrics.count(.failed, of: task.device)
            schedule.finished(number, .failed, began: began.nanoseconds, ended: now.nanoseconds)
            take(.failure(failure), number, asked: began)
            return submit()
        }
        let request = devices[task.device].requests[task.request].request
        let result = try talk.ask(.read(request), of: device)
        let outcome = outcome(of: result)
        metrics.count(outcome, of: task.device)
        schedule.finished(number, outcome, began: began.nanoseconds, ended: now.nanoseconds)
        take(result, number, asked: began)
        submit()
        if case .success(.exception(Self.illegalAddress)) = result { learn(task, request) }
    }

    /// Looks for the block of a SunSpec device before the first request of it. Nil where it was found.
    private func findBlock(_ model: Int, _ number: Int, _ device: ModbusDeviceSettings) throws -> PollFailure? {
        switch try SunSpec.find(model: model, of: device, on: &talk) {
        case .failure(let failure): return failure
        case .success(let base):
            guard devices[number].fits(at: base) else {
                return .garbage("the SunSpec block \(model) begins at \(base) and has no room for all points")
            }
            surroundings.log.info(name, "\(device.name): the SunSpec block \(model) begins at \(base)")
            replan(number) { $0.place(at: base, cuts) }
            return nil
        }
    }

    private func outcome(of result: Result<Answer, PollFailure>) -> LineSchedule.Outcome {
        switch result {
        case .success(.exception): .refused
        case .success: .answered
        case .failure: .failed
        }
    }

    private func take(_ result: Result<Answer, PollFailure>, _ number: Int, asked: MonotonicTime) {
        let task = tasks[number]
        let moment = schedule.moment(of: number, at: asked.nanoseconds)
        let first = batch.count
        let time = Timestamp(microseconds: surroundings.clocks.wall())
        let counts = devices[task.device].read(
            result, of: task.request, moment: moment, at: time, now: now, alarms: alarms, into: &batch)
        alarms?.flush()
        metrics.readings.add(counts.stored)
        metrics.suppressed.add(counts.suppressed)
        let problem = complaint(about: result)
        // What is wrong with the line is said of the line.
        if case .failure(.line) = result {} else { complain(problem, task) }
        observe?(
            ModbusLine.Observation(
                device: devices[task.device].settings.name,
                request: devices[task.device].requests[task.request].request,
                readings: (first..<batch.count).map { batch[$0] }, problem: problem))
    }

    private func complaint(about result: Result<Answer, PollFailure>) -> String? {
        switch result {
        case .success(.exception(let code)):
            let hint =
                code == Self.illegalAddress ? " (address counts from 0, ref as documents do: 40001 is address 0)" : ""
            return "the device refuses: \(ExceptionText.of(code))\(hint)"
        case .success: return nil
        case .failure(let failure): return failure.description
        }
    }

    /// Said once, and once that it is over.
    private func complain(_ problem: String?, _ task: (device: Int, request: Int)) {
        let before = devices[task.device].complaints[task.request]
        guard problem != before else { return }
        devices[task.device].complaints[task.request] = problem
        let device = devices[task.device].settings
        let request = devices[task.device].requests[task.request].request
        let what =
            "\(device.name) (unit \(device.unit)), \(request.table.rawValue) \(request.first) to \(Int(request.first) + Int(request.count) - 1)"
        if let problem {
            surroundings.log.warning(name, repeats: "\(device.name) \(request.first)", "\(what): \(problem)")
        } else {
            surroundings.log.info(name, repeats: "\(device.name) \(request.first) well", "\(what): answers again")
        }
        report()
    }

    /// A device that does not let one read through a hole is not asked to again.
    private func learn(_ task: (device: Int, request: Int), _ request: ReadRequest) {
        guard devices[task.device].learn(from: task.request, &cuts) else { return }
        surroundings.log.info(
            name,
            "\(devices[task.device].settings.name) does not let \(request.count) registers be read from "
                + "\(request.first) on: asking for less at once")
        do { try cutsFile?.write(cuts) } catch {
            surroundings.log.warning(name, "cannot keep what was learnt: \(error)")
        }
        replan(task.device) { $0.plan(cuts) }
    }

    private func replan(_ device: Int, _ plan: (inout DevicePolls) -> Void) {
        countMissed()
        let range = taskRange(of: device)
        plan(&devices[device])
        let new = devices[device].requests.indices.map { (device: device, request: $0) }
        tasks.replaceSubrange(range, with: new)
        schedule.replace(range, with: new.map(scheduled), now: now.nanoseconds)
        missedBefore = missed
        // What was complained of was said of other requests.
        report()
    }

    /// Those of a device stand side by side.
    private func taskRange(of device: Int) -> Range<Int> {
        let numbers = tasks.indices.filter { tasks[$0].device == device }
        return (numbers.first ?? 0)..<(numbers.last.map { $0 + 1 } ?? 0)
    }

    private func scheduled(_ task: (device: Int, request: Int)) -> LineSchedule.Task {
        LineSchedule.Task(
            unit: devices[task.device].settings.unit, period: devices[task.device].requests[task.request].period)
    }

    /// The line itself is gone: nothing can be read of any device.
    private func failAll(_ failure: PollFailure) {
        let now = self.now
        for number in tasks.indices { take(.failure(failure), number, asked: now) }
        submit()
    }

    /// Reading never waits for the journal.
    private func submit() {
        guard !batch.isEmpty else { return }
        if sink.submit(batch) == nil {
            metrics.dropped.add(batch.count)
            sink.submit(
                Gap(
                    source: settings.name, reason: .overflow, first: batch.times.min() ?? 0,
                    last: batch.times.max() ?? 0, count: batch.count))
            surroundings.log.warning(name, repeats: "dropped", "the journal is full: \(batch.count) readings dropped")
        }
        batch.removeAll()
    }

    // MARK: - How it goes

    private func report() {
        let silent = devices.filter { schedule.isSilent($0.settings.unit) || $0.complaints.contains { $0 != nil } }
        guard let first = silent.first else {
            return surroundings.parts.report(name, .running, "\(tasks.count) requests of \(devices.count) devices")
        }
        let complaint = first.complaints.compactMap(\.self).first ?? "no answer"
        let others = silent.count > 1 ? ", and \(silent.count - 1) more" : ""
        surroundings.parts.report(name, .degraded, "\(first.settings.name): \(complaint)\(others)")
    }

    private var missed: Int { tasks.indices.reduce(0) { $0 + schedule.figures(of: $1).missed } }

    private func countMissed() {
        let missed = self.missed
        metrics.missed.add(missed - missedBefore)
        missedBefore = missed
    }

    /// Once a second.
    private func show() {
        guard now >= nextShow else { return }
        nextShow = now + .seconds(1)
        var fastest: [Int: Int] = [:]
        for number in tasks.indices {
            let device = tasks[number].device
            if fastest[device].map({ schedule.task(number).period < schedule.task($0).period }) ?? true {
                fastest[device] = number
            }
        }
        countMissed()
        for (device, number) in fastest {
            metrics.show(
                device, asked: schedule.task(number).period, schedule.figures(of: number),
                isSilent: schedule.isSilent(schedule.task(number).unit))
        }
    }
}
