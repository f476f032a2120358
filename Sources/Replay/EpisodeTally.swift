import Alarms
import Readings

/// Follows the events of a replay, and makes of them when each alarm stood.
struct EpisodeTally {
    /// What about a rule's episodes says which other limit would have raised fewer.
    struct Extremes {
        /// Highest values of those that were raised by a high value, and lowest ones of the others.
        var peaks = EvenSample(most: 100_000)
        var troughs = EvenSample(most: 100_000)
        /// Microseconds.
        var durations = EvenSample(most: 100_000)
    }

    private struct Open {
        var raised: Int64
        var worst: AlarmLevel
        var isHigh: Bool
        var extreme: Double
    }

    private(set) var alarms: [AlarmKey: ReplayReport.Alarm] = [:]
    private(set) var extremes: [String: Extremes] = [:]
    private var open: [AlarmKey: Open] = [:]
    /// By series the alarms that stand and whose values matter.
    private var followed: [String: Set<AlarmKey>] = [:]
    private var kept: [String: Int] = [:]
    private let limits: [String: Limits.Limit]

    init(_ rules: [AlarmRule]) {
        var limits: [String: Limits.Limit] = [:]
        for rule in rules {
            if case .limits(let condition) = rule.condition { limits[rule.name] = condition.limits.first }
        }
        self.limits = limits
    }

    /// Whether the values of a series matter now: then its readings are to be noted.
    func follows(_ series: String) -> Bool { !(followed[series]?.isEmpty ?? true) }

    mutating func take(_ event: AlarmEvent) {
        switch event.change {
        case .raised: begin(event)
        case .level:
            guard let worst = open[event.key]?.worst else { return }
            open[event.key]?.worst = max(worst, event.level)
        case .cleared, .suppressed: end(event.key, at: event.decided)
        default: break
        }
    }

    mutating func take(_ value: Double, of series: String) {
        for key in followed[series] ?? [] {
            guard let known = open[key] else { continue }
            open[key]?.extreme = known.isHigh ? max(known.extreme, value) : min(known.extreme, value)
        }
    }

    private mutating func begin(_ event: AlarmEvent) {
        var episode = Open(raised: event.decided, worst: event.level, isHigh: true, extreme: .nan)
        if let limit = limits[event.key.rule], case .number(let value) = event.value, !value.isNaN {
            episode.isHigh = limit.above.map { value > $0 } ?? false
            episode.extreme = value
            followed[event.key.series, default: []].insert(event.key)
        }
        open[event.key] = episode
    }

    private mutating func end(_ key: AlarmKey, at moment: Int64) {
        guard let episode = open.removeValue(forKey: key) else { return }
        followed[key.series]?.remove(key)
        add(key, episode, ended: moment, duration: moment - episode.raised)
    }

    /// The replay has come to its end.
    mutating func finish(at moment: Int64) {
        for (key, episode) in open.sorted(by: { $0.key < $1.key }) {
            add(key, episode, ended: nil, duration: moment - episode.raised)
        }
        open.removeAll()
    }

    private mutating func add(_ key: AlarmKey, _ episode: Open, ended: Int64?, duration: Int64) {
        let isKept = kept[key.rule, default: 0] < ReplayReport.Rule.mostEpisodes
        if isKept { kept[key.rule, default: 0] += 1 }
        let none = ReplayReport.Alarm(series: key.series, first: episode.raised, last: episode.raised)
        alarms[key, default: none].add(
            .init(raised: episode.raised, ended: ended, worst: episode.worst), duration, isKept: isKept)
        note(key.rule, episode, duration)
    }

    private mutating func note(_ rule: String, _ episode: Open, _ duration: Int64) {
        extremes[rule, default: Extremes()].durations.add(Double(duration))
        guard !episode.extreme.isNaN else { return }
        if episode.isHigh {
            extremes[rule]?.peaks.add(episode.extreme)
        } else {
            extremes[rule]?.troughs.add(episode.extreme)
        }
    }

    func report(_ rule: AlarmRule) -> ReplayReport.Rule {
        var report = ReplayReport.Rule(name: rule.name)
        report.alarms = alarms.filter { $0.key.rule == rule.name }.map(\.value)
            .sorted { ($1.count, $0.series) < ($0.count, $1.series) }
        report.leftOut = report.count - report.alarms.reduce(0) { $0 + $1.episodes.count }
        return report
    }
}

extension ReplayReport.Alarm {
    fileprivate mutating func add(_ episode: ReplayReport.Episode, _ duration: Int64, isKept: Bool) {
        count += 1
        worst = max(worst, episode.worst)
        total += duration
        longest = max(longest, duration)
        last = episode.raised
        stands = episode.ended == nil
        if isKept { episodes.append(episode) }
    }
}
