import Alarms
import Payloads
import Readings

extension AlarmRule {
    /// A line of `outpost check`.
    func summary() -> String {
        let subject = series.map { "\($0)  " } ?? ""
        let delay = onDelay > 0 ? " for \(DurationText.write(.nanoseconds(onDelay)))" : ""
        let end = actions.isEmpty ? "" : ": \(actions.joined(separator: ", "))"
        return "alarm       \(name): \(subject)\(condition.summary)\(delay)\(end)\n"
    }
}

extension AlarmCondition {
    fileprivate var summary: String {
        switch self {
        case .limits(let limits): limits.summary
        case .band(let band):
            "\(band.isOutside ? "outside" : "inside") of \(text(band.range.lowerBound)) to \(text(band.range.upperBound))"
        case .equality(let equality):
            (equality.isNegated ? "not " : "")
                + equality.values.map { MessageTemplate.text($0) }.joined(separator: " or ")
        case .rate(let rate): "changes by more than \(text(rate.number)) per \(rate.unit.rawValue)"
        case .change(let change): "changes by more than \(text(change.above)) at once"
        case .unchanged(let unchanged): "unchanged for \(DurationText.write(.nanoseconds(unchanged.duration)))"
        case .staleness(let staleness): "no reading for \(DurationText.write(.nanoseconds(staleness.duration)))"
        case .badQuality: "no good value"
        case .deviation(let deviation): "more than \(text(deviation.above)) from \(deviation.from)"
        case .count(let count):
            "\(count.count) times \(count.above.map { "above \(text($0))" } ?? "below \(text(count.below ?? 0))") within "
                + DurationText.write(.nanoseconds(count.window))
        case .vote(let vote): vote.summary
        case .anomaly(let anomaly):
            "not as usual (sensitivity \(anomaly.sensitivity.rawValue), "
                + (anomaly.every > 0
                    ? "the mean of every \(DurationText.write(.nanoseconds(anomaly.every))))" : "each reading)")
        case .zscore(let zscore):
            "\(text(zscore.limit)) standard deviations from the mean of \(DurationText.write(.nanoseconds(zscore.window)))"
        case .forecast(let forecast):
            "reaches \(text(forecast.limit)) within \(DurationText.write(.nanoseconds(forecast.within)))"
        case .model(let model):
            "\(model.file) scores more than \(text(model.above)), of \(model.inputs.map(\.description).joined(separator: ", "))"
        }
    }

    private func text(_ number: Double) -> String { MessageTemplate.text(number) }
}

extension Limits {
    fileprivate var summary: String {
        limits.map { limit in
            let parts = [
                limit.above.map { "above \(MessageTemplate.text($0))" },
                limit.below.map { "below \(MessageTemplate.text($0))" },
            ]
            return "\(limit.level.name) \(parts.compactMap(\.self).joined(separator: " or "))"
        }.joined(separator: ", ")
    }
}

extension Vote {
    fileprivate var summary: String {
        let names = rules.joined(separator: ", ")
        return switch kind {
        case .all: "all of \(names)"
        case .atLeast(let number): "\(number) or more of \(names)"
        case .none: "none of \(names)"
        }
    }
}
