/// What a forecast needs to remember of a series.
final class ForecastHistory {
    private let rule: Forecast
    private let stood: Bool
    private var trend: RobustTrend
    /// The limit is above the values, or below; nil: nobody knows.
    private var isLimitAbove: Bool?
    private(set) var finding: Finding?

    init(_ rule: Forecast, stood: Bool) {
        self.rule = rule
        self.stood = stood
        trend = RobustTrend(over: rule.over)
        switch rule.direction {
        case .rising: isLimitAbove = true
        case .falling: isLimitAbove = false
        case .either: isLimitAbove = nil
        }
    }

    /// Nil: too little is known yet. What stands goes once the limit is a quarter further away than it may be. `time` is the
    /// reading's own, in microseconds.
    func isRaised(by value: Double, at moment: Int64, time: Int64, stands: Bool) -> Bool? {
        guard value.isFinite else { return nil }
        trend.add(value, at: moment)
        if rule.direction == .either, !stands || isLimitAbove == nil { isLimitAbove = value < rule.limit }
        guard let isLimitAbove else { return nil }
        let isReached = isLimitAbove ? value >= rule.limit : value <= rule.limit
        if isReached, stands || rule.direction != .either {
            finding = .forecast(reaches: nil)
            return true
        }
        guard let line = trend.line else { return stood && stands ? nil : false }
        let sign: Double = isLimitAbove ? 1 : -1
        let (distance, speed) = ((rule.limit - line.value(at: moment)) * sign, line.slope * sign)
        guard speed > 0 else { return false }
        // The line may have reached it where the value has not.
        let nanoseconds = max(0, distance) / speed
        let most = Double(rule.within)
        guard nanoseconds <= (stands ? most * 1.25 : most) else { return false }
        finding = .forecast(reaches: time.addingReportingOverflow(Int64(nanoseconds / 1000)).partialValue)
        return true
    }
}
