import Alarms
import Readings

/// `[alarms]`: what holds for all alarms.
public struct AlarmSettings: Sendable, Hashable {
    /// An older reading says how things were.
    public var maxAge: Duration
    /// More new alarms in a minute are told of together.
    public var floodLimit: Int
    /// From the arrival of a reading to the end of the action: more is an alarm, too.
    public var latencyLimit: Duration
    /// Told of floods, and of what is wrong with alarming itself.
    public var actions: [String]
}

extension AlarmSettings {
    init(_ table: TableReader) {
        maxAge = table.duration("max_age", default: .seconds(60), in: .seconds(1) ... .seconds(86_400))
        floodLimit = table.integer("flood_limit", default: 20, in: 1...10_000)
        latencyLimit = table.duration(
            "alarm_latency_limit", default: .milliseconds(100), in: .milliseconds(1) ... .seconds(60))
        actions = table.list("actions", example: "[\"bus\"]", Identifier.check) ?? []
    }

    func checkActions(_ known: [String], _ table: TableReader) {
        for name in actions where !known.contains(name) {
            let hint = Suggestions.hint(for: name, among: known)
            table.log.error("actions: there is no [[action]] \(quoted(name))\(hint)", at: table.place(of: "actions"))
        }
    }
}

extension AlarmRule {
    private static let longestDelay = Duration.zero ... .seconds(7 * 86_400)
    private static let longestWait = Duration.milliseconds(100) ... .seconds(366 * 86_400)

    /// Nil when something required is missing or wrong.
    init?(_ table: TableReader, _ rules: inout AlarmRuleChecks) {
        let name = table.parsed("name", example: "pressure", isRequired: true, Identifier.check)
        let kind = AlarmKind.read(table)
        let series = table.parsed("series", example: "drill/pressure-*") { (text) throws(ValueError) in
            SeriesGlob(text)
        }
        if kind == .vote {
            table.refuse(["series"], because: "means nothing beside all, any and not: they look at other alarms")
        } else if kind == .model {
            table.refuse(["series"], because: "means nothing beside a model: it has inputs")
        } else if kind != nil, series == nil, !table.has("series") {
            table.reportMissing("series = \"drill/pressure-*\"")
        }
        let deadband = table.has("deadband") ? Self.deadband(table, kind) : 0
        let severity = table.word("severity", default: AlarmSeverity.warning).level
        let condition = kind?.condition(table, deadband: deadband, severity)
        self.init(name: name ?? "", series: series, condition: condition ?? .badQuality(BadQuality()))
        readDelays(table, kind)
        isLatching = table.flag("latch", default: false)
        message = table.parsed("message", example: "{series} is {value} {unit}", Self.message)
        actions = table.list("actions", example: "[\"siren\"]", Identifier.check) ?? []
        if Set(actions).count < actions.count {
            table.log.error("actions: one stands there twice", at: table.place(of: "actions"))
        }
        repeatEvery =
            table.has("repeat")
            ? table.duration("repeat", default: .seconds(600), in: .seconds(1) ... .seconds(7 * 86_400)).nanoseconds
            : nil
        whenBad = table.word("when_bad", default: kind?.usualWhenBad ?? .alarm)
        late = table.word("late", default: .record)
        group = table.text("group", example: "press-hall")
        if table.has("enabled_when") { enabledWhen = table.table("enabled_when") { EnabledWhen($0) } }
        guard name != nil, condition != nil, kind?.hasSeries == false || series != nil else { return nil }
        rules.check(self, table)
    }

    private mutating func readDelays(_ table: TableReader, _ kind: AlarmKind?) {
        onDelay = table.duration("on_delay", default: .zero, in: Self.longestDelay).nanoseconds
        offDelay = table.duration("off_delay", default: .zero, in: Self.longestDelay).nanoseconds
        guard kind == .qualityBadFor else { return }
        table.refuse(["on_delay"], because: "stands in quality_bad_for")
        onDelay = table.duration("quality_bad_for", default: .seconds(60), in: Self.longestDelay).nanoseconds
    }

    private static func deadband(_ table: TableReader, _ kind: AlarmKind?) -> Double {
        if let kind, !kind.hasDeadband { table.refuse(["deadband"], because: "means nothing for \(kind.key)") }
        guard let number = table.number("deadband", example: "0.5") else { return 0 }
        if number < 0 { table.log.error("deadband: 0 or more is expected", at: table.place(of: "deadband")) }
        return max(0, number)
    }

    private static func message(_ text: String) throws(ValueError) -> MessageTemplate {
        do throws(MessageTemplate.Failure) { return try MessageTemplate(text) } catch {
            if error.isOpen { throw ValueError("{\(error.word) has no }; {{ is a brace", offset: error.offset) }
            let hint = Suggestions.hint(for: error.word, among: MessageTemplate.Word.allCases.map(\.rawValue))
            throw ValueError("{\(error.word)} stands for nothing\(hint); {{ is a brace", offset: error.offset)
        }
    }
}

/// The words of `severity`.
enum AlarmSeverity: String, CaseIterable {
    case notice, warning, critical, emergency

    var level: AlarmLevel {
        switch self {
        case .notice: .notice
        case .warning: .warning
        case .critical: .critical
        case .emergency: .emergency
        }
    }
}

extension EnabledWhen {
    /// Nil when something required is missing or wrong.
    fileprivate init?(_ table: TableReader) {
        let series = table.seriesName("series", example: "press/running")
        let tests: [Test?] = [
            table.values("equals").map(Test.equals), table.values("not_equals").map(Test.notEquals),
            table.number("above", example: "0").map(Test.above), table.number("below", example: "0").map(Test.below),
        ]
        let keys = ["equals", "not_equals", "above", "below"].filter { table.has($0) }
        if keys.count != 1 {
            table.log.error("enabled_when: one of equals, not_equals, above and below is expected", at: table.place)
        }
        guard keys.count == 1, let series, let test = tests.compactMap(\.self).first else { return nil }
        self.init(series, test)
    }
}
