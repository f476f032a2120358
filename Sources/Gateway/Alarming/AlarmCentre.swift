import Actions
import Alarms
import Journal
import Platform
import Readings
import Settings
import Synchronization

/// The thread that all alarms come together on: what the inputs see and people wish goes to the desk, and what comes out of
/// that to the actions first, and to the journal then. It never waits for either.
final class AlarmCentre: Sendable {
    private static let name = "alarms"
    /// The rule of the gateway itself: an action was over too late.
    static let latencyRule = "alarm-latency"
    /// How long an alarm that is tried is on.
    private static let trialTime: Duration = .seconds(2)
    /// Nobody looks more often.
    private static let showEvery: Duration = .milliseconds(100)
    private static let trialPatience: Duration = .seconds(15)

    typealias Job = @Sendable (inout AlarmDesk, MonotonicTime, Int64) -> Void

    private struct Inbox {
        var mail = AlarmMail()
        var jobs: [Job] = []
        var isStopping = false
    }

    let board: AlarmBoard
    private let inbox: Monitor<Inbox>
    private let settings: Settings
    private let levels: AlarmLevels
    private let write: PointWrite
    private let actions = Mutex<ActionSet?>(nil)
    private let journal: Journal
    private let surroundings: Surroundings
    private let thread: PartThread
    private let memory: AlarmMemory
    private let options: AlarmDesk.Options
    private let lastBeat = Atomic<Int64>(0)
    private let trials = Monitor<[Int64: [ActionReport: Duration]]>([:])

    private let decisionTime: Histogram
    private let startTime: Histogram
    private let actionTime: Histogram
    private let age: Histogram
    private let events: Counter
    private let merged: Counter
    private let droppedScores: Counter
    private let standing: Gauge
    private let unacknowledged: Gauge

    /// Once the journal is open; `write` sets a point of a Modbus device.
    init(
        _ settings: Settings, levels: AlarmLevels, learned: [Learned], journal: Journal, surroundings: Surroundings,
        write: @escaping PointWrite
    ) throws(SystemError) {
        self.settings = settings
        self.levels = levels
        self.write = write
        self.journal = journal
        self.surroundings = surroundings
        memory = journal.alarmsAtStart
        options = AlarmDesk.Options(floodLimit: settings.alarms.floodLimit, actions: settings.alarms.actions)
        thread = try PartThread(Self.name, surroundings.parts)
        let inbox = Monitor(Inbox())
        self.inbox = inbox
        board = AlarmBoard(
            settings.alarmRules + [Self.ownRule(settings.alarms)], catalogue: journal.catalogue,
            maxAge: settings.alarms.maxAge.nanoseconds / 1000,
            levels: Dictionary(
                memory.alarms.map { ($0.key, $0.stands ? $0.level.rawValue : 0) },
                uniquingKeysWith: { first, _ in first }),
            learned: learned, offset: TimeZone.offset
        ) { news in
            inbox.withLock { $0.mail.add(news) }
            inbox.notify()
        }
        let metrics = surroundings.metrics
        func latency(_ stage: String) -> Histogram {
            metrics.histogram(
                "outpost_alarm_latency_seconds",
                "From the arrival of a reading (or the moment that a delay was over) to a stage of what is done about it.",
                ["stage": stage])
        }
        decisionTime = latency("decision")
        startTime = latency("start")
        actionTime = latency("action")
        age = metrics.histogram(
            "outpost_alarm_reading_age_seconds",
            "Age on arrival of readings with times of their own that led to alarms.")
        events = metrics.counter("outpost_alarm_events_total", "Steps in the life of alarms.")
        standing = metrics.gauge("outpost_alarms_standing", "Alarms that stand.")
        unacknowledged = metrics.gauge("outpost_alarms_unacknowledged", "Alarms that nobody has acknowledged.")
        droppedScores = metrics.counter(
            "outpost_scores_dropped_total", "Scores of alarms that are not in the store, because too many waited.")
        merged = metrics.counter(
            "outpost_alarm_merged_total", "Changes merged into later ones of the same alarm, because too many waited.")
    }

    private static func ownRule(_ settings: AlarmSettings) -> AlarmRule {
        var rule = AlarmRule(
            name: latencyRule, series: SeriesGlob("outpost/alarm-latency"),
            condition: .limits(
                Limits([.init(.critical, above: Double(settings.latencyLimit.nanoseconds) / 1e6)])))
        rule.actions = settings.actions
        return rule
    }

    /// From a file, for the rules that name it; nil: none that can be used.
    func setModel(_ file: String, _ model: Model?) {
        post { desk, now, wall in desk.setModel(file, model, now: now.nanoseconds, wall: wall) }
    }

    /// For one more thread that reads.
    func share() -> AlarmShare { board.share() }

    // MARK: - Life

    func start() throws(SystemError) {
        let actions = try ActionSet(settings, surroundings: surroundings, write: write) { [self] in note($0, $1, $2) }
        self.actions.withLock { $0 = actions }
        try actions.start()
        lastBeat.store(now.nanoseconds, ordering: .relaxed)
        try thread.start(thread: Self.name) { [self] in run(actions) }
    }

    /// Leaves what alarms move as it is to be when nobody watches any more.
    func takeFailsafe() {
        guard settings.actions.contains(where: \.hasFailsafe) else { return }
        _ = actions.withLock { $0 }?.takeFailsafe()
    }

    /// The actions, once the alarms have come to their end.
    func stopActions(deadline: MonotonicTime) -> Bool {
        guard let actions = actions.withLock({ $0 }) else { return true }
        actions.stop()
        return actions.waitUntilStopped(deadline: deadline)
    }

    func stop() {
        thread.stop()
        inbox.withLock { $0.isStopping = true }
        inbox.notify()
    }

    func waitUntilStopped(deadline: MonotonicTime) -> Bool { thread.waitUntilStopped(deadline: deadline) }

    /// When the thread last went round: what a watchdog looks at.
    var lastSign: MonotonicTime { MonotonicTime(nanoseconds: lastBeat.load(ordering: .relaxed)) }

    private var now: MonotonicTime { surroundings.clocks.monotonic() }

    private func run(_ actions: ActionSet) {
        var desk = AlarmDesk(
            board, actions: settings.actions.map(\.traits), options: options, restored: memory.alarms,
            nextNumber: memory.nextNumber,
            now: now.nanoseconds, wall: surroundings.clocks.wall())
        // What was not done, or not known to be, the worst first: a queue takes the rest.
        for undone in memory.undone.sorted(by: Self.isWorse) {
            redo(undone.request, undone.action, actions)
        }
        send(desk.takeOutbox(), actions)
        show(desk)
        var mail = AlarmMail()
        var shown = now
        var isNews = false
        while true {
            let due = isNews ? min(desk.nextDue, (shown + Self.showEvery).nanoseconds) : desk.nextDue
            let jobs = wait(until: due, &mail)
            let (now, wall) = (self.now, surroundings.clocks.wall())
            lastBeat.store(now.nanoseconds, ordering: .relaxed)
            merged.add(mail.merged)
            droppedScores.add(mail.droppedScores)
            desk.take(mail, now: now.nanoseconds, wall: wall)
            mail.removeAll()
            desk.tick(now: now.nanoseconds, wall: wall)
            for job in jobs ?? [] { job(&desk, now, wall) }
            let outbox = desk.takeOutbox()
            send(outbox, actions)
            if !outbox.states.isEmpty { isNews = true }
            if isNews, now - shown >= Self.showEvery {
                show(desk)
                (shown, isNews) = (now, false)
            }
            if jobs == nil { return }
        }
    }

    /// For those who look on.
    private func show(_ desk: AlarmDesk) {
        let alarms = desk.list()
        levels.set(alarms)
        surroundings.parts.report(Self.name, .running, alarms.summary)
        standing.set(alarms.standing)
        unacknowledged.set(alarms.unacknowledged)
    }

    private static func isWorse(_ left: AlarmMemory.Undone, _ right: AlarmMemory.Undone) -> Bool {
        let (left, right) = (left.request.event, right.request.event)
        return left.level == right.level ? left.number < right.number : left.level > right.level
    }

    /// Takes what has come; nil at the end.
    private func wait(until due: Int64, _ mail: inout AlarmMail) -> [Job]? {
        // At least once a second: a sign of life.
        let moment = min(MonotonicTime(nanoseconds: due), now + .seconds(1))
        _ = inbox.wait(until: moment) { $0.mail.isEmpty && $0.jobs.isEmpty && !$0.isStopping }
        return inbox.withLock { inbox in
            swap(&mail, &inbox.mail)
            defer { inbox.jobs = [] }
            return inbox.isStopping && inbox.jobs.isEmpty ? nil : inbox.jobs
        }
    }

    /// What moves something is where the alarms want it by now; who was to be told is told.
    private func redo(_ request: ActionRequest, _ action: String, _ actions: ActionSet) {
        if request.task == .tell, actions.submit(request, to: action) { return }
        var records = AlarmRecords()
        records.reports = [
            ActionReport(
                number: request.event.number, action: action, outcome: .superseded, attempts: 0,
                completed: surroundings.clocks.wall())
        ]
        journal.submit(records)
    }

    /// The actions first: the disk may take its time.
    private func send(_ outbox: AlarmOutbox, _ actions: ActionSet) {
        guard !outbox.isEmpty else { return }
        var records = AlarmRecords()
        for request in outbox.requests {
            actions.submit(request.request, to: request.action)
            // What the start asks for is no event.
            guard request.request.event.number > 0 else { continue }
            records.asked.append(
                .init(number: request.request.event.number, action: request.action, task: request.request.task))
        }
        if !outbox.scores.isEmpty { store(outbox.scores) }
        let decided = now
        for request in outbox.requests { request.request.arrived.map { note(decided, since: $0, in: decisionTime) } }
        records.events = outbox.events
        records.states = outbox.states
        if !records.isEmpty { journal.submit(records) }
        for event in outbox.events { log(event) }
        events.add(outbox.events.count)
    }

    private func store(_ scores: [Reading]) {
        var batch = ReadingBatch()
        for score in scores { batch.append(score) }
        if journal.submit(batch) == nil { droppedScores.add(scores.count) }
    }

    private func note(_ moment: MonotonicTime, since arrived: Int64, in histogram: Histogram) {
        histogram.record(moment - MonotonicTime(nanoseconds: arrived))
    }

    private func log(_ event: AlarmEvent) {
        if let age = event.age { self.age.record(.microseconds(max(0, age))) }
        let who = event.by.isEmpty ? "" : " by \(Log.printable(event.by))"
        let text =
            "\(event.level.name) \(event.change.rawValue)\(who): \(event.key.rule): \(event.message)"
            + (event.isLate ? " (from old readings)" : "") + (event.isTest ? " (a trial)" : "")
        let isNews = !event.isTest && event.level > .notice && [.raised, .level, .flood].contains(event.change)
        let key = "\(event.key.rule) \(event.key.series) \(event.change.rawValue) \(event.level.name)"
        if isNews, event.level == .emergency {
            surroundings.log.error(Self.name, repeats: key, text)
        } else if isNews {
            surroundings.log.warning(Self.name, repeats: key, text)
        } else {
            surroundings.log.info(Self.name, repeats: key, text)
        }
    }

    // MARK: - What actions report

    /// Called once for each request, by any thread.
    private func note(_ report: ActionReport, _ times: ActionWorker.Times, _ request: ActionRequest) {
        if report.number > 0 {
            var records = AlarmRecords()
            records.reports = [report]
            journal.submit(records)
        }
        let arrived = request.arrived.map { MonotonicTime(nanoseconds: $0) }
        if request.event.isTest { noteTrial(report, arrived.map { times.finished - $0 } ?? .zero) }
        guard let arrived, report.outcome == .done, request.task != .turnOff else { return }
        startTime.record(times.began - arrived)
        actionTime.record(times.finished - arrived)
        guard let latency = ownLatency(report.action, arrived, times), request.event.key.rule != Self.latencyRule
        else { return }
        let milliseconds = Double(latency.nanoseconds) / 1e6
        post { desk, now, wall in
            desk.note(latency: milliseconds, rule: Self.latencyRule, now: now.nanoseconds, wall: wall)
        }
    }

    /// What a limit is for: how long a web server far away takes, or a program once it runs, is theirs.
    private func ownLatency(_ action: String, _ arrived: MonotonicTime, _ times: ActionWorker.Times) -> Duration? {
        switch settings.actions.first(where: { $0.name == action })?.work {
        case .mqtt?, .modbusWrite?, .gpio?: times.finished - arrived
        case .command?: times.began - arrived
        case .webhook?, .log?, nil: nil
        }
    }

    private func post(_ job: @escaping Job) {
        inbox.withLock { $0.jobs.append(job) }
        inbox.notify()
    }

    private func noteTrial(_ report: ActionReport, _ latency: Duration) {
        trials.withLock { $0[report.number]?[report] = latency }
        trials.notify()
    }
}

// MARK: - What people ask

extension AlarmCentre {
    /// Waits for the thread; nil where it does not come to it.
    private func ask<Answer: Sendable>(
        _ body: @escaping @Sendable (inout AlarmDesk, MonotonicTime, Int64) -> Answer
    ) -> Answer? {
        let answer = Monitor<Answer?>(nil)
        post { desk, now, wall in
            let result = body(&desk, now, wall)
            answer.withLock { $0 = result }
            answer.notify()
        }
        _ = answer.wait(until: now + .seconds(5)) { $0 == nil }
        return answer.withLock { $0 }
    }

    func list(all: Bool) -> [AlarmView]? { ask { desk, _, _ in desk.list(all: all) } }

    func perform(_ command: AlarmCommand) -> AlarmDesk.CommandResult? {
        ask { desk, now, wall in desk.perform(command, now: now.nanoseconds, wall: wall) }
    }

    /// What became of an alarm that was tried.
    struct TrialReport: Sendable {
        var event: AlarmEvent
        /// From the made up reading to the decision.
        var decision: Duration
        /// By action what it did, and when it was over; nil: not yet.
        var actions: [(name: String, outcome: ActionReport.Outcome?, latency: Duration?)]
    }

    enum TrialAnswer: Sendable {
        case done(TrialReport)
        case refused(String)
    }

    func tryAlarm(_ name: String, series: SeriesName?, by: String) -> TrialAnswer {
        let arrived = now
        let begun = ask { [self] desk, now, wall -> (AlarmDesk.TrialResult, Duration) in
            let result = desk.begin(trialOf: name, series: series, by: by, now: arrived.nanoseconds, wall: wall)
            // Before the actions are asked: none reports to nobody.
            if case .begun(let trial) = result { trials.withLock { $0[trial.event.number] = [:] } }
            return (result, surroundings.clocks.monotonic() - arrived)
        }
        guard let (result, decision) = begun else { return .refused("the gateway is busy") }
        guard case .begun(let trial) = result else {
            if case .refused(let reason) = result { return .refused(reason) }
            return .refused("")
        }
        let number = trial.event.number
        _ = trials.wait(until: arrived + Self.trialPatience) { ($0[number]?.count ?? 0) < trial.actions.count }
        // What it has turned on is to be seen, or heard.
        _ = trials.wait(until: arrived + Self.trialTime) { [self] _ in moves(trial.actions) }
        _ = ask { desk, now, wall in desk.end(trial, now: now.nanoseconds, wall: wall) }
        let reports = trials.withLock { $0.removeValue(forKey: number) ?? [:] }
        let outcomes = trial.actions.map { name in
            let report = reports.first { $0.key.action == name }
            return (name: name, outcome: report?.key.outcome, latency: report?.value)
        }
        return .done(TrialReport(event: trial.event, decision: decision, actions: outcomes))
    }
}

extension AlarmCentre {
    private func moves(_ names: [String]) -> Bool {
        settings.actions.contains { $0.isMover && names.contains($0.name) }
    }
}

extension ActionSettings {
    fileprivate var traits: ActionTraits {
        ActionTraits(name, until.map { .moves(until: $0) } ?? .tells(of: on, isSummarized: isForPeople))
    }

    /// Whoever is told reads it one by one.
    private var isForPeople: Bool {
        switch work {
        case .webhook, .command: true
        case .mqtt, .log, .modbusWrite, .gpio: false
        }
    }

    fileprivate var hasFailsafe: Bool {
        switch work {
        case .modbusWrite(let work): work.failsafe != nil
        case .gpio(let work): work.failsafe != nil
        case .mqtt, .webhook, .command, .log: false
        }
    }
}
