import Readings

/// One rule on one series, as the thread that reads the series sees it.
struct Watch {
    /// What of the rule is needed for each reading, and what it has to remember.
    enum Evaluator {
        case band(Band, UInt8)
        case equality(Equality, UInt8)
        case rate(RateHistory, UInt8)
        case change(ChangeHistory, UInt8)
        case unchanged(UnchangedHistory, UInt8)
        case staleness(SignOfLife, UInt8)
        case badQuality(UInt8)
        case count(CountHistory, UInt8)
        case anomaly(AnomalyHistory)
        case zscore(ZScoreHistory, UInt8)
        case forecast(ForecastHistory, UInt8)
    }

    /// Well again, whatever was told last: the desk has seen by itself that it was not.
    static let isBack: UInt8 = 255

    let number: Int32
    let whenBad: AlarmRule.WhenBad
    let lowest: UInt8
    let evaluator: Evaluator
    /// What was told last, and whether old readings led to it.
    var level: UInt8
    var isLate: Bool

    /// The level that the reading is at, 0 for none, or `isBack`; nil: it does not tell.
    func level(of reading: borrowing Reading, isBad: Bool, moment: Int64, now: Int64) -> UInt8? {
        switch evaluator {
        case .staleness(let sign, let own):
            if reading.quality == .stale { return sign.miss(after: .max) ? own : level }
            // What cannot be read is no sign of life, and none of the contrary: time tells.
            return isBad ? nil : sign.give(now) ? Self.isBack : 0
        case .badQuality(let own): return isBad ? own : 0
        case .unchanged(let history, let own) where !isBad:
            return history.isRaised(by: reading.value, at: moment).map { $0 ? own : 0 }
        case .equality(let equality, let own) where !isBad: return equality.isRaised(by: reading.value) ? own : 0
        default: break
        }
        // A text where a number is compared says no more than no value.
        guard !isBad, case .number(let number) = reading.value else {
            return whenBad.level(current: level, lowest: lowest)
        }
        let stands = level > 0
        return switch evaluator {
        case .band(let band, let own): band.isRaised(by: number, stands: stands) ? own : 0
        case .rate(let history, let own):
            history.isRaised(by: number, at: moment, stands: stands).map { $0 ? own : 0 }
        case .change(let history, let own): history.isRaised(by: number).map { $0 ? own : 0 }
        case .count(let history, let own): history.isRaised(by: number, at: moment).map { $0 ? own : 0 }
        case .anomaly(let history): history.level(of: number, at: reading.time.microseconds, current: level)
        case .zscore(let history, let own): history.isRaised(by: number, at: moment).map { $0 ? own : 0 }
        case .forecast(let history, let own):
            history.isRaised(by: number, at: moment, time: reading.time.microseconds, stands: stands)
                .map { $0 ? own : 0 }
        case .equality, .unchanged, .staleness, .badQuality: level
        }
    }

    /// What led to the last level.
    var finding: Finding? {
        switch evaluator {
        case .anomaly(let history): history.finding
        case .zscore(let history, _): history.finding
        case .forecast(let history, _): history.finding
        case .rate(let history, _): history.finding
        case .band, .equality, .change, .unchanged, .staleness, .badQuality, .count: nil
        }
    }

    /// A mean is what was looked at, not the reading that it was made with.
    func shown(for reading: borrowing Reading) -> Reading {
        guard case .anomaly(let history) = evaluator, !reading.isBad else { return copy reading }
        var shown = copy reading
        shown.value = .number(history.shown)
        return shown
    }

    var hasScores: Bool {
        if case .anomaly(let history) = evaluator { !history.scores.isEmpty } else { false }
    }

    func takeScores(into others: inout [Reading]) {
        if case .anomaly(let history) = evaluator { history.takeScores(into: &others) }
    }
}
