import Alarms
import Platform
import Readings

/// A line in the log for each event: an error where it is bad.
struct LogRunner: ActionRunner {
    let log: Log

    func run(_ request: ActionRequest, stop: StopSignal) -> ActionOutcome {
        let event = request.event
        let text = line(event)
        switch event.change {
        case .raised, .level, .repeated, .flood, .present, .chattering:
            switch event.level {
            case .notice: log.info("alarm", text)
            case .warning: log.warning("alarm", text)
            case .critical, .emergency: log.error("alarm", text)
            }
        case .cleared, .acknowledged, .reset, .shelved, .unshelved, .suppressed, .enabled, .removed, .restored,
            .settled:
            log.info("alarm", text)
        }
        return .done
    }

    private func line(_ event: AlarmEvent) -> String {
        let subject = event.key.series.isEmpty ? event.key.rule : "\(event.key.rule) of \(event.key.series)"
        let remarks = (event.isTest ? " [test]" : "") + (event.isLate ? " [late]" : "")
        return "\(event.level.name) \(subject) \(event.change.rawValue)\(value(event)): \(event.message)\(remarks)"
    }

    /// A state has no unit.
    private func value(_ event: AlarmEvent) -> String {
        switch event.value {
        case .number(let number): " (\(AlarmMessage.plain(number))\(event.unit.map { " \($0)" } ?? ""))"
        case .text(let text): " (\(text))"
        case .absent: ""
        }
    }
}
