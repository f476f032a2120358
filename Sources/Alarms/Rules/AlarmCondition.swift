import Readings

/// What a rule looks for. A kind is a folder beside this file, a line here, and what the compiler then asks for.
public enum AlarmCondition: Sendable, Hashable {
    case limits(Limits)
    case band(Band)
    case equality(Equality)
    case rate(RateLimit)
    case change(ChangeLimit)
    case unchanged(Unchanged)
    case staleness(Staleness)
    case badQuality(BadQuality)
    case deviation(Deviation)
    case count(CountLimit)
    case vote(Vote)
    case anomaly(Anomaly)
    case zscore(ZScore)
    case forecast(Forecast)
    case model(ModelRule)

    /// The least bad level that it can raise.
    public var lowestLevel: AlarmLevel {
        switch self {
        case .limits(let limits): limits.lowestLevel
        case .band(let band): band.level
        case .equality(let equality): equality.level
        case .rate(let rate): rate.level
        case .change(let change): change.level
        case .unchanged(let unchanged): unchanged.level
        case .staleness(let staleness): staleness.level
        case .badQuality(let quality): quality.level
        case .deviation(let deviation): deviation.level
        case .count(let count): count.level
        case .vote(let vote): vote.level
        case .anomaly: .notice
        case .zscore(let zscore): zscore.level
        case .forecast(let forecast): forecast.level
        case .model(let model): model.level
        }
    }

    /// Of the level that it has raised; nil where it has none, or none that is a number.
    public func limit(at level: AlarmLevel, value: Value) -> Double? {
        switch self {
        case .limits(let limits): limits.limit(at: level, value: value)
        case .band(let band): band.limit(value: value)
        case .equality(let equality): equality.limit
        case .rate(let rate): rate.number
        case .change(let change): change.above
        case .count(let count): count.limit
        case .deviation(let deviation): deviation.above
        case .zscore(let zscore): zscore.limit
        case .forecast(let forecast): forecast.limit
        case .model(let model): model.above
        case .unchanged, .staleness, .badQuality, .vote, .anomaly: nil
        }
    }

    /// What stands behind the name of the series in a message.
    func complaint(
        _ reading: Reading, _ value: String, at level: AlarmLevel, _ finding: Finding? = nil,
        offset: (Int64) -> Int = { _ in 0 }
    ) -> String {
        switch self {
        case .limits, .band, .equality, .rate, .change, .unchanged, .deviation, .count, .anomaly, .zscore, .forecast:
            if reading.isBad { return "has no good value: \(reading.quality.name)" }
        case .staleness, .badQuality, .vote, .model: break
        }
        return switch self {
        case .limits(let limits): limits.complaint(value, at: level, limit(at: level, value: reading.value))
        case .band(let band): band.complaint(value)
        case .equality(let equality): equality.complaint(value)
        case .rate(let rate): rate.complaint(finding)
        case .change(let change): change.complaint(value)
        case .unchanged(let unchanged): unchanged.complaint(value)
        case .staleness(let staleness): staleness.complaint
        case .badQuality: "has no good value: \(reading.quality.name)"
        case .deviation(let deviation): deviation.complaint(value)
        case .count(let count): count.complaint
        case .vote(let vote): vote.complaint
        case .anomaly(let anomaly): anomaly.complaint(value, finding)
        case .zscore(let zscore): zscore.complaint(value, finding)
        case .forecast(let forecast): forecast.complaint(value, finding, at: reading.time.microseconds, offset)
        case .model(let model): model.complaint(value, finding)
        }
    }

    /// Readings that it raises the alarm for, to try it with.
    var provocation: [Provocation] {
        switch self {
        case .limits(let limits): [Provocation(.number(limits.provocation))]
        case .band(let band): [Provocation(.number(band.provocation))]
        case .equality(let equality): [Provocation(equality.provocation)]
        case .rate(let rate): rate.provocation
        case .change(let change): [Provocation(.number(0)), Provocation(.number(Provocation.past(change.above)))]
        case .unchanged(let unchanged): [Provocation(.number(0)), Provocation(.number(0), after: unchanged.duration)]
        case .staleness: [Provocation(.absent, .stale)]
        case .badQuality: [Provocation(.absent, .communicationError)]
        case .count(let count): Array(repeating: Provocation(.number(count.provocation)), count: count.count)
        case .anomaly(let anomaly): anomaly.provocation
        case .zscore(let zscore): zscore.provocation
        case .forecast(let forecast): forecast.provocation
        case .deviation, .vote, .model: []
        }
    }
}

/// A made up reading, so many nanoseconds after the one before.
struct Provocation {
    var value: Value
    var quality: Quality
    var after: Int64

    init(_ value: Value, _ quality: Quality = .good, after: Int64 = 1) {
        self.value = value
        self.quality = quality
        self.after = after
    }

    /// Clearly over a number, however large it is.
    static func past(_ number: Double) -> Double { number + max(1, abs(number) / 100) }
}
