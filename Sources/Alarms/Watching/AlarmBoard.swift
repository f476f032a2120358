import Readings
import Synchronization

/// Which alarms there are, by number, and who watches which series. Asked once for each series by each thread that reads it.
public final class AlarmBoard: Sendable {
    /// A rule on a series.
    struct Entry: Sendable {
        var key: AlarmKey
        var rule: Int
        var unit: String?
        /// Where it is watched for staleness.
        var sign: SignOfLife?
        /// What has learnt what is usual.
        var learner: Learner?
        /// As the desk knows it.
        var level: UInt8 = 0
    }

    /// What a thread has to do for a series.
    struct Duty {
        var limits: [LimitWatch] = []
        var watches: [Watch] = []
        /// Its readings are needed at the desk.
        var forwards = false
    }

    private struct State {
        var entries: [Entry] = []
        var numbers: [AlarmKey: Int32] = [:]
        /// The thread that has brought a series first.
        var owners: [SeriesID: Int] = [:]
        /// Several threads bring it: the desk watches it.
        var shared: Set<SeriesID> = []
        /// In the order in which that was found out.
        var handedOver: [SeriesID] = []
        /// Made by rules, and no food for those that make more of them.
        var scores: Set<SeriesID> = []
        /// What was learnt before the gateway ended, as long as nobody has asked for it.
        var learned: [AlarmKey: Learned]
    }

    /// The share of the desk.
    static let desk = 0

    public let rules: [AlarmRule]
    let catalogue: SeriesCatalogue
    /// Microseconds.
    let maxAge: Int64
    private let together: Set<SeriesName>
    private let levels: [AlarmKey: UInt8]
    /// Seconds that the clocks of the gateway are ahead of UTC at a time.
    let offset: @Sendable (Int64) -> Int
    private let deliver: @Sendable (AlarmNews) -> Void
    private let state: Mutex<State>
    private let lastShare = Atomic<Int>(desk)
    /// Counts series that have become shared.
    private let handovers = Atomic<Int>(0)

    /// `levels` are those that stood when the gateway ended: they stand until a reading says otherwise. `learned` is what its
    /// detectors knew. `deliver` is called by any thread.
    public init(
        _ rules: [AlarmRule], catalogue: SeriesCatalogue, maxAge: Int64, levels: [AlarmKey: UInt8],
        learned: [Learned] = [], offset: @escaping @Sendable (Int64) -> Int = { _ in 0 },
        deliver: @escaping @Sendable (AlarmNews) -> Void
    ) {
        self.rules = rules
        self.catalogue = catalogue
        self.maxAge = maxAge
        self.levels = levels
        self.offset = offset
        state = Mutex(State(learned: Dictionary(learned.map { ($0.key, $0) }) { first, _ in first }))
        self.deliver = deliver
        together = Set(rules.flatMap(\.otherSeries))
    }

    /// For one more thread that reads.
    public func share() -> AlarmShare {
        AlarmShare(lastShare.wrappingAdd(1, ordering: .relaxed).newValue, self)
    }

    var generation: Int { handovers.load(ordering: .acquiring) }

    var count: Int { state.withLock { $0.entries.count } }

    func entry(_ number: Int32) -> Entry { state.withLock { $0.entries[Int(number)] } }

    func owner(of series: SeriesID) -> Int? {
        state.withLock { $0.shared.contains(series) ? Self.desk : $0.owners[series] }
    }

    /// The series that have become shared since there were so many of them.
    func handedOver(since generation: Int) -> ArraySlice<SeriesID> {
        state.withLock { $0.handedOver[generation...] }
    }

    func isShared(_ series: SeriesID) -> Bool { state.withLock { $0.shared.contains(series) } }

    /// Asked by the desk before it takes over a series: that is how its alarms are.
    func note(_ series: SeriesID, _ level: (Int32) -> UInt8) {
        guard let name = catalogue.definition(of: series)?.name.description else { return }
        state.withLock { state in
            for rule in rules {
                guard let number = state.numbers[AlarmKey(rule: rule.name, series: name)] else { continue }
                state.entries[Int(number)].level = level(number)
            }
        }
    }

    func send(_ news: AlarmNews) { deliver(news) }

    /// All that was learnt so far, of series that have not come since the start too.
    public func learned() -> [Learned] {
        let (learners, unasked) = state.withLock { state in
            (state.entries.filter { $0.learner != nil }, Array(state.learned.values))
        }
        return learners.map { entry in
            Learned(key: entry.key, every: every(entry.rule), detector: entry.learner?.state ?? AnomalyDetector())
        } + unasked
    }

    private func every(_ rule: Int) -> Int64 {
        if case .anomaly(let anomaly) = rules[rule].condition { anomaly.every } else { 0 }
    }

    /// By series, how many readings each detector has learnt from.
    public func learning() -> [(key: AlarmKey, readings: Int64)] {
        let learners = state.withLock { state in
            state.entries.compactMap { entry in entry.learner.map { (entry.key, $0) } }
        }
        return learners.map { ($0.0, $0.1.readings) }
    }

    /// The number of a rule's alarm, a new one if need be.
    func number(rule: Int, series: SeriesDefinition?, now: Int64) -> Int32 {
        state.withLock { number(rule, series, now, &$0) }
    }

    /// What a thread does for a series that it has a reading of; the second thread that asks makes it the desk's.
    func duty(for series: SeriesID, share: Int, now: Int64) -> Duty {
        guard let definition = catalogue.definition(of: series) else { return Duty() }
        let matching = rules.indices.filter { rules[$0].series?.matches(definition.name) ?? false }
        let isWanted = together.contains(definition.name)
        guard !matching.isEmpty || isWanted else { return Duty() }
        return state.withLock { state in
            let owner = state.owners[series] ?? share
            state.owners[series] = owner
            if owner != share, share != Self.desk, state.shared.insert(series).inserted {
                state.handedOver.append(series)
                handovers.wrappingAdd(1, ordering: .releasing)
            }
            var duty = Duty()
            duty.forwards = isWanted || state.shared.contains(series) && share != Self.desk
            for rule in matching {
                if rules[rule].isTogether {
                    duty.forwards = true
                    continue
                }
                guard !state.shared.contains(series) || share == Self.desk else { continue }
                if rules[rule].makesScores, state.scores.contains(series) { continue }
                let number = number(rule, definition, now, &state)
                let entry = state.entries[Int(number)]
                let level = share == Self.desk ? entry.level : levels[entry.key] ?? 0
                // Where something was known of it, that may have been from old readings: the present is to say so.
                let isLate = share == Self.desk || levels[entry.key] != nil
                let tools = WatchTools(
                    sign: entry.sign, learner: entry.learner, score: score(of: rule, definition, &state), offset: offset
                )
                switch rules[rule].watch(number, tools, level: level, isLate: isLate) {
                case .limits(let watch)?: duty.limits.append(watch)
                case .other(let watch)?: duty.watches.append(watch)
                case nil: break
                }
            }
            return duty
        }
    }

    private func number(_ rule: Int, _ series: SeriesDefinition?, _ now: Int64, _ state: inout State) -> Int32 {
        let key = AlarmKey(rule: rules[rule].name, series: series?.name.description ?? "")
        if let known = state.numbers[key] { return known }
        let number = Int32(state.entries.count)
        var entry = Entry(key: key, rule: rule, unit: series?.unit)
        switch rules[rule].condition {
        case .staleness: entry.sign = SignOfLife(now)
        case .anomaly: entry.learner = Learner(state.learned.removeValue(forKey: key)?.detector ?? AnomalyDetector())
        default: break
        }
        state.entries.append(entry)
        state.numbers[key] = number
        return number
    }

    /// Where the catalogue is full there is none.
    private func score(of rule: Int, _ series: SeriesDefinition, _ state: inout State) -> SeriesID? {
        guard rules[rule].makesScores else { return nil }
        let name = SeriesName(path: "\(series.name)/anomaly")
        guard case .known(let id) = catalogue.resolve(SeriesDefinition(name: name)) else { return nil }
        state.scores.insert(id)
        return id
    }
}

/// What watching takes beside the rule.
struct WatchTools {
    var sign: SignOfLife?
    var learner: Learner?
    /// The series of the scores, where there is one.
    var score: SeriesID?
    var offset: @Sendable (Int64) -> Int = { _ in 0 }
}

extension AlarmRule {
    /// It takes more than one series to tell: the desk evaluates it.
    var isTogether: Bool {
        switch condition {
        case .deviation, .model: true
        case .limits, .band, .equality, .rate, .change, .unchanged, .staleness, .badQuality, .count, .vote, .anomaly,
            .zscore, .forecast:
            false
        }
    }

    var makesScores: Bool {
        if case .anomaly(let anomaly) = condition { anomaly.hasScore } else { false }
    }

    /// It goes by what it has learnt of its series.
    public var learns: Bool { if case .anomaly = condition { true } else { false } }

    /// What was learnt for another rule, or from other means, is none of its own.
    public func hasUse(for learned: Learned) -> Bool {
        guard learned.key.rule == name, case .anomaly(let anomaly) = condition, anomaly.every == learned.every,
            let series = SeriesName(learned.key.series)
        else { return false }
        return self.series?.matches(series) ?? false
    }

    /// Series that matter beside its own.
    public var otherSeries: [SeriesName] {
        var names = enabledWhen.map { [$0.series] } ?? []
        switch condition {
        case .deviation(let deviation): names.append(deviation.from)
        case .model(let model): names += model.inputs
        default: break
        }
        return names
    }

    enum AnyWatch {
        case limits(LimitWatch)
        case other(Watch)
    }

    /// Nil where the desk has to see to it.
    func watch(_ number: Int32, _ tools: WatchTools, level: UInt8, isLate: Bool = false) -> AnyWatch? {
        let lowest = condition.lowestLevel.rawValue
        if case .limits(let limits) = condition {
            return .limits(
                LimitWatch(
                    number: number, whenBad: whenBad, lowest: lowest, limits: LimitNumbers(limits), level: level,
                    isLate: isLate))
        }
        return evaluator(tools, stood: level > 0).map {
            .other(
                Watch(
                    number: number, whenBad: whenBad, lowest: lowest, evaluator: $0, level: level, isLate: isLate))
        }
    }

    private func evaluator(_ tools: WatchTools, stood: Bool) -> Watch.Evaluator? {
        let level = condition.lowestLevel.rawValue
        return switch condition {
        case .band(let band): .band(band, level)
        case .equality(let equality): .equality(equality, level)
        case .rate(let rate): .rate(RateHistory(rate, stood: stood), level)
        case .change(let change): .change(ChangeHistory(change, stood: stood), level)
        case .unchanged(let unchanged): .unchanged(UnchangedHistory(unchanged, stood: stood), level)
        case .staleness: tools.sign.map { .staleness($0, level) }
        case .badQuality: .badQuality(level)
        case .count(let count): .count(CountHistory(count, stood: stood), level)
        case .anomaly(let anomaly):
            .anomaly(
                AnomalyHistory(
                    anomaly, learner: tools.learner ?? Learner(AnomalyDetector()), score: tools.score,
                    hours: LocalHours(tools.offset)))
        case .zscore(let zscore): .zscore(ZScoreHistory(zscore, stood: stood), level)
        case .forecast(let forecast): .forecast(ForecastHistory(forecast, stood: stood), level)
        case .limits, .deviation, .vote, .model: nil
        }
    }
}
