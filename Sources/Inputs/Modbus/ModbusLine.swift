import Alarms
import Platform
import Polling
import Readings
import Settings

/// One line of Modbus devices: a thread that polls them, one request at a time, until it is stopped.
public final class ModbusLine: Sendable {
    /// What became of one request; for those who look on.
    public struct Observation: Sendable {
        public let device: String
        public let request: ReadRequest
        public let readings: [Reading]
        /// Why it gave none, or none that are good.
        public let problem: String?
    }

    public var name: String { thread.name }
    private let settings: ModbusSettings
    /// Where what was learnt of the devices is kept; nil: nowhere.
    private let directory: String?
    private let observe: (@Sendable (Observation) -> Void)?
    private let sink: any ReadingSink
    private let catalogue: SeriesCatalogue
    private let surroundings: Surroundings
    private let thread: PartThread
    private let writes: WriteQueue
    private let writeCounts: [WriteOutcome.Kind: Counter]

    public init(
        _ settings: ModbusSettings, directory: String?, sink: any ReadingSink, catalogue: SeriesCatalogue,
        surroundings: Surroundings, observe: (@Sendable (Observation) -> Void)? = nil
    ) throws(SystemError) {
        self.settings = settings
        self.directory = directory
        self.sink = sink
        self.catalogue = catalogue
        self.surroundings = surroundings
        self.observe = observe
        thread = try PartThread("modbus/\(settings.name)", surroundings.parts)
        writes = WriteQueue(line: settings.name, clocks: surroundings.clocks)
        var counts: [WriteOutcome.Kind: Counter] = [:]
        for kind in WriteOutcome.Kind.allCases {
            counts[kind] = surroundings.metrics.counter(
                "outpost_modbus_writes_total", "Values that were to be written, by what became of them.",
                ["line": settings.name, "outcome": kind.rawValue])
        }
        writeCounts = counts
    }

    /// `alarms` makes what looks at its readings, on its thread.
    public func start(alarms: (@Sendable () -> AlarmShare)? = nil) throws(SystemError) {
        try thread.start(thread: settings.name) { [self] in
            LineLoop(
                settings, name: name, cuts: directory.map { CutsFile(directory: $0, line: settings.name) }, sink: sink,
                alarms: alarms?(), catalogue: catalogue, surroundings: surroundings, wake: thread.wake, writes: writes,
                observe: observe,
                isStopping: { [thread] in thread.isStopping }
            ).run()
        }
    }

    // MARK: - Writing

    /// Not begun any more after this.
    private static let writesWait: Duration = .seconds(3)

    /// Whether one of its points has this series.
    public func has(_ series: SeriesName) -> Bool { settings.origin(of: series) != nil }

    /// Writes a number, or a label, to the point of a series, and reads it back. Called from any thread; `done` is called
    /// once: by this thread where nothing is sent, by that of the line otherwise. Each attempt is a row of the audit.
    /// An urgent one goes before all that are not.
    public func write(
        _ value: String, to series: SeriesName, by: String, isUrgent: Bool = false,
        done: @escaping @Sendable (WriteOutcome) -> Void
    ) {
        let conclude: @Sendable (WriteOutcome) -> Void = { [self] outcome in
            note(outcome, of: value, to: series, by: by)
            done(outcome)
        }
        do throws(WriteOutcome) {
            let write = try RegisterWrite(value, to: series, on: settings)
            let deadline = surroundings.clocks.monotonic() + Self.writesWait
            try writes.submit(WriteJob(write: write, deadline: deadline, isUrgent: isUrgent, done: conclude))
            thread.wake.call()
        } catch {
            conclude(error)
        }
    }

    private func note(_ outcome: WriteOutcome, of value: String, to series: SeriesName, by: String) {
        writeCounts[outcome.kind]?.add()
        sink.submit(
            AuditEntry(
                time: surroundings.clocks.wall(), modbusWriteOf: value, to: series, by: by, outcome: outcome))
        let text = "\(Log.printable(by)) writes \(Log.printable(value)) to \(series): \(outcome)"
        if outcome.kind == .written {
            surroundings.log.info(name, text)
        } else {
            surroundings.log.warning(name, repeats: "write \(outcome.kind)", text)
        }
    }

    // MARK: - The end

    public func stop() { thread.stop() }

    public func waitUntilStopped(deadline: MonotonicTime) -> Bool { thread.waitUntilStopped(deadline: deadline) }
}
