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
    }

    /// The share of the desk.
    static let desk = 0

    public let rules: [AlarmRule]
    let catalogue: SeriesCatalogue
    /// Microseconds.
    let maxAge: Int64
    private let together: Set<SeriesName>
    private let levels: [AlarmKey: UInt8]
    private let deliver: @Sendable ([AlarmEdge], [ForwardedReading]) -> Void
    private let state = Mutex(State())
    private let lastShare = Atomic<Int>(desk)
    /// Counts series that have become shared.
    private let handovers = Atomic<Int>(0)

    /// `levels` are those that stood when the gateway ended: they stand until a reading says otherwise. `deliver` is called
    /// by any thread.
    public init(
        _ rules: [AlarmRule], catalogue: SeriesCatalogue, maxAge: Int64, levels: [AlarmKey: UInt8],
        deliver: @escaping @Sendable ([AlarmEdge], [ForwardedReading]) -> Void
    ) {
        self.rules = rules
        self.catalogue = catalogue
        self.maxAge = maxAge
        self.levels = levels
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

    func send(_ edges: [AlarmEdge], _ forwarded: [ForwardedReading]) { deliver(edges, forwarded) }

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
                let number = number(rule, definition, now, &state)
                let entry = state.entries[Int(number)]
                let level = share == Self.desk ? entry.level : levels[entry.key] ?? 0
                // Where something was known of it, that may have been from old readings: the present is to say so.
                let isLate = share == Self.desk || levels[entry.key] != nil
                switch rules[rule].watch(number, sign: entry.sign, level: level, isLate: isLate) {
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
        if case .staleness = rules[rule].condition { entry.sign = SignOfLife(now) }
        state.entries.append(entry)
        state.numbers[key] = number
        return number
    }
}

extension AlarmRule {
    /// It takes more than one series to tell: the desk evaluates it.
    var isTogether: Bool {
        switch condition {
        case .deviation: true
        case .limits, .band, .equality, .rate, .change, .unchanged, .staleness, .badQuality, .count, .vote: false
        }
    }

    /// Series that matter beside its own.
    public var otherSeries: [SeriesName] {
        var names = enabledWhen.map { [$0.series] } ?? []
        if case .deviation(let deviation) = condition { names.append(deviation.from) }
        return names
    }

    enum AnyWatch {
        case limits(LimitWatch)
        case other(Watch)
    }

    /// Nil where the desk has to see to it.
    func watch(_ number: Int32, sign: SignOfLife?, level: UInt8, isLate: Bool = false) -> AnyWatch? {
        let lowest = condition.lowestLevel.rawValue
        if case .limits(let limits) = condition {
            return .limits(
                LimitWatch(
                    number: number, whenBad: whenBad, lowest: lowest, limits: LimitNumbers(limits), level: level,
                    isLate: isLate))
        }
        return evaluator(sign, stood: level > 0).map {
            .other(
                Watch(
                    number: number, whenBad: whenBad, lowest: lowest, evaluator: $0, level: level, isLate: isLate))
        }
    }

    private func evaluator(_ sign: SignOfLife?, stood: Bool) -> Watch.Evaluator? {
        let level = condition.lowestLevel.rawValue
        return switch condition {
        case .band(let band): .band(band, level)
        case .equality(let equality): .equality(equality, level)
        case .rate(let rate): .rate(RateHistory(rate, stood: stood), level)
        case .change(let change): .change(ChangeHistory(change, stood: stood), level)
        case .unchanged(let unchanged): .unchanged(UnchangedHistory(unchanged, stood: stood), level)
        case .staleness: sign.map { .staleness($0, level) }
        case .badQuality: .badQuality(level)
        case .count(let count): .count(CountHistory(count, stood: stood), level)
        case .limits, .deviation, .vote: nil
        }
    }
}
