/// The range in which a view of a signal has lived so far.
struct Envelope: Sendable {
    /// A range of fewer values says nothing.
    private static let fewest = 100.0

    var count = 0.0
    var low = 0.0
    var high = 0.0
    var mean = 0.0

    /// How far outside, in widths of the range.
    @inline(__always)
    func distance(of value: Double) -> Double {
        guard count >= Self.fewest, value > high || value < low, high > low else { return 0 }
        return (value > high ? value - high : low - value) / (high - low)
    }

    /// Takes a value in, and draws a side that it does not touch a little towards the mean.
    @inline(__always)
    mutating func learn(_ value: Double, shrink: Double) {
        if count == 0 { (low, high, mean) = (value, value, value) }
        mean += (value - mean) * max(1 / (count + 1), shrink)
        high = value > high ? value : high - shrink * (high - mean)
        low = value < low ? value : low + shrink * (mean - low)
        count += 1
    }

    /// After an alert, the sides at which the value is: what was told once is not told for the same again.
    mutating func widen(at value: Double) {
        let margin = 0.05 * (high - low)
        let (isHigh, isLow) = (value >= high, value <= low)
        if isHigh { high += margin }
        if isLow { low -= margin }
    }
}

/// What the five views show of a reading; nil where one has not seen enough to show anything.
struct EnvelopeViews {
    var level: Double
    var jump: Double
    var daily: Double?
    var average: Double?
    var activity: Double?
}

/// The ranges of all five views.
struct EnvelopeRanges: Sendable {
    struct Found {
        var distance = 0.0
        var reason: AnomalyReason?
    }

    var level = Envelope()
    var jump = Envelope()
    var daily = Envelope()
    var average = Envelope()
    var activity = Envelope()

    /// The view that is furthest outside of its range.
    @inline(__always)
    func furthest(_ views: EnvelopeViews) -> Found {
        var found = Found()
        Self.compare(.level, views.level, level, &found)
        Self.compare(.jump, views.jump, jump, &found)
        if let value = views.daily { Self.compare(.daily, value, daily, &found) }
        if let value = views.average { Self.compare(.average, value, average, &found) }
        if let value = views.activity { Self.compare(.activity, value, activity, &found) }
        return found
    }

    @inline(__always)
    private static func compare(_ channel: AnomalyChannel, _ value: Double, _ range: Envelope, _ found: inout Found) {
        let distance = range.distance(of: value)
        guard distance > found.distance else { return }
        found.distance = distance
        found.reason = AnomalyReason(channel: channel, value: value, low: range.low, high: range.high)
    }

    @inline(__always)
    mutating func learn(_ views: EnvelopeViews, shrink: Double) {
        level.learn(views.level, shrink: shrink)
        jump.learn(views.jump, shrink: shrink)
        if let value = views.daily { daily.learn(value, shrink: shrink) }
        if let value = views.average { average.learn(value, shrink: shrink) }
        if let value = views.activity { activity.learn(value, shrink: shrink) }
    }

    mutating func widen(_ views: EnvelopeViews) {
        level.widen(at: views.level)
        jump.widen(at: views.jump)
        if let value = views.daily { daily.widen(at: value) }
        if let value = views.average { average.widen(at: value) }
        if let value = views.activity { activity.widen(at: value) }
    }
}
