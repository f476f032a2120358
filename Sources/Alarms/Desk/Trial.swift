import Readings

/// An alarm that is tried: made up readings go through its real rule, and what that leads to goes to its real actions. The
/// alarm itself is not touched.
extension AlarmDesk {
    public struct Trial: Sendable {
        public let event: AlarmEvent
        /// Those that were asked to do something, by name.
        public let actions: [String]
        fileprivate let rule: Int
    }

    public enum TrialResult: Sendable {
        case begun(Trial)
        case refused(String)
    }

    /// `series` is that of the made up readings; nil: one that the rule is for.
    public mutating func begin(
        trialOf name: String, series: SeriesName?, by: String, now: Int64, wall: Int64
    ) -> TrialResult {
        guard let rule = board.rules.firstIndex(where: { $0.name == name }) else {
            return .refused("there is no alarm \(name)")
        }
        if let series, let glob = board.rules[rule].series, !glob.matches(series) {
            return .refused("\(name) is not for \(series)")
        }
        guard let (level, reading) = provoke(rule, now, wall) else {
            return .refused("\(name) raises no alarm for any reading that could be made up")
        }
        let subject = series?.description ?? someSeries(rule)
        let moment = Moment(now: now, wall: wall, cause: now)
        let event = event(rule, .raised, level, reading, subject, by, moment)
        let before = outbox.requests.count
        tryActions(rule, event, isOn: true, moment)
        return .begun(Trial(event: event, actions: outbox.requests[before...].map(\.action), rule: rule))
    }

    public mutating func end(_ trial: Trial, now: Int64, wall: Int64) {
        let level = trial.event.level
        let reading = Reading(series: SeriesID(.max), time: Timestamp(microseconds: wall), value: .absent)
        let moment = Moment(now: now, wall: wall)
        let event = event(trial.rule, .cleared, level, reading, trial.event.key.series, trial.event.by, moment)
        tryActions(trial.rule, event, isOn: false, moment)
    }

    private func someSeries(_ rule: Int) -> String {
        alarmsOfRule[rule].first.map { alarms[$0].key.series } ?? board.rules[rule].series?.description ?? ""
    }

    private mutating func event(
        _ rule: Int, _ change: AlarmEvent.Change, _ level: AlarmLevel, _ reading: Reading, _ series: String,
        _ by: String, _ moment: Moment
    ) -> AlarmEvent {
        let condition = board.rules[rule].condition
        let value = MessageTemplate.text(reading.value)
        var event = AlarmEvent(
            number: nextNumber, key: AlarmKey(rule: board.rules[rule].name, series: series), change: change,
            state: .normal, level: level, value: reading.value, quality: reading.quality,
            limit: condition.limit(at: level, value: reading.value),
            message: change == .raised
                ? "a trial: \(series) \(condition.complaint(reading, value, at: level))" : "the trial is over",
            time: moment.wall, arrived: moment.wall, decided: moment.wall)
        event.isTest = true
        event.by = by
        nextNumber += 1
        outbox.events.append(event)
        return event
    }

    /// The level that the rule comes to, and the reading that led to it.
    private func provoke(_ rule: Int, _ now: Int64, _ wall: Int64) -> (AlarmLevel, Reading)? {
        let condition = board.rules[rule].condition
        func reading(_ value: Value, _ quality: Quality = .good, after: Int64 = 0) -> Reading {
            let time = Timestamp(microseconds: wall.addingReportingOverflow(after / 1000).partialValue)
            return Reading(series: SeriesID(.max), time: time, value: value, quality: quality)
        }
        switch condition {
        case .deviation(let deviation):
            let value = Provocation.past(deviation.above)
            return deviation.isRaised(by: value, reference: 0, stands: false)
                ? (deviation.level, reading(.number(value))) : nil
        case .model(let model): return (model.level, reading(.number(Provocation.past(model.above))))
        case .vote(let vote):
            let counts = vote.rules.map { _ in vote.kind == .none ? (standing: 0, all: 1) : (standing: 1, all: 1) }
            return vote.isRaised(by: counts) ? (vote.level, reading(.absent)) : nil
        default: break
        }
        var level: UInt8 = 0
        var moment = now
        let watch = board.rules[rule].watch(0, WatchTools(sign: SignOfLife(now)), level: 0)
        for step in condition.provocation {
            moment += step.after
            let made = reading(step.value, step.quality, after: moment - now)
            switch watch {
            case .limits(let watch)?: if case .number(let number) = step.value { level = watch.level(of: number) }
            case .other(var watch)?:
                watch.level = level
                level = watch.level(of: made, isBad: made.isBad, moment: moment, now: moment) ?? level
            case nil: return nil
            }
            if let level = AlarmLevel(rawValue: level) { return (level, made) }
        }
        return nil
    }
}
