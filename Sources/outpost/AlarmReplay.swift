import Alarms
import Gateway
import History
import Models
import Platform
import Readings
import Replay
import Settings

/// `outpost alarms replay`: what rules would have done.
enum AlarmReplay {
    static func run(_ arguments: Arguments) throws -> Int32 {
        guard arguments.words.count == 1 else {
            throw UsageError(message: "too many words: \(arguments.words[1...].joined(separator: " "))")
        }
        let (rules, directory, zone) = try rules(arguments)
        if let zone { TimeZone.set(zone) }
        guard !rules.isEmpty else { throw CommandFailure("there is no [[alarm]] to try", status: 2) }
        let past = try PastReadings(directory, arguments)
        var progress = ProgressLine()
        let report = try Replay(
            rules, at: ReplayPlace(models: models(of: rules), offset: TimeZone.offset), over: past.reader,
            in: past.range
        ) { progress.show($0) }.run()
        progress.end()
        if arguments.has("--json") {
            StandardOutput.write("\(report.json)\n")
        } else {
            StandardOutput.write(ReplayText(report, isWhole: arguments.has("--all")).text)
        }
        for damage in past.reader.damages { printError("outpost alarms: \(damage)") }
        return past.reader.damages.isEmpty ? 0 : 1
    }

    /// Of files that cannot be used something was said already.
    private static func models(of rules: [AlarmRule]) -> [String: Model?] {
        var models: [String: Model?] = [:]
        for rule in rules {
            guard case .model(let wanted) = rule.condition, models[wanted.file] == nil else { continue }
            let bytes = try? Files.read(wanted.file, limit: ModelFile.longest)
            models[wanted.file] = .some(bytes.flatMap { try? ModelFile.read($0) })
        }
        return models
    }

    private static func rules(_ arguments: Arguments) throws -> ([AlarmRule], String, zone: String?) {
        guard let path = arguments["--rules"] else {
            guard arguments["--config"] != nil || Files.exists(Arguments.installedConfiguration) else {
                throw UsageError(message: "which rules? Say --rules FILE, or --config FILE")
            }
            let settings = try arguments.loadSettings()
            return (settings.alarmRules, arguments["--data"] ?? settings.gateway.data, settings.gateway.timeZone)
        }
        let loaded = Settings.loadRules(path)
        for problem in loaded.problems { printError("\(problem)") }
        guard let rules = loaded.rules else {
            let count = loaded.problems.count { $0.severity == .error }
            throw CommandFailure("\(count) error\(count == 1 ? "" : "s") in \(path)", status: 2)
        }
        return (rules, try arguments.dataDirectory(), nil)
    }
}

/// The report for people.
private struct ReplayText {
    private static let mostSeries = 10

    private(set) var text = ""
    private let isWhole: Bool

    init(_ report: ReplayReport, isWhole: Bool) {
        self.isWhole = isWhole
        text =
            report.readings == 0
            ? "no readings of these series from \(PastReadings.text(report.range))\n"
            : "\(PastReadings.text(report.range)), \(report.days.short) days: \(report.readings) readings of "
                + "\(report.series) series\n"
        if report.leftOut > 0 { text += "\(report.leftOut) readings from before 1900 or after 2150 are left out\n" }
        // Silence is something that rules look for.
        guard report.readings > 0 || report.rules.contains(where: { $0.count > 0 }) else { return }
        let width = report.rules.map(\.name.count).max() ?? 0
        for rule in report.rules { add(rule, width, report) }
    }

    private mutating func add(_ rule: ReplayReport.Rule, _ width: Int, _ report: ReplayReport) {
        text += "\n\(rule.name.padded(to: width))  \(rule.count.times)"
        // Minutes say nothing of days.
        if rule.count > 0, report.days >= 0.5 {
            text += ", \((Double(rule.count) / max(report.days, 1e-9)).short) a day"
        }
        text += "\n"
        for alarm in isWhole ? rule.alarms[...] : rule.alarms.prefix(Self.mostSeries) { add(alarm) }
        if !isWhole, rule.alarms.count > Self.mostSeries {
            text += "  and \(rule.alarms.count - Self.mostSeries) more series: --all shows them\n"
        }
        if isWhole, rule.leftOut > 0 { text += "  and \(rule.leftOut) more times\n" }
        if let halving = rule.halving { text += "  \(halving.words) would have raised \(halving.count)\n" }
    }

    private mutating func add(_ alarm: ReplayReport.Alarm) {
        let name = alarm.series.isEmpty ? "" : "\(Log.printable(alarm.series))  "
        text += "  \(name)\(alarm.count.times), \(alarm.worst.name) at worst; "
        text +=
            alarm.count == 1
            ? "for \(Self.duration(alarm.total))"
            : "longest \(Self.duration(alarm.longest)), in all \(Self.duration(alarm.total))"
        text += "\(alarm.stands ? ", and stands" : "")\n"
        if isWhole {
            for episode in alarm.episodes {
                let length = episode.ended.map { Self.duration($0 - episode.raised) } ?? "stands"
                text += "    \(Self.moment(episode.raised))  \(length.padded(to: 10))  \(episode.worst.name)\n"
            }
        } else if alarm.count == 1 {
            text += "    \(Self.moment(alarm.first))\n"
        } else {
            text += "    first \(Self.moment(alarm.first)), last \(Self.moment(alarm.last))\n"
        }
    }

    private static func moment(_ time: Int64) -> String { Timestamp(microseconds: time).wholeSecond }

    /// In whole seconds, if there are any.
    private static func duration(_ microseconds: Int64) -> String {
        let step: Int64 = microseconds < 1_000_000 ? 1000 : 1_000_000
        return DurationText.write(.microseconds(microseconds / step * step))
    }
}

extension Halving {
    /// As the configuration has it.
    var words: String {
        func written(_ nanoseconds: Int64) -> String { "\"\(DurationText.write(.nanoseconds(nanoseconds)))\"" }
        switch setting {
        case .limits(let above, let below):
            let sides = [
                above.map { "above = \(MessageTemplate.text($0))" },
                below.map { "below = \(MessageTemplate.text($0))" },
            ]
            return sides.compactMap(\.self).joined(separator: ", ")
        case .onDelay(let delay): return "on_delay = \(written(delay))"
        case .badFor(let duration): return "quality_bad_for = \(written(duration))"
        case .staleAfter(let duration): return "stale_after = \(written(duration))"
        case .unchangedFor(let duration): return "unchanged_for = \(written(duration))"
        case .number(let key, let number): return "\(key) = \(MessageTemplate.text(number))"
        case .within(let duration): return "within = \(written(duration))"
        case .sensitivity(let sensitivity): return "sensitivity = \"\(sensitivity.rawValue)\""
        }
    }
}

extension ReplayReport {
    fileprivate var json: JSON {
        [
            "from": .text(Timestamp(microseconds: range.first).rfc3339),
            "to": .text(Timestamp(microseconds: range.last).rfc3339), "days": .number(days),
            "readings": .integer(readings), "series": .integer(series), "left_out": .integer(leftOut),
            "rules": .array(
                rules.map { rule in
                    [
                        "name": .text(rule.name), "raised": .integer(rule.count),
                        "a_day": .number(Double(rule.count) / max(days, 1e-9)),
                        "alarms": .array(rule.alarms.map(\.json)), "episodes_left_out": .integer(rule.leftOut),
                        "halving": rule.halving.map { ["set": .text($0.words), "raised": .integer($0.count)] } ?? .null,
                    ]
                }),
        ]
    }
}

extension ReplayReport.Alarm {
    fileprivate var json: JSON {
        [
            "series": .text(series), "raised": .integer(count), "worst": .text(worst.name),
            "total_s": .number(Double(total) / 1e6), "longest_s": .number(Double(longest) / 1e6),
            "first": .text(Timestamp(microseconds: first).rfc3339),
            "last": .text(Timestamp(microseconds: last).rfc3339), "stands": .bool(stands),
            "episodes": .array(
                episodes.map { episode in
                    [
                        "raised": .text(Timestamp(microseconds: episode.raised).rfc3339),
                        "ended": episode.ended.map { .text(Timestamp(microseconds: $0).rfc3339) } ?? .null,
                        "worst": .text(episode.worst.name),
                    ]
                }),
        ]
    }
}
