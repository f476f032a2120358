import Actions
import Alarms
import Glibc
import History
import Journal
import MQTTInput
import ModbusInput
import Platform
import Readings
import Settings
import Synchronization

/// The whole gateway: what is started, in which order, and stopped in the reverse one.
public final class Gateway: Sendable {
    public enum StartError: Error, CustomStringConvertible {
        case directory(SystemError)
        case inUse(directory: String, process: Int32?)
        case journal(JournalError)
        case thread(SystemError)
        /// Asked to stop before it was up.
        case stopped

        public var description: String {
            switch self {
            case .directory(let error): "the data directory cannot be used: \(error)"
            case .inUse(let directory, let process):
                "another gateway\(process.map { " (process \($0))" } ?? "") works with \(directory)"
            case .journal(let error): "\(error)"
            case .thread(let error): "\(error)"
            case .stopped: "stopped before it was ready"
            }
        }
    }

    public static let socketName = "outpost.sock"

    /// Stopping takes no longer than systemd, and the person at the terminal, will wait.
    private static let longestStop: Duration = .seconds(4)
    /// Where systemd asks for no signs of life.
    private static let usualWatchdog: Duration = .seconds(10)

    private let settings: Settings
    private let surroundings: Surroundings
    private let lock: DirectoryLock
    private let journal: Journal
    private let history: History
    private let connections: [MQTTConnection]
    private let server: RegisterServer?
    private let lines: [ModbusLine]
    private let centre = Mutex<AlarmCentre?>(nil)
    private let watches = Mutex<AlarmWatches?>(nil)
    private let models = Mutex<ModelKeeper?>(nil)
    private let learning = Mutex<LearningKeeper?>(nil)
    private let alarmLevels = AlarmLevels()
    private let wasWatching = Atomic(true)
    private let controlStop: WakeUp
    private let started: Int64

    /// Takes the data directory; a second gateway on it is refused here.
    public init(_ settings: Settings, surroundings: Surroundings) throws(StartError) {
        self.settings = settings
        self.surroundings = surroundings
        started = surroundings.clocks.wall()
        let directory = settings.gateway.data
        do throws(SystemError) { try Files.createDirectory(directory) } catch { throw .directory(error) }
        do throws(DirectoryLock.Refusal) { lock = try DirectoryLock(directory) } catch {
            switch error {
            case .heldBy(let process): throw .inUse(directory: directory, process: process)
            case .failed(let error): throw .directory(error)
            }
        }
        let catalogue = SeriesCatalogue(limit: settings.store.maxSeries)
        var options = JournalOptions(settings)
        options.numberingAfter = History.sealed(in: directory)
        let journal = Journal(options, catalogue: catalogue, surroundings: surroundings)
        self.journal = journal
        history = History(HistoryOptions(settings), journal: journal, surroundings: surroundings)
        do throws(SystemError) {
            controlStop = try WakeUp()
            let latest = settings.modbusServer.map { server in
                LatestValues(of: server.series, to: journal, catalogue: catalogue)
            }
            if let server = settings.modbusServer, let latest {
                self.server = try RegisterServer(
                    server, values: latest, alarms: alarmLevels, surroundings: surroundings)
            } else {
                server = nil
            }
            let sink: any ReadingSink = latest ?? journal
            connections = try settings.mqtt.map { (connection) throws(SystemError) in
                try MQTTConnection(connection, sink: sink, catalogue: catalogue, surroundings: surroundings)
            }
            lines = try settings.modbus.map { (line) throws(SystemError) in
                try ModbusLine(
                    line, directory: directory, sink: sink, catalogue: catalogue, surroundings: surroundings)
            }
        } catch {
            throw .thread(error)
        }
    }

    /// Opens the store, waiting for a disk that is full or not there yet, and starts every input. `isCancelled` is
    /// asked while it waits.
    public func start(isCancelled: () -> Bool) throws(StartError) {
        do throws(SystemError) {
            try journal.start()
            try startControl()
        } catch {
            throw .thread(error)
        }
        do throws(JournalError) {
            while !(try journal.waitUntilOpen(deadline: surroundings.clocks.monotonic() + .milliseconds(200))) {
                if isCancelled() { throw JournalError.missing("") }
            }
        } catch {
            if case .missing = error { throw .stopped }
            throw .journal(error)
        }
        journal.catalogue.restore(History.definitions(in: settings.gateway.data), isStored: false)
        do throws(SystemError) {
            try history.start()
            let alarms = try startAlarms()
            for connection in connections { try connection.start(alarms: alarms) }
            for line in lines { try line.start(alarms: alarms) }
            try server?.start()
        } catch {
            throw .thread(error)
        }
    }

    /// What looks at the readings of an input, on its thread; nil where there is nothing to look for.
    private func startAlarms() throws(SystemError) -> (@Sendable () -> AlarmShare)? {
        guard !settings.alarmRules.isEmpty || !journal.alarmsAtStart.alarms.isEmpty else { return nil }
        let directory = settings.gateway.data
        let learned = LearningKeeper.load(directory, for: settings.alarmRules, log: surroundings.log)
        let centre = try AlarmCentre(
            settings, levels: alarmLevels, learned: learned, journal: journal, surroundings: surroundings
        ) { [lines, settings] in
            Self.write($0, to: $1, by: $2, lines, settings, done: $3)
        }
        try centre.start()
        self.centre.withLock { $0 = centre }
        let models = try ModelKeeper(settings.alarmRules, surroundings: surroundings) { centre.setModel($0, $1) }
        try models?.start()
        self.models.withLock { $0 = models }
        if settings.alarmRules.contains(where: \.learns) {
            let learning = try LearningKeeper(centre.board, directory: directory, surroundings: surroundings)
            try learning.start()
            self.learning.withLock { $0 = learning }
        }
        let watches = AlarmWatches(
            settings.mqtt, catalogue: journal.catalogue, surroundings: surroundings, share: { centre.share() })
        self.watches.withLock { $0 = watches }
        return { centre.share() }
    }

    /// Once a second: what was left out of the log, and a sign of life as long as the journal gives one.
    public func tick(_ manager: ServiceManager) {
        surroundings.log.flushRepeats()
        watches.withLock { $0 }?.tick(hasRoom: journal.hasRoom)
        seeThatAlarmsLive(within: manager.watchdogInterval ?? Self.usualWatchdog)
        guard let interval = manager.watchdogInterval else { return }
        if isWatching(within: interval), surroundings.clocks.monotonic() - journal.lastSign < interval {
            manager.watchdog()
        }
    }

    /// Without alarms there is nothing to watch.
    private func isWatching(within interval: Duration) -> Bool {
        centre.withLock { $0 }.map { surroundings.clocks.monotonic() - $0.lastSign < interval } ?? true
    }

    /// What alarms move is left as it is to be when nobody watches any more; said once.
    private func seeThatAlarmsLive(within interval: Duration) {
        let isWatching = isWatching(within: interval)
        let wasWatching = wasWatching.exchange(isWatching, ordering: .relaxed)
        guard wasWatching, !isWatching else { return }
        surroundings.log.error(
            "gateway", "alarms have given no sign of life for \(interval): taking the failsafe states")
        surroundings.parts.report("alarms", .failed, "no sign of life")
        centre.withLock { $0 }?.takeFailsafe()
    }

    /// What is wrong, in a line for `systemctl status`.
    private var condition: String {
        let troubled = surroundings.parts.all.filter { $0.state != .running }
        return troubled.isEmpty
            ? "everything runs" : troubled.map { "\($0.name): \($0.detail)" }.joined(separator: "; ")
    }

    /// Stops what brings readings, leaves what alarms move as it is to be, commits what came, and closes the store. False when
    /// something did not end in time.
    public func stop() -> Bool {
        let start = surroundings.clocks.monotonic()
        let deadline = start + Self.longestStop
        var allStopped = true
        watches.withLock { $0 }?.stop()
        for connection in connections { connection.stop() }
        // A connect that nobody answers is left behind: it has read nothing.
        let inputDeadline = start + .milliseconds(2500)
        for connection in connections where !connection.waitUntilStopped(deadline: inputDeadline) { allStopped = false }
        if !stopAlarms(deadline: inputDeadline) { allStopped = false }
        for line in lines { line.stop() }
        server?.stop()
        for line in lines where !line.waitUntilStopped(deadline: inputDeadline) { allStopped = false }
        if server?.waitUntilStopped(deadline: inputDeadline) == false { allStopped = false }
        learning.withLock { $0 }?.stop()
        models.withLock { $0 }?.stop()
        if !journal.stop(deadline: deadline) {
            allStopped = false
            surroundings.log.error(
                "gateway", "the journal did not come to its end in time; nothing acknowledged is lost")
        }
        if learning.withLock({ $0 })?.waitUntilStopped(deadline: deadline) == false { allStopped = false }
        if models.withLock({ $0 })?.waitUntilStopped(deadline: deadline) == false { allStopped = false }
        // What it cannot end in time it begins anew at the next start: all of that is in the journal.
        _ = history.stop(deadline: deadline)
        controlStop.call()
        surroundings.log.flushRepeats(all: true)
        return allStopped
    }

    /// While the lines still run: they write what is to be left behind.
    private func stopAlarms(deadline: MonotonicTime) -> Bool {
        guard let centre = centre.withLock({ $0 }) else { return true }
        centre.stop()
        let isOver = centre.waitUntilStopped(deadline: deadline)
        let areOver = centre.stopActions(deadline: deadline)
        // The last word.
        centre.takeFailsafe()
        return isOver && areOver
    }

    private func startControl() throws(SystemError) {
        let path = settings.gateway.data + "/" + Self.socketName
        _ = try DedicatedThread("control") { [self] in
            while true {
                do throws(SystemError) {
                    return try UnixSocket.serve(path, until: controlStop, answer: answer)
                } catch {
                    surroundings.log.error("control", repeats: "serve", "outpost status does not work yet: \(error)")
                }
                let again = surroundings.clocks.monotonic() + .seconds(2)
                if pollDescriptors([(controlStop.descriptor, POLLIN)], until: again)[0] != 0 { return }
            }
        }
    }

    private func answer(_ request: String, _ user: uid_t?) -> [UInt8] {
        if let request = WriteRequest(text: request) { return write(request, user).answer }
        if let request = AlarmRequest(text: request, user: user.map(Users.name) ?? "unknown") {
            guard let centre = centre.withLock({ $0 }) else {
                return Array("refused\nthe configuration has no [[alarm]]".utf8)
            }
            return Array(centre.answer(request).utf8)
        }
        let status = GatewayStatus(
            id: settings.gateway.id, data: settings.gateway.data, started: started, surroundings: surroundings,
            journal: journal, history: history)
        switch request {
        case "status": return Array(status.text.utf8)
        case "status json": return Array(status.json.description.utf8)
        default: return Array("unknown request: \(request)".utf8)
        }
    }
}

// MARK: - Writing

extension Gateway {
    /// For alarms: it goes before what people want.
    private static func write(
        _ value: String, to series: SeriesName, by: String, _ lines: [ModbusLine], _ settings: Settings,
        done: @escaping @Sendable (PointWriteOutcome) -> Void
    ) {
        guard let line = lines.first(where: { $0.has(series) }) else {
            return done(.refused(settings.modbus.noPoint(series).description))
        }
        line.write(value, to: series, by: by, isUrgent: true) { done(PointWriteOutcome($0)) }
    }

    /// Waits for the line, for `patience` at most.
    private func write(_ request: WriteRequest, _ user: uid_t?) -> WriteOutcome {
        let by = WriteRequest.author(request.by, user: user.map(Users.name) ?? "unknown")
        guard let line = lines.first(where: { $0.has(request.series) }) else { return refuse(request, by) }
        let outcome = Monitor<WriteOutcome?>(nil)
        line.write(request.value, to: request.series, by: by) { result in
            outcome.withLock { $0 = result }
            outcome.notify()
        }
        _ = outcome.wait(until: surroundings.clocks.monotonic() + WriteRequest.patience) { $0 == nil }
        return outcome.withLock { $0 } ?? WriteOutcome(.unknown, "it is still being tried: the table audit will tell")
    }

    private func refuse(_ request: WriteRequest, _ by: String) -> WriteOutcome {
        let outcome = settings.modbus.noPoint(request.series)
        journal.submit(
            AuditEntry(
                time: surroundings.clocks.wall(), modbusWriteOf: request.value, to: request.series, by: by,
                outcome: outcome))
        return outcome
    }
}

extension PointWriteOutcome {
    fileprivate init(_ outcome: WriteOutcome) {
        switch outcome.kind {
        case .written: self = .written
        case .refused: self = .refused(outcome.detail)
        case .notTried, .failed, .unknown: self = .failed(outcome.description)
        }
    }
}

extension JournalOptions {
    init(_ settings: Settings) {
        self.init(
            directory: settings.gateway.data, durability: settings.store.durability == .power ? .power : .process,
            commitEvery: settings.store.commitEvery, maxSize: settings.store.maxSize)
    }
}

extension HistoryOptions {
    public init(_ settings: Settings) {
        func microseconds(_ duration: Duration) -> Int64 { duration.nanoseconds / 1000 }
        self.init(directory: settings.gateway.data)
        headMemory = settings.store.headMemory
        sealAfter = settings.store.sealAfter
        widths = settings.store.rollups.map(microseconds)
        maxSize = settings.store.maxSize
        reserve = settings.store.reserve
        retention = Retention(
            rules: settings.retention.map { rule in
                Retention.Rule(
                    series: rule.series, readings: rule.raw.map(microseconds),
                    rollups: rule.rollups.map { $0.map(microseconds) })
            })
    }
}

extension Gateway {
    /// Runs until a signal ends it: what `outpost run` does. `ready` is called once it is up.
    public static func run(
        _ settings: Settings, surroundings: Surroundings, ready: () -> Void
    ) throws(StartError) -> Bool {
        let manager = ServiceManager()
        if let zone = settings.gateway.timeZone { TimeZone.set(zone) }
        let gateway = try Gateway(settings, surroundings: surroundings)
        var isStopRequested = false
        func nextSignal(_ patience: Duration) -> Signals.Signal? {
            let signal = Signals.wait(for: patience)
            if signal == .stop { isStopRequested = true }
            return signal
        }
        do {
            try gateway.start(isCancelled: { nextSignal(.zero) == .stop })
        } catch {
            _ = gateway.stop()
            if case .stopped = error { return true }
            throw error
        }
        manager.ready()
        ready()
        var condition = ""
        while !isStopRequested {
            if gateway.condition != condition {
                condition = gateway.condition
                manager.status(condition)
            }
            if nextSignal(.seconds(1)) == .reload {
                surroundings.log.warning(
                    "gateway", "a changed configuration is read at the next start: restart to apply it")
            }
            gateway.tick(manager)
        }
        surroundings.log.info("gateway", "stopping")
        manager.stopping()
        return gateway.stop()
    }
}
