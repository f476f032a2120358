import Alarms

/// Another limit, or a longer time, with which a rule would have been raised at most half as often: that was tried.
public struct Halving: Sendable, Hashable {
    public enum Setting: Sendable, Hashable {
        /// At the lowest of its levels; nil where there is none on that side.
        case limits(above: Double?, below: Double?)
        /// Nanoseconds, as are the next ones.
        case onDelay(Int64)
        /// The same, of a rule that says it in other words.
        case badFor(Int64)
        case staleAfter(Int64)
        case unchangedFor(Int64)
        /// Of a rule with one number, by the words for it.
        case number(String, Double)
        case within(Int64)
        case sensitivity(Anomaly.Sensitivity)
    }

    public var setting: Setting
    /// How often it would have been raised with that.
    public var count: Int
}

/// What is tried in place of a rule's own limit.
struct Trial {
    var setting: Halving.Setting
    var rule: AlarmRule

    /// Fewer are no basis for a limit.
    static let fewestEpisodes = 4
    /// So large a share of the episodes is not to reach the limit. A value that goes up and down around a higher limit may
    /// come past it more often than past the lower one: then further ones are looked at.
    private static let shares = [0.5, 0.7, 0.9]
    private static let longestDelay: Int64 = 7 * 86_400 * 1_000_000_000
    private static let longestWait: Int64 = 366 * 86_400 * 1_000_000_000

    /// The mildest first.
    static func all(_ rule: AlarmRule, _ extremes: EpisodeTally.Extremes) -> [Trial] {
        guard extremes.durations.values.count >= fewestEpisodes else { return [] }
        var trials = stricter(rule)
        for share in shares {
            guard let trial = trial(rule, extremes, share), trials.last?.setting != trial.setting else { continue }
            trials.append(trial)
        }
        return trials
    }

    /// Where nobody knows how far past its limit a rule was, limits further out are tried as they come.
    private static func stricter(_ rule: AlarmRule) -> [Trial] {
        func trial(_ setting: Halving.Setting, _ condition: AlarmCondition) -> Trial {
            var changed = rule
            changed.condition = condition
            return Trial(setting: setting, rule: changed)
        }
        func further(_ key: String, _ number: Double, _ condition: (Double) -> AlarmCondition) -> [Trial] {
            [1.25, 1.5, 2, 3].map { factor in
                // What is a share stays one.
                let isShare = key == "above" && number > 0 && number < 1
                let next = RoundNumber.round(
                    isShare ? 1 - (1 - number) / factor : number * factor, span: abs(number) / 4, .up)
                return trial(.number(key, next), condition(next))
            }
        }
        switch rule.condition {
        case .rate(var rate):
            return further("rate_above", rate.number) {
                rate.number = $0
                return .rate(rate)
            }
        case .change(var change):
            return further("change_above", change.above) {
                change.above = $0
                return .change(change)
            }
        case .deviation(var deviation):
            return further("deviation above", deviation.above) {
                deviation.above = $0
                return .deviation(deviation)
            }
        case .zscore(var zscore):
            return further("zscore limit", zscore.limit) {
                zscore.limit = $0
                return .zscore(zscore)
            }
        case .model(var model) where model.above > 0:
            return further("above", model.above) {
                model.above = $0
                return .model(model)
            }
        case .forecast(let forecast):
            return ([2, 4] as [Int64]).map { part -> Trial in
                var sooner = forecast
                sooner.within = forecast.within / part
                return trial(.within(sooner.within), .forecast(sooner))
            }
        case .anomaly(let anomaly):
            let milder = Anomaly.Sensitivity.allCases.prefix { $0 != anomaly.sensitivity }.reversed()
            return milder.map { sensitivity in
                var other = anomaly
                other.sensitivity = sensitivity
                return trial(.sensitivity(sensitivity), .anomaly(other))
            }
        default: return []
        }
    }

    private static func trial(_ rule: AlarmRule, _ extremes: EpisodeTally.Extremes, _ share: Double) -> Trial? {
        // Each has lasted for so long more than it stood.
        let lasted = extremes.durations.sorted().quantile(share).map { ($0 + 1) * 1000 - Double(rule.offDelay) } ?? 0
        var changed = rule
        switch rule.condition {
        case .limits(let limits): return trial(rule, limits, extremes, share)
        case .staleness(var staleness):
            staleness.duration = RoundNumber.up(max(0, lasted + Double(rule.onDelay)) + Double(staleness.duration))
            guard staleness.duration <= longestWait else { return nil }
            changed.condition = .staleness(staleness)
            return Trial(setting: .staleAfter(staleness.duration), rule: changed)
        case .unchanged(var unchanged):
            unchanged.duration = RoundNumber.up(max(0, lasted + Double(rule.onDelay)) + Double(unchanged.duration))
            guard unchanged.duration <= longestWait else { return nil }
            changed.condition = .unchanged(unchanged)
            return Trial(setting: .unchangedFor(unchanged.duration), rule: changed)
        default:
            changed.onDelay = RoundNumber.up(max(0, lasted) + Double(rule.onDelay) + 1)
            guard changed.onDelay <= longestDelay else { return nil }
            if case .badQuality = rule.condition { return Trial(setting: .badFor(changed.onDelay), rule: changed) }
            return Trial(setting: .onDelay(changed.onDelay), rule: changed)
        }
    }

    /// With the lowest of its limits further out, as far as the next one allows.
    private static func trial(
        _ rule: AlarmRule, _ limits: Limits, _ extremes: EpisodeTally.Extremes, _ share: Double
    ) -> Trial? {
        guard var lowest = limits.limits.first else { return nil }
        if let above = lowest.above, let peak = extremes.peaks.sorted().quantile(share), peak > above {
            lowest.above = RoundNumber.round(peak, span: peak - above, .up)
        }
        if let below = lowest.below, let trough = extremes.troughs.sorted().quantile(share), trough < below {
            lowest.below = RoundNumber.round(trough, span: below - trough, .down)
        }
        guard lowest != limits.limits[0], lowest.above?.isFinite ?? true, lowest.below?.isFinite ?? true else {
            return nil
        }
        for worse in limits.limits.dropFirst() {
            if let own = lowest.above, let next = worse.above, own > next { return nil }
            if let own = lowest.below, let next = worse.below, own < next { return nil }
        }
        var changed = rule
        var further = limits
        further.limits[0] = lowest
        changed.condition = .limits(further)
        return Trial(setting: .limits(above: lowest.above, below: lowest.below), rule: changed)
    }
}
