import Alarms
import GPIO
import Platform
import Settings

/// An output of this machine is on for as long as an alarm stands. It is held from the start, so that nobody else takes it
/// meanwhile.
final class GPIORunner: ActionRunner {
    private let settings: GPIOSettings
    private let calls: GPIOCalls
    private let line = Monitor<GPIOLine?>(nil)

    init(_ settings: GPIOSettings, calls: GPIOCalls = .system) {
        self.settings = settings
        self.calls = calls
    }

    /// Off, until an alarm is known to stand.
    func start(hurry: @escaping @Sendable () -> Void) -> String? { problem(switching: nil) }

    func run(_ request: ActionRequest, stop: StopSignal) -> ActionOutcome {
        problem(switching: request.task != .turnOff).map { .again($0) } ?? .done
    }

    func takeFailsafe() -> String? { settings.failsafe.flatMap { problem(switching: $0 == .on) } }

    /// One that could not be had is asked for again.
    private func problem(switching isOn: Bool?) -> String? {
        line.withLock { line in
            do throws(GPIOProblem) {
                if let held = line {
                    if let isOn { try held.set(isOn) }
                } else {
                    line = try GPIOLine(
                        settings.chip, line: settings.line, isActiveLow: settings.isActiveLow, isOn: isOn ?? false,
                        calls: calls)
                }
                return nil
            } catch {
                // A chip that was unplugged comes back as another one.
                line = nil
                return "\(error)"
            }
        }
    }
}
