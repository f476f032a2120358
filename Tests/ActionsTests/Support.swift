import Alarms
import GPIO
import Platform
import Readings
import Settings
import Synchronization
import TestSupport
import Testing

@testable import Actions

/// An event that is complete; tests say only what they are about.
func event(
    _ number: Int64 = 1, _ alarm: String = "pressure", _ series: String = "press/1", level: AlarmLevel = .critical,
    change: AlarmEvent.Change = .raised, state: AlarmState = .unacknowledged, value: Value = .number(3500.5),
    message: String = "too high"
) -> AlarmEvent {
    AlarmEvent(
        number: number, key: AlarmKey(rule: alarm, series: series), change: change, state: state, level: level,
        value: value, limit: 3500, unit: "kPa", message: message, time: 1_000_001, arrived: 1_000_002,
        decided: 1_000_003)
}

/// What became of requests.
final class Reports: Sendable {
    struct Row {
        var report: ActionReport
        var finished: MonotonicTime
        var request: ActionRequest
    }

    private let all = Mutex<[Row]>([])

    var rows: [Row] { all.withLock { $0 } }
    /// In the order of their ends.
    var numbers: [Int64] { rows.map(\.report.number) }
    func outcome(_ number: Int64) -> ActionReport.Outcome? { rows.first { $0.report.number == number }?.report.outcome }
    func count(_ outcome: ActionReport.Outcome) -> Int { rows.count { $0.report.outcome == outcome } }

    /// Why it failed.
    func reason(_ number: Int64) -> String {
        if case .failed(let reason) = outcome(number) { reason } else { "" }
    }

    var take: ActionWorker.Report {
        { report, times, request in
            self.all.withLock { $0.append(Row(report: report, finished: times.finished, request: request)) }
        }
    }
}

/// The actions of a configuration, running.
final class ActionBench: Sendable {
    let scene = Scene()
    let reports = Reports()
    let settings: Settings
    let actions: ActionSet

    init(
        _ lines: String, gpio: GPIOCalls = .system,
        write: @escaping PointWrite = { _, _, _, done in done(.written) }, isStarted: Bool = true
    ) throws {
        let text = """
            [gateway]
            id = "test"
            \(lines)
            """
        let loaded = Settings.load(
            "/outpost.toml", files: RealFiles(text), environment: { _ in nil }, hostname: "here")
        settings = try #require(loaded.settings, "\(loaded.problems)")
        actions = try ActionSet(
            settings, surroundings: scene.surroundings, gpio: gpio, write: write, report: reports.take)
        if isStarted { try actions.start() }
    }

    /// To the only action.
    func submit(_ event: AlarmEvent, _ task: ActionRequest.Task = .tell) {
        for action in actions.workers.keys { actions.submit(ActionRequest(event, task), to: action) }
    }

    func stop() -> Bool {
        actions.stop()
        return actions.waitUntilStopped(deadline: Clocks.farAway)
    }

    func detail(_ part: String) -> String {
        scene.surroundings.parts.all.first { $0.name == part }.map { "\($0.state) \($0.detail)" } ?? "unknown"
    }
}

/// The configuration is a text; what it names is on the disk.
private struct RealFiles: SettingsFiles {
    private let text: String

    init(_ text: String) { self.text = text }

    func read(_ path: String, limit: Int) throws(FileProblem) -> [UInt8] {
        if path == "/outpost.toml" { return Array(text.utf8) }
        do { return try Files.read(path) } catch { throw FileProblem(kind: .missing, message: "\(error)") }
    }

    func list(_ directory: String) throws(FileProblem) -> [String] { throw FileProblem(kind: .missing, message: "") }

    func isReadableByOthers(_ path: String) -> Bool { false }
}

/// The `[[mqtt]]` section of a broker named "plant".
func brokerSection(port: Int, scheme: String = "mqtt", lines: String = "") -> String {
    """
    [[mqtt]]
    name = "plant"
    broker = "\(scheme)://127.0.0.1:\(port)"
    \(lines)
    [[mqtt.topic]]
    filter = "n/+"
    series = "{topic}"
    format = "number"

    """
}
