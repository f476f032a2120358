import Alarms
import Platform
import Readings
import Settings

/// What became of a value that an action wanted written.
public enum PointWriteOutcome: Sendable, Hashable {
    case written
    /// It can never be.
    case refused(String)
    /// It may be later, or nobody knows whether it was.
    case failed(String)
}

/// Writes a number, or a label, to the point of a series; `by` says who wants it. Called from any thread; `done` is called
/// once, on any thread.
public typealias PointWrite =
    @Sendable (
        _ value: String, _ series: SeriesName, _ by: String, _ done: @escaping @Sendable (PointWriteOutcome) -> Void
    ) -> Void

/// A point of a Modbus device is set for as long as an alarm stands.
struct ModbusWriteRunner: ActionRunner {
    /// A line that takes longer has other troubles.
    private static let patience: Duration = .seconds(15)
    private static let failsafePatience: Duration = .seconds(2)
    /// How soon the end of the gateway is noticed.
    private static let glance: Duration = .milliseconds(100)

    let name: String
    let settings: ModbusWriteSettings
    let write: PointWrite
    let clocks: Clocks

    func run(_ request: ActionRequest, stop: StopSignal) -> ActionOutcome {
        guard let value = request.task == .turnOff ? settings.clearValue : settings.value else { return .done }
        switch set(value, by: "alarm \(request.event.key.rule)", patience: Self.patience, stop: stop) {
        case .written: return .done
        case .refused(let reason): return .failed(reason)
        case .failed(let reason): return .again(reason)
        case nil:
            return stop.isOver(clocks.monotonic())
                ? .interrupted : .again("no answer from the line of \(settings.point)")
        }
    }

    func takeFailsafe() -> String? {
        guard let value = settings.failsafe else { return nil }
        switch set(value, by: "failsafe of \(name)", patience: Self.failsafePatience, stop: nil) {
        case .written: return nil
        case .refused(let reason), .failed(let reason): return reason
        case nil: return "no answer from the line of \(settings.point) within two seconds"
        }
    }

    /// Nil where nothing was heard of it in time.
    private func set(_ value: String, by: String, patience: Duration, stop: StopSignal?) -> PointWriteOutcome? {
        let outcome = Monitor<PointWriteOutcome?>(nil)
        write(value, settings.point, by) { result in
            outcome.withLock { $0 = result }
            outcome.notify()
        }
        let deadline = clocks.monotonic() + patience
        while true {
            let now = clocks.monotonic()
            if outcome.wait(until: min(deadline, now + Self.glance), while: { $0 == nil }) { break }
            if now >= deadline || stop?.isOver(now) == true { break }
        }
        return outcome.withLock { $0 }
    }
}
