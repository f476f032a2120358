import Alarms
import History
import Platform
import Readings
import Replay
import Settings

/// `outpost alarms suggest`: rules for a series, from what is stored of it.
enum AlarmSuggestion {
    /// Episodes that are shorter than so many intervals are spikes.
    private static let spike = 3.0

    static func run(_ arguments: Arguments) throws -> Int32 {
        guard arguments.words.count == 2, let name = SeriesName(arguments.words[1]) else {
            throw UsageError(message: "suggest takes one series, such as plant/oven/temperature")
        }
        let past = try PastReadings(try arguments.dataDirectory(), arguments)
        guard let id = past.reader.id(named: name) else { throw CommandFailure(unknown(name, past.reader)) }
        var progress = ProgressLine()
        let profile = try SeriesProfile(of: id, in: past.range, past.reader) { progress.show($0) }
        var suggestion = Suggestion(profile)
        var report = try replay(suggestion, name, past)
        if let delay = Self.delay(report, profile) {
            suggestion.addDelay(delay, to: "limits", because: "Most of the times it is past the limits are spikes.")
            report = try replay(suggestion, name, past)
        }
        progress.end()
        let days = (Double(profile.range.last) - Double(profile.range.first)) / 86_400e6
        var text = "# \(Log.printable(name.description)): \(profile.readings) readings"
        if profile.readings > 0 { text += " from \(PastReadings.text(profile.range)) (\(days.short) days)" }
        text += "\n"
        if SeriesGlob(name.description).name == nil {
            text += "# its name is a pattern, too: the rules look at every series that matches it\n"
        }
        text += suggestion.remarks.map { "# \(Log.printable($0))\n" }.joined()
        text += SuggestedRules(suggestion, name).text
        text += Self.outcome(report)
        StandardOutput.write(text)
        for damage in past.reader.damages { printError("outpost alarms: \(damage)") }
        return past.reader.damages.isEmpty ? 0 : 1
    }

    private static func unknown(_ name: SeriesName, _ reader: StoreReader) -> String {
        let known = reader.ids.map { reader.definition(of: $0).name.description }
        let hint = Suggestions.closest(to: name.description, among: known).map { ", did you mean \"\($0)\"?" } ?? ""
        return "nothing is stored of \"\(Log.printable(name.description))\"\(hint)"
    }

    /// As the printed text would be read.
    private static func replay(
        _ suggestion: Suggestion, _ name: SeriesName, _ past: PastReadings
    ) throws -> ReplayReport? {
        guard !suggestion.sections.isEmpty else { return nil }
        let text = ConfigurationText(SuggestedRules(suggestion, name).text)
        let loaded = Settings.loadRules("suggestion", files: text) { _ in nil }
        guard let rules = loaded.rules else {
            fatalError("what is suggested is not understood: \(loaded.problems.first?.description ?? "")")
        }
        return try Replay(rules, over: past.reader, in: past.range).run()
    }

    /// Nanoseconds; nil where it needs none.
    private static func delay(_ report: ReplayReport?, _ profile: SeriesProfile) -> Int64? {
        let episodes = report?.rules.first { $0.name.hasSuffix("-limits") }?.alarms.flatMap(\.episodes) ?? []
        guard episodes.count >= 4, let interval = profile.usualInterval, interval > 0 else { return nil }
        let longest = spike * Double(interval)
        let short = episodes.count { Double(($0.ended ?? .max) - $0.raised) < longest }
        guard short * 2 >= episodes.count, longest < 86_400e6 else { return nil }
        return RoundNumber.up(longest * 1000)
    }

    private static func outcome(_ report: ReplayReport?) -> String {
        guard let report else { return "# Nothing is suggested.\n" }
        let lines = report.rules.map { rule in
            let often =
                rule.count == 0 ? "" : ", \((Double(rule.count) / max(report.days, 1e-9)).short) a day"
            return "#   \(rule.name)  \(rule.count.times)\(often)\n"
        }
        return "\n# In that time these would have been raised:\n" + lines.joined()
    }
}

/// A suggestion as the configuration has it.
private struct SuggestedRules {
    private(set) var text = ""

    init(_ suggestion: Suggestion, _ series: SeriesName) {
        for section in suggestion.sections {
            text += "\n[[alarm]]\nname = \"\(Self.name(series, section.word))\"\n"
            text += "series = \(Self.quoted(series.description))\n"
            for (setting, reason) in section.settings {
                text += "# \(Log.printable(reason))\n\(Self.line(setting))\n"
            }
        }
    }

    /// Of the characters that the name of an alarm may have, and no more of them than allowed.
    private static func name(_ series: SeriesName, _ word: String) -> String {
        let end = "-\(word)"
        let plain = series.description.unicodeScalars.map { scalar -> Character in
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", ".", "_", "-": Character(scalar)
            default: "-"
            }
        }
        return String(plain.prefix(64 - end.count)) + end
    }

    private static func line(_ setting: Suggestion.Setting) -> String {
        func written(_ nanoseconds: Int64) -> String { "\"\(DurationText.write(.nanoseconds(nanoseconds)))\"" }
        switch setting {
        case .level(let level, let above, let below):
            let sides = [
                above.map { "above = \(MessageTemplate.text($0))" },
                below.map { "below = \(MessageTemplate.text($0))" },
            ]
            return "\(level.name) = { \(sides.compactMap(\.self).joined(separator: ", ")) }"
        case .deadband(let deadband): return "deadband = \(MessageTemplate.text(deadband))"
        case .equals(let values): return "equals = [\(values.map(Self.value).joined(separator: ", "))]"
        case .staleAfter(let duration): return "stale_after = \(written(duration))"
        case .unchangedFor(let duration): return "unchanged_for = \(written(duration))"
        case .onDelay(let duration): return "on_delay = \(written(duration))"
        }
    }

    private static func value(_ value: Value) -> String {
        if case .text(let text) = value { quoted(text) } else { MessageTemplate.text(value) }
    }

    /// A string of TOML. Variables are none.
    private static func quoted(_ text: String) -> String {
        var result = "\""
        var isAfterDollar = false
        for scalar in text.unicodeScalars {
            if scalar == "{", isAfterDollar {
                result.removeLast()
                result += "$$"
            }
            switch scalar {
            case "\"", "\\": result += "\\\(scalar)"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
            isAfterDollar = scalar == "$"
        }
        return result + "\""
    }
}
