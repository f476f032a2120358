import Alarms
import Platform
import Readings

/// What somebody wants of the alarms, on the control socket: words with tabs between them.
public enum AlarmRequest: Sendable, Hashable {
    case list(all: Bool, asJSON: Bool)
    case perform(AlarmCommand)
    /// The name of a rule.
    case test(rule: String, series: SeriesName?, by: String)

    private static let verb = "alarms"

    /// Nil where a text holds what would end it.
    public var text: String? {
        let words: [String]
        switch self {
        case .list(let all, let asJSON): words = ["list", all ? "all" : "", asJSON ? "json" : ""]
        case .perform(let command):
            let verb = command.verb.words
            words = [
                verb.name, command.rule, command.series?.description ?? "", command.by, command.because, verb.number,
            ]
        case .test(let rule, let series, let by): words = ["test", rule, series?.description ?? "", by]
        }
        guard words.allSatisfy({ !$0.utf8.contains { $0 < 0x20 } }) else { return nil }
        return ([Self.verb] + words).joined(separator: "\t")
    }

    init?(text: String, user: String) {
        var words = text.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        guard words.count > 2, words.removeFirst() == Self.verb else { return nil }
        switch (words[0], words.count) {
        case ("list", 3): self = .list(all: words[1] == "all", asJSON: words[2] == "json")
        case ("test", 4):
            self = .test(rule: words[1], series: SeriesName(words[2]), by: WriteRequest.author(words[3], user: user))
        case (_, 6):
            guard let verb = AlarmCommand.Verb(words[0], number: words[5]) else { return nil }
            let series = words[2].isEmpty ? nil : SeriesGlob(words[2])
            self = .perform(
                AlarmCommand(
                    verb, rule: words[1], series: series, by: WriteRequest.author(words[3], user: user),
                    because: words[4]))
        default: return nil
        }
    }
}

extension AlarmCommand.Verb {
    fileprivate var words: (name: String, number: String) {
        switch self {
        case .acknowledge: ("ack", "")
        case .shelve(let time): ("shelve", "\(time)")
        case .unshelve: ("unshelve", "")
        case .clear: ("clear", "")
        case .remove: ("remove", "")
        case .restore: ("restore", "")
        }
    }

    fileprivate init?(_ name: String, number: String) {
        switch name {
        case "ack": self = .acknowledge
        case "shelve":
            guard let time = Int64(number), time > 0 else { return nil }
            self = .shelve(time)
        case "unshelve": self = .unshelve
        case "clear": self = .clear
        case "remove": self = .remove
        case "restore": self = .restore
        default: return nil
        }
    }
}

extension AlarmCentre {
    /// The first word is "ok" or "refused"; for people and programs from there on.
    func answer(_ request: AlarmRequest) -> String {
        switch request {
        case .list(let all, let asJSON):
            guard let alarms = list(all: all) else { return Self.busy }
            return asJSON
                ? JSON.array(alarms.map(\.json)).description : "ok\n" + alarms.map(\.line).joined(separator: "\n")
        case .perform(let command):
            switch perform(command) {
            case nil: return Self.busy
            case .refused(let reason)?: return "refused\n\(reason)"
            case .done(let keys)?: return "ok\n" + keys.map { "\($0.rule)\t\($0.series)" }.joined(separator: "\n")
            }
        case .test(let rule, let series, let by):
            switch tryAlarm(rule, series: series, by: by) {
            case .refused(let reason): return "refused\n\(reason)"
            case .done(let report): return "ok\n" + report.lines.joined(separator: "\n")
            }
        }
    }

    private static let busy = "refused\nthe gateway is busy: try again"
}

extension Timestamp {
    /// Such as 2026-11-20T06:00:00Z: people do not look for more.
    public var wholeSecond: String {
        let text = rfc3339
        return text.firstIndex(of: ".").map { text[..<$0] + "Z" } ?? text
    }
}

extension AlarmView {
    /// For `outpost alarms`: words with tabs between them.
    fileprivate var line: String {
        let marks = [
            isFirst ? "first of its group" : nil, isLate ? "from old readings" : nil,
            isChattering ? "comes and goes" : nil, stands ? nil : "no longer stands",
            until.map { "until \(Timestamp(microseconds: $0).wholeSecond)" }, by.isEmpty ? nil : "by \(by)",
            because.isEmpty ? nil : "because: \(because)",
        ]
        return [
            level.name, state.rawValue, key.rule, key.series, Timestamp(microseconds: since).wholeSecond, message,
            marks.compactMap(\.self).joined(separator: ", "),
        ].map(Log.printable).joined(separator: "\t")
    }

    fileprivate var json: JSON {
        var members: [(String, JSON)] = [
            ("alarm", .text(key.rule)), ("series", .text(key.series)), ("state", .text(state.rawValue)),
            ("level", .text(level.name)), ("stands", .bool(stands)), ("acknowledged", .bool(isAcknowledged)),
            ("message", .text(message)), ("since", .integer(since)), ("late", .bool(isLate)),
            ("first", .bool(isFirst)), ("chattering", .bool(isChattering)),
        ]
        if let group { members.append(("group", .text(group))) }
        if let until { members.append(("until", .integer(until))) }
        if !by.isEmpty { members.append(("by", .text(by))) }
        if !because.isEmpty { members.append(("because", .text(because))) }
        return .object(members)
    }
}

extension AlarmCentre.TrialReport {
    fileprivate var lines: [String] {
        func text(_ duration: Duration) -> String { "\(Double(duration.nanoseconds / 1000) / 1000) ms" }
        let head = "\(event.level.name)\t\(event.message)\tdecided after \(text(decision))"
        return [head]
            + actions.map { action in
                let outcome =
                    switch action.outcome {
                    case .done?: "done after \(text(action.latency ?? .zero))"
                    case .failed(let reason)?: "failed: \(reason)"
                    case .dropped?: "dropped: too many wait"
                    case .superseded?: "superseded"
                    case nil: "not done yet"
                    }
                return "\(action.name)\t\(Log.printable(outcome))"
            }
    }
}
