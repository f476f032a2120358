import Alarms
import Platform

/// A line in the log for each event: an error where it is bad.
struct LogRunner: ActionRunner {
    let log: Log
    let gateway: String

    func run(_ request: ActionRequest, stop: StopSignal) -> ActionOutcome {
        let event = request.event
        let text = line(event)
        switch event.change {
        case .raised, .level, .repeated, .flood, .present, .chattering:
            if event.level >= .critical { log.error("alarm", text) } else { log.warning("alarm", text) }
        case .cleared, .acknowledged, .reset, .shelved, .unshelved, .suppressed, .enabled, .removed, .restored,
            .settled:
            log.info("alarm", text)
        }
        return .done
    }

    private func line(_ event: AlarmEvent) -> String {
        let message = AlarmMessage(event: event, gateway: gateway)
        let subject = event.key.series.isEmpty ? event.key.rule : "\(event.key.rule) of \(event.key.series)"
        let value = message.valueText.isEmpty ? "" : " (\(message.valueText)\(event.unit.map { " \($0)" } ?? ""))"
        let remarks = (event.isTest ? " [test]" : "") + (event.isLate ? " [late]" : "")
        return "\(event.level.name) \(subject) \(event.change.rawValue)\(value): \(event.message)\(remarks)"
    }
}
