import Readings

/// What a rule has found that the value of the reading does not say: numbers only, the text is made for those who ask.
public enum Finding: Sendable, Hashable {
    case anomaly(AnomalyReason)
    /// How many standard deviations from the mean.
    case zscore(Double)
    /// When the limit is reached, in microseconds since 1970; nil: it has been.
    case forecast(reaches: Int64?)
    case rate(Double)
    /// Of a model: there is none that can be used.
    case noModel
    case missing(input: SeriesName)

    /// What was compared with the limit of the rule.
    public var measure: Double? {
        switch self {
        case .zscore(let number), .rate(let number): number
        case .anomaly, .forecast, .noModel, .missing: nil
        }
    }
}
