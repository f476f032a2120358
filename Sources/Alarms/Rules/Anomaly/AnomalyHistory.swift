import Readings
import Synchronization

/// What the thread that reads a series has of it for an anomaly rule.
final class AnomalyHistory {
    private let rule: Anomaly
    private let learner: Learner
    private let score: SeriesID?
    private var means: MinuteMeans
    private var hours: LocalHours
    /// Of the reading before.
    private var lastTime: Int64?
    /// What the detector was given last, and why that is not as usual.
    private(set) var shown = 0.0
    private(set) var finding: Finding?
    /// Scores that nobody has taken yet.
    private(set) var scores: [Reading] = []

    init(_ rule: Anomaly, learner: Learner, score: SeriesID?, hours: LocalHours) {
        self.rule = rule
        self.learner = learner
        self.score = score
        self.hours = hours
        means = MinuteMeans(width: max(1, rule.every / 1000))
    }

    /// Nil: nothing new is known. `time` is the reading's own, in microseconds.
    func level(of value: Double, at time: Int64, current: UInt8) -> UInt8? {
        guard value.isFinite else { return nil }
        guard rule.every > 0 else { return judge(value, time, current) }
        defer { lastTime = time }
        guard isSlow(time), means.count <= 1 else {
            return means.take(value, at: time).flatMap { judge($0.value, $0.time, current) }
        }
        let before = means.finish().flatMap { judge($0.value, $0.time, current) }
        return judge(value, time, before ?? current)
    }

    func takeScores(into others: inout [Reading]) {
        others += scores
        scores.removeAll(keepingCapacity: true)
    }

    /// They come so seldom that there is nothing to take the mean of: each is of use at once.
    private func isSlow(_ time: Int64) -> Bool {
        guard let lastTime else { return false }
        let (gap, isHuge) = time.subtractingReportingOverflow(lastTime)
        return time > lastTime && (isHuge || gap >= means.width / 4 * 3)
    }

    private func judge(_ value: Double, _ time: Int64, _ current: UInt8) -> UInt8? {
        let verdict = learner.take(value, at: time, hour: hours.hour(at: time))
        shown = value
        finding = verdict.reason.map { .anomaly($0) }
        if let score {
            scores.append(
                Reading(series: score, time: Timestamp(microseconds: time), value: .number(verdict.score)))
        }
        return rule.level(of: verdict, stands: current > 0)
    }
}

/// A detector that its thread lends to whoever saves what was learnt: locked once for each number that it is given, which is
/// one a minute as a rule.
final class Learner: Sendable {
    private let detector: Mutex<AnomalyDetector>

    init(_ detector: AnomalyDetector) { self.detector = Mutex(detector) }

    func take(_ value: Double, at time: Int64, hour: HourOfDay) -> AnomalyVerdict {
        detector.withLock { $0.take(value, at: time, hour: hour) }
    }

    var state: AnomalyDetector { detector.withLock { $0 } }

    var readings: Int64 { detector.withLock { $0.readings } }
}

/// The hour of the day where the gateway is. Its clocks are asked once for each quarter of an hour: they are put forward and
/// back at no other times.
struct LocalHours {
    private static let quarter: Int64 = 900_000_000

    /// Seconds ahead of UTC at a time.
    private let offset: @Sendable (Int64) -> Int
    private var known: (quarter: Int64, offset: Int)?

    init(_ offset: @escaping @Sendable (Int64) -> Int) { self.offset = offset }

    mutating func hour(at time: Int64) -> HourOfDay {
        let quarter = time / Self.quarter - (time % Self.quarter < 0 ? 1 : 0)
        if let known, known.quarter == quarter { return HourOfDay(at: time, offset: known.offset) }
        let offset = offset(time)
        known = (quarter, offset)
        return HourOfDay(at: time, offset: offset)
    }
}
