import Alarms
import Platform
import Settings

/// A program is run for each event. What it does with it is its own affair: one that fails is not run again.
struct CommandRunner: ActionRunner {
    private static let path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    /// Of what a program wrote, in a report.
    private static let longestWords = 300

    let settings: CommandSettings
    let gateway: String

    func run(_ request: ActionRequest, stop: StopSignal) -> ActionOutcome {
        let message = AlarmMessage(event: request.event, gateway: gateway)
        let arguments = settings.arguments.map { $0.filled(message.text) }
        let environment = environment(message)
        // It would end the text there, and something else would be run than is meant.
        guard !(arguments + environment.map(\.value)).contains(where: { $0.utf8.contains(0) }) else {
            return .failed("the alarm has a text with the character U+0000, which no argument can hold")
        }
        do throws(SystemError) {
            let ending = try ProgramRun.run(
                settings.program, arguments, environment: environment, input: message.json, timeout: settings.timeout,
                wake: stop.wake.descriptor, cancelled: { stop.deadline })
            return outcome(ending)
        } catch {
            return .failed("\(error)")
        }
    }

    private func outcome(_ ending: ProgramRun.Ending) -> ActionOutcome {
        if ending.isCancelled { return .interrupted }
        if ending.isTimedOut {
            return .failed("\(settings.program) was not done after \(settings.timeout.inSeconds) s, and was ended")
        }
        if ending.signal == nil, ending.status == 0 { return .done }
        let how = ending.signal.map { "was ended by signal \($0)" } ?? "ended with status \(ending.status)"
        let words = Self.words(ending.output)
        return .failed("\(settings.program) \(how)\(words.isEmpty ? "" : ": \(words)")")
    }

    /// On one line.
    private static func words(_ output: [UInt8]) -> String {
        let text = Log.printable(String(decoding: output.map { $0 == 10 || $0 == 9 ? 32 : $0 }, as: UTF8.self))
        let words = text.split(separator: " ").joined(separator: " ")
        return words.count > longestWords ? words.prefix(longestWords) + "..." : words
    }

    private func environment(_ message: AlarmMessage) -> [(name: String, value: String)] {
        let event = message.event
        return [
            ("PATH", Self.path),
            ("OUTPOST_ALARM", event.key.rule),
            ("OUTPOST_SERIES", event.key.series),
            ("OUTPOST_STATE", event.change.rawValue),
            ("OUTPOST_LEVEL", event.level.name),
            ("OUTPOST_VALUE", message.valueText),
            ("OUTPOST_LIMIT", event.limit.map(AlarmMessage.plain) ?? ""),
            ("OUTPOST_UNIT", event.unit ?? ""),
            ("OUTPOST_MESSAGE", event.message),
            ("OUTPOST_TIME", "\(event.time)"),
            ("OUTPOST_GATEWAY", gateway),
            ("OUTPOST_SEQUENCE", "\(event.number)"),
            ("OUTPOST_CONDITION", event.state.rawValue),
            ("OUTPOST_TEST", event.isTest ? "1" : "0"),
            ("OUTPOST_LATE", event.isLate ? "1" : "0"),
        ]
    }
}
