import Alarms
import History
import Readings

/// What rules need to know beside readings.
public struct ReplayPlace: Sendable {
    /// By file; nil: it cannot be used.
    public var models: [String: Model?]
    /// How many seconds the clocks of the gateway are ahead of UTC at a time.
    public var offset: @Sendable (Int64) -> Int

    public init(models: [String: Model?] = [:], offset: @escaping @Sendable (Int64) -> Int = { _ in 0 }) {
        self.models = models
        self.offset = offset
    }
}

/// Rules over what a store holds, as if a gateway had run on it: the code of the gateway's alarms, in a time that the readings
/// make. Each reading is taken to have come in at its own time.
public struct Replay {
    /// Readings in memory at a time.
    public static let sliceReadings = 1_000_000
    /// What nanoseconds, and sums of them, have room for: 1900 to 2150. Microseconds.
    static let livable = TimeRange(first: -2_208_988_800_000_000, last: 5_680_281_599_999_999)

    private let rules: [AlarmRule]
    private let place: ReplayPlace
    private let reader: StoreReader
    private let range: TimeRange
    private let most: Int
    private let report: (Double) -> Void

    /// What a range says last is when it ends, readings or not: silence counts until then. `progress` is told from 0 to 1: half of it
    /// is the rules' own way, and half that of the limits that are tried.
    public init(
        _ rules: [AlarmRule], at place: ReplayPlace = ReplayPlace(), over reader: StoreReader, in range: TimeRange,
        sliceReadings: Int = sliceReadings,
        progress: @escaping (Double) -> Void = { _ in }
    ) {
        self.rules = rules.map(Self.alone)
        self.place = place
        self.reader = reader
        let first = min(max(range.first, Self.livable.first), Self.livable.last + 1)
        self.range = TimeRange(first: first, last: max(first - 1, min(range.last, Self.livable.last)))
        most = sliceReadings
        report = progress
    }

    /// Nobody acknowledges anything, and nobody is told: that it is said again changes nothing of when it stands.
    private static func alone(_ rule: AlarmRule) -> AlarmRule {
        var rule = rule
        rule.actions = []
        rule.repeatEvery = nil
        return rule
    }

    /// Events go to `note` as they happen.
    public func run(note: (AlarmEvent) -> Void = { _ in }) throws -> ReplayReport {
        var tally = EpisodeTally(rules)
        var result = try pass(rules, &tally, progress: { report($0 / 2) }, note)
        let leftOut = try reader.ids.reduce(0) { count, id in
            guard rules.contains(where: { $0.looks(at: reader.definition(of: id).name) }) else { return count }
            return try count
                + (reader.count(id, TimeRange(last: Self.livable.first - 1))
                    + reader.count(id, TimeRange(first: Self.livable.last + 1)))
        }
        result.leftOut = leftOut
        if result.readings == 0 { result.range = range }
        result.rules = rules.map { tally.report($0) }
        try addHalvings(&result, tally)
        return result
    }

    /// One way through the readings.
    private func pass(
        _ rules: [AlarmRule], _ tally: inout EpisodeTally, progress: (Double) -> Void, _ note: (AlarmEvent) -> Void
    ) throws -> ReplayReport {
        let series = reader.ids.filter { id in rules.contains { $0.looks(at: reader.definition(of: id).name) } }
        var course = try ReplayCourse(rules, place, reader, series, in: range)
        let slices = ReadingSlices(
            reader, series, in: TimeRange(first: course.begin, last: range.last), expected: course.expected, most: most)
        while try slices.load() {
            course.take(slices, &tally, note)
            progress(min(1, Double(course.readings) / Double(max(1, course.expected))))
        }
        course.finish(at: range.last, &tally, note)
        return ReplayReport(
            range: TimeRange(first: course.begin, last: range.last), readings: course.readings, series: course.seen)
    }

    /// The limits that the first way has led to are tried, all of them on one more way.
    private func addHalvings(_ result: inout ReplayReport, _ tally: EpisodeTally) throws {
        var trials: [[Trial]] = rules.map { rule in
            guard let extremes = tally.extremes[rule.name] else { return [] }
            return Trial.all(rule, extremes)
        }
        guard trials.contains(where: { !$0.isEmpty }) else { return }
        // A slash is in no name of a rule.
        for rule in trials.indices {
            for number in trials[rule].indices { trials[rule][number].rule.name += "/\(number)" }
        }
        let tried = trials.flatMap { $0.map(\.rule) }
        let asked = voters(of: tried)
        var counts = EpisodeTally([])
        let playing = tried + rules.filter { asked.contains($0.name) }
        _ = try pass(playing, &counts, progress: { report(0.5 + $0 / 2) }, { _ in })
        for rule in trials.indices {
            let most = result.rules[rule].count / 2
            for trial in trials[rule] where result.rules[rule].halving == nil {
                let count = counts.report(trial.rule).count
                if count <= most { result.rules[rule].halving = Halving(setting: trial.setting, count: count) }
            }
        }
    }

    /// The rules that votes look at, and those that these look at.
    private func voters(of tried: [AlarmRule]) -> Set<String> {
        var found: Set<String> = []
        var next = tried
        while let rule = next.popLast() {
            guard case .vote(let vote) = rule.condition else { continue }
            next += rules.filter { vote.rules.contains($0.name) && found.insert($0.name).inserted }
        }
        return found
    }
}

extension AlarmRule {
    fileprivate func looks(at name: SeriesName) -> Bool {
        series?.matches(name) ?? false || otherSeries.contains(name)
    }
}
