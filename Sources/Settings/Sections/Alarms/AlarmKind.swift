import Alarms
import Readings

/// What an `[[alarm]]` looks for, by the keys that say so.
enum AlarmKind: CaseIterable {
    case limits
    case inside
    case outside
    case equals
    case notEquals
    case rateAbove
    case changeAbove
    case unchangedFor
    case staleAfter
    case qualityBadFor
    case deviation
    case countAbove
    case countBelow
    case vote
    case anomaly
    case zscore
    case forecast
    case model

    var keys: [String] {
        switch self {
        case .limits: ["above", "below", "notice", "warning", "critical", "emergency"]
        case .inside: ["inside"]
        case .outside: ["outside"]
        case .equals: ["equals"]
        case .notEquals: ["not_equals"]
        case .rateAbove: ["rate_above"]
        case .changeAbove: ["change_above"]
        case .unchangedFor: ["unchanged_for"]
        case .staleAfter: ["stale_after"]
        case .qualityBadFor: ["quality_bad_for"]
        case .deviation: ["deviation"]
        case .countAbove: ["count_above"]
        case .countBelow: ["count_below"]
        case .vote: ["all", "any", "not"]
        case .anomaly: ["anomaly"]
        case .zscore: ["zscore"]
        case .forecast: ["forecast"]
        case .model: ["model"]
        }
    }

    var key: String { keys[0] }

    var hasDeadband: Bool {
        switch self {
        case .limits, .inside, .outside, .rateAbove, .unchangedFor, .deviation, .model: true
        case .equals, .notEquals, .changeAbove, .staleAfter, .qualityBadFor, .countAbove, .countBelow, .vote,
            .anomaly, .zscore, .forecast:
            false
        }
    }

    /// Where something is learnt from readings, one without a value teaches nothing, and says nothing.
    var usualWhenBad: AlarmRule.WhenBad {
        switch self {
        case .anomaly, .zscore, .forecast: .hold
        default: .alarm
        }
    }

    /// The one that a table is of.
    static func read(_ table: TableReader) -> AlarmKind? {
        // Every key is known, whatever the table is of.
        let found = allCases.filter { kind in !kind.keys.filter { table.has($0) }.isEmpty }
        guard found.count <= 1 else {
            let keys = found.map { kind in kind.keys.first { table.has($0) } ?? kind.key }
            table.log.error(
                "\(keys.joinedAsWords) exclude each other: an alarm looks for one thing, and all, any and not join several",
                at: table.place)
            return nil
        }
        if found.isEmpty { table.reportMissing("what to look for, such as above = 80") }
        return found.first
    }

    /// The rule looks at no series of its own.
    var hasSeries: Bool { self != .vote && self != .model }

    /// Nil when something is wrong.
    func condition(_ table: TableReader, deadband: Double, _ severity: AlarmLevel) -> AlarmCondition? {
        switch self {
        case .limits: Limits(table, deadband: deadband, severity).map { .limits($0) }
        case .inside, .outside:
            table.numberRange(key, example: "[10, 80]").map {
                .band(Band($0, isOutside: self == .outside, deadband: deadband, level: severity))
            }
        case .equals, .notEquals:
            table.values(key).map { .equality(Equality($0, isNegated: self == .notEquals, level: severity)) }
        case .rateAbove: RateLimit(table, deadband: deadband, severity).map { .rate($0) }
        case .changeAbove: table.positive(key, example: "5").map { .change(ChangeLimit($0, level: severity)) }
        case .unchangedFor:
            .unchanged(
                Unchanged(
                    table.duration(key, default: .seconds(600), in: Self.times).nanoseconds, deadband: deadband,
                    level: severity))
        case .staleAfter:
            .staleness(
                Staleness(table.duration(key, default: .seconds(60), in: Self.times).nanoseconds, level: severity))
        case .qualityBadFor: .badQuality(BadQuality(level: severity))
        case .deviation: table.table(key) { Deviation($0, deadband: deadband, severity) }.map { .deviation($0) }
        case .countAbove, .countBelow:
            table.table(key) { CountLimit($0, isAbove: self == .countAbove, severity) }.map { .count($0) }
        case .vote: Vote(table, severity).map { .vote($0) }
        case .anomaly: Anomaly(table, severity).map { .anomaly($0) }
        case .zscore: table.table(key) { ZScore($0, severity) }.map { .zscore($0) }
        case .forecast: table.table(key) { Forecast($0, severity) }.map { .forecast($0) }
        case .model: table.table(key) { ModelRule($0, deadband: deadband, severity) }.map { .model($0) }
        }
    }

    static let times = Duration.milliseconds(100) ... .seconds(366 * 86_400)
}

extension Limits {
    fileprivate init?(_ table: TableReader, deadband: Double, _ severity: AlarmLevel) {
        var limits: [Limit] = []
        for level in AlarmLevel.allCases where table.has(level.name) {
            guard let limit = table.table(level.name, { Limit($0, level) }) else { return nil }
            limits.append(limit)
        }
        let plain = ["above", "below"].filter { table.has($0) }
        if !plain.isEmpty {
            guard limits.isEmpty else {
                table.refuse(
                    plain, because: "stands within a level where there are levels, as in warning = { above = 80 }")
                return nil
            }
            guard let limit = Limit(table, severity) else { return nil }
            limits = [limit]
        } else {
            table.refuse(["severity"], because: "means nothing beside levels")
        }
        self.init(limits, deadband: deadband)
        Self.checkOrder(limits, table)
    }

    /// A worse level is further out, and between them all there is something that is well.
    private static func checkOrder(_ limits: [Limit], _ table: TableReader) {
        for (index, worse) in limits.enumerated() {
            for milder in limits[..<index] { checkOrder(milder, worse, table) }
        }
    }

    private static func checkOrder(_ milder: Limit, _ worse: Limit, _ table: TableReader) {
        let place = table.place(of: worse.level.name)
        for (above, below) in [(milder.above, worse.below), (worse.above, milder.below)] {
            guard let above, let below, below >= above else { continue }
            return table.log.error(
                "\(worse.level.name) and \(milder.level.name): below = \(below) and above = \(above) leave no value that is well",
                at: place)
        }
        let isAboveWrong = milder.above.flatMap { mild in worse.above.map { $0 < mild } } ?? false
        let isBelowWrong = milder.below.flatMap { mild in worse.below.map { $0 > mild } } ?? false
        guard isAboveWrong || isBelowWrong else { return }
        table.log.error("\(worse.level.name): its limit is reached before that of \(milder.level.name)", at: place)
    }
}

extension Limits.Limit {
    fileprivate init?(_ table: TableReader, _ level: AlarmLevel) {
        let above = table.number("above", example: "80")
        let below = table.number("below", example: "10")
        guard above != nil || below != nil else {
            if !table.has("above"), !table.has("below") { table.reportMissing("above = 80 or below = 10") }
            return nil
        }
        if let above, let below, below >= above {
            table.log.error(
                "below = \(below) and above = \(above) leave no value that is well", at: table.place(of: "below"))
            return nil
        }
        self.init(level, above: above, below: below)
    }
}

extension RateLimit {
    /// A number a second, or a table.
    fileprivate init?(_ table: TableReader, deadband: Double, _ severity: AlarmLevel) {
        guard case .table? = table.member("rate_above")?.value.content else {
            guard let number = table.positive("rate_above", example: "{ value = 5, per = \"m\" }") else { return nil }
            self.init(number, deadband: deadband, level: severity)
            return
        }
        let found = table.table("rate_above") { inner -> RateLimit? in
            let number = inner.positive("value", example: "5")
            if !inner.has("value") { inner.reportMissing("value = 5") }
            let unit = inner.word("per", default: Unit.second)
            let window = inner.duration("over", default: .zero, in: .zero ... .seconds(86_400)).nanoseconds
            return number.map { RateLimit($0, per: unit, window: window, deadband: deadband, level: severity) }
        }
        guard let found else { return nil }
        self = found
    }
}

extension Anomaly {
    /// `true`, or a table.
    fileprivate init?(_ table: TableReader, _ severity: AlarmLevel) {
        guard case .table? = table.member("anomaly")?.value.content else {
            guard table.flag("anomaly", default: true) else {
                table.log.error("anomaly: true or a table is expected", at: table.place(of: "anomaly"))
                return nil
            }
            self.init(level: severity)
            return
        }
        let found = table.table("anomaly") { inner -> Anomaly? in
            let sensitivity = inner.word("sensitivity", default: Sensitivity.normal)
            let every = inner.duration("every", default: .seconds(60), in: .zero ... .seconds(3600)).nanoseconds
            let hasScore = inner.flag("score", default: false)
            return Anomaly(sensitivity, every: every, hasScore: hasScore, level: severity)
        }
        guard let found else { return nil }
        self = found
    }
}

extension ZScore {
    fileprivate init?(_ table: TableReader, _ severity: AlarmLevel) {
        let window = table.duration("window", default: .seconds(3600), in: .seconds(10) ... .seconds(7 * 86_400))
        let limit = table.has("limit") ? table.positive("limit", example: "3") : 3
        guard let limit else { return nil }
        self.init(window: window.nanoseconds, limit: limit, level: severity)
    }
}

extension Forecast {
    fileprivate init?(_ table: TableReader, _ severity: AlarmLevel) {
        let limit = table.number("limit", example: "90")
        if !table.has("limit") { table.reportMissing("limit = 90") }
        let times = Duration.seconds(60) ... .seconds(90 * 86_400)
        let within = table.duration("within", default: .seconds(4 * 3600), in: times).nanoseconds
        let over = table.has("over") ? table.duration("over", default: .seconds(3600), in: times).nanoseconds : nil
        let direction = table.word("direction", default: Direction.either)
        guard let limit else { return nil }
        self.init(
            limit: limit, within: within, over: over ?? max(60_000_000_000, within / 4), direction: direction,
            level: severity)
    }
}

extension Deviation {
    fileprivate init?(_ table: TableReader, deadband: Double, _ severity: AlarmLevel) {
        let from = table.seriesName("from", example: "press/set-point")
        let above = table.positive("above", example: "5")
        if !table.has("above") { table.reportMissing("above = 5") }
        guard let from, let above else { return nil }
        self.init(from: from, above: above, deadband: deadband, level: severity)
    }
}

extension CountLimit {
    fileprivate init?(_ table: TableReader, isAbove: Bool, _ severity: AlarmLevel) {
        let value = table.number("value", example: "80")
        if !table.has("value") { table.reportMissing("value = 80") }
        let count = table.integer("count", default: 3, in: 1...Self.most)
        let window = table.duration("within", default: .seconds(60), in: AlarmKind.times).nanoseconds
        guard let value else { return nil }
        self.init(
            above: isAbove ? value : nil, below: isAbove ? nil : value, count: count, within: window, level: severity)
    }
}

extension Vote {
    fileprivate init?(_ table: TableReader, _ severity: AlarmLevel) {
        let found = ["all", "any", "not"].filter { table.has($0) }
        guard found.count == 1 else {
            table.log.error("\(found.joinedAsWords) exclude each other", at: table.place(of: found[1]))
            return nil
        }
        let names = table.list(found[0], example: "[\"pressure-a\", \"pressure-b\"]", Identifier.check)
        let number = table.integer("at_least", default: 1, in: 1...1000)
        if found[0] != "any" { table.refuse(["at_least"], because: "belongs to any") }
        guard let names, !names.isEmpty else { return nil }
        let kind: Kind =
            switch found[0] {
            case "all": .all
            case "any": .atLeast(number)
            default: .none
            }
        self.init(kind, of: names, level: severity)
    }
}

extension TableReader {
    /// A value that readings are compared with, or several: numbers, texts, and true and false for 1 and 0.
    func values(_ key: String) -> [Value]? {
        guard let member = member(key) else { return nil }
        var members = [member]
        if case .array(let elements) = member.value.content {
            if elements.isEmpty { log.error("\(key): the array is empty", at: member.value.place) }
            members = elements.map { Table.Member(key: key, keyPlace: member.keyPlace, value: $0) }
        }
        let values = members.compactMap(value)
        return values.count == members.count && !values.isEmpty ? values : nil
    }

    private func value(of member: Table.Member) -> Value? {
        switch member.value.content {
        case .integer(let number): return .number(Double(number))
        case .number(let number) where number.isFinite: return .number(number)
        case .boolean(let flag): return .number(flag ? 1 : 0)
        case .text(let text): return .text(text.string)
        default:
            reportType(of: member, expected: "a number, a string or a boolean", example: "\"FAULT\"")
            return nil
        }
    }

    /// One series, which has to be there.
    func seriesName(_ key: String, example: String) -> SeriesName? {
        parsed(key, example: example, isRequired: true, SeriesName.check)
    }

    func positive(_ key: String, example: String) -> Double? {
        guard let number = number(key, example: example) else { return nil }
        if number > 0 { return number }
        log.error("\(key): a number over 0 is expected", at: place(of: key))
        return nil
    }
}

extension SeriesName {
    static func check(_ text: String) throws(ValueError) -> SeriesName {
        guard let name = SeriesName(text) else {
            throw ValueError("a series is named by 1 to \(longest) bytes without control characters")
        }
        return name
    }
}
