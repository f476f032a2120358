import Readings

/// What happens at the desk because time passes.
extension AlarmDesk {
    /// When `tick` has something to do; `.max`: never.
    public var nextDue: Int64 { min(dues.earliest, flood.due ?? .max) }

    public mutating func tick(now: Int64, wall: Int64) {
        let moment = Moment(now: now, wall: wall)
        meetAll(moment)
        var next = dues.first(from: 0, at: now)
        while let index = next {
            elapse(index, moment)
            next = dues.first(from: index + 1, at: now)
        }
        if let due = flood.due, due <= now { summarize(moment) }
    }

    private mutating func elapse(_ index: Int, _ moment: Moment) {
        var moment = moment
        moment.cause = dues[index]
        unshelveInTime(index, moment)
        miss(index, moment)
        scoreInTime(index, moment)
        alarms[index].condition.advance(to: moment.now - alarms[index].lag)
        follow(index, moment)
        if alarms[index].chatter.settles(at: moment.now - alarms[index].lag) {
            emit(index, .settled, moment)
            live(index, alarms[index].followed, moment)
            vote(index, moment)
        }
        if let due = alarms[index].repeatDue, due <= moment.now { `repeat`(index, moment) }
        schedule(index)
    }

    private mutating func unshelveInTime(_ index: Int, _ moment: Moment) {
        guard let shelf = alarms[index].aside.shelf, shelf.until <= moment.now else { return }
        var moment = moment
        moment.cause = nil
        alarms[index].aside.shelf = nil
        emit(index, .unshelved, moment, by: .init(by: "", because: "the time is over"))
        announce(index, moment)
    }

    /// Nothing has come for too long.
    private mutating func miss(_ index: Int, _ moment: Moment) {
        guard let sign = alarms[index].sign, alarms[index].condition.raw == 0,
            case .staleness(let rule) = board.rules[alarms[index].rule].condition
        else { return }
        let last = sign.moment
        guard last + rule.duration <= moment.now, sign.miss(after: last) else { return }
        // As if a reading had said so when it was due.
        let due = min(moment.now, last + rule.duration)
        let wall = moment.wall - (moment.now - due) / 1000
        let reading = Reading(
            series: SeriesID(.max), time: Timestamp(microseconds: wall), value: .absent, quality: .stale)
        alarms[index].edge = AlarmEdge(
            alarm: Int32(index), share: AlarmBoard.desk, level: rule.level.rawValue, reading: reading,
            arrival: Arrival(now: due, wall: wall), lag: 0)
        alarms[index].lag = 0
        alarms[index].condition.set(rule.level.rawValue, at: due)
    }

    private mutating func `repeat`(_ index: Int, _ moment: Moment) {
        guard let interval = board.rules[alarms[index].rule].repeatEvery, alarms[index].life.state == .unacknowledged
        else {
            alarms[index].repeatDue = nil
            return
        }
        alarms[index].repeatDue = moment.now + interval
        if !alarms[index].aside.isAny { emit(index, .repeated, moment) }
    }

    /// Says when it is to be looked at again.
    mutating func schedule(_ index: Int) {
        let alarm = alarms[index]
        var due = min(alarm.repeatDue ?? .max, alarm.aside.shelf?.until ?? .max)
        if let settling = alarm.chatter.due { due = min(due, settling + alarm.lag) }
        if !alarm.aside.isIdle, let own = alarm.condition.due { due = min(due, own + alarm.lag) }
        if let sign = alarm.sign, alarm.condition.raw == 0,
            case .staleness(let rule) = board.rules[alarm.rule].condition
        {
            due = min(due, sign.moment + rule.duration)
        }
        if case .model = board.rules[alarm.rule].condition { due = min(due, modelDue(index)) }
        dues[index] = due
    }
}
