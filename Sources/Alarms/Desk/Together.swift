import Readings

/// What the desk knows of series that matter for several.
struct TogetherState {
    struct Latest {
        var reading: Reading
        var freshness: Freshness
    }

    /// What a series is to the rules, each by its number.
    struct Role {
        var name: SeriesName
        /// Whether they mean anything.
        var enables: [Int] = []
        /// It is what they compare.
        var deviates: [Int] = []
        /// It is what they compare with.
        var isReference: [Int] = []
    }

    var roles: [SeriesID: Role] = [:]
    var latest: [SeriesName: Latest] = [:]
    /// For series that several threads bring.
    var share: AlarmShare?
}

/// Rules that take more than one series to tell.
extension AlarmDesk {
    mutating func takeTogether(_ forwarded: ForwardedReading, _ moment: Moment) {
        let reading = forwarded.reading
        guard let role = role(of: reading.series) else { return }
        if board.isShared(reading.series) { takeShared(forwarded, moment) }
        guard let lag = note(forwarded, role.name) else { return }
        for rule in role.enables where lag == 0 {
            enable(rule, board.rules[rule].enabledWhen?.isEnabled(by: reading) ?? true, moment)
        }
        for rule in role.deviates { compare(rule, role.name, forwarded, lag, moment) }
        for rule in role.isReference {
            let series = Set(alarmsOfRule[rule].compactMap { SeriesName(alarms[$0].key.series) })
                .union(waiting(for: rule))
            for name in series { compare(rule, name, forwarded, lag, moment) }
        }
    }

    /// Series that came before what they are compared with.
    private func waiting(for rule: Int) -> [SeriesName] {
        together.latest.keys.filter { board.rules[rule].series?.matches($0) ?? false }
    }

    private mutating func role(of id: SeriesID) -> TogetherState.Role? {
        if let known = together.roles[id] { return known }
        guard let name = board.catalogue.definition(of: id)?.name else { return nil }
        var role = TogetherState.Role(name: name)
        for (index, rule) in board.rules.enumerated() {
            if rule.enabledWhen?.series == name { role.enables.append(index) }
            guard case .deviation(let deviation) = rule.condition else { continue }
            if rule.series?.matches(name) ?? false { role.deviates.append(index) }
            if deviation.from == name { role.isReference.append(index) }
        }
        together.roles[id] = role
        return role
    }

    /// How old it is, 0 for the present; nil where something newer is known.
    private mutating func note(_ forwarded: ForwardedReading, _ name: SeriesName) -> Int64? {
        let arrival = forwarded.arrival
        var latest =
            together.latest[name]
            ?? TogetherState.Latest(
                reading: forwarded.reading, freshness: Freshness(now: arrival.now / 1000, wall: arrival.wall))
        var lag: Int64 = 0
        if arrival.hasOwnTime {
            let time = forwarded.reading.time.microseconds
            switch latest.freshness.judge(time: time, now: arrival.now / 1000, maxAge: board.maxAge) {
            case .present: break
            case .late(let moment): lag = arrival.now - moment * 1000
            case .old: return nil
            }
        }
        latest.reading = forwarded.reading
        together.latest[name] = latest
        return lag
    }

    /// The desk is a thread like the others for a series that several of them bring.
    private mutating func takeShared(_ forwarded: ForwardedReading, _ moment: Moment) {
        let share = together.share ?? AlarmShare(AlarmBoard.desk, board)
        together.share = share
        // How its alarms are now is where it begins.
        if !share.knows(forwarded.reading.series) { board.note(alarms.map(\.condition.raw)) }
        share.take(forwarded.reading, forwarded.arrival)
        for edge in share.takeEdges() { take(edge, moment) }
    }

    // MARK: - Deviation

    private mutating func compare(
        _ rule: Int, _ series: SeriesName, _ forwarded: ForwardedReading, _ lag: Int64, _ moment: Moment
    ) {
        guard case .deviation(let deviation) = board.rules[rule].condition,
            let own = together.latest[series]?.reading, let other = together.latest[deviation.from]?.reading
        else { return }
        let number = board.number(
            rule: rule, series: board.catalogue.definition(named: series), now: forwarded.arrival.now)
        meet(through: Int(number))
        let alarm = alarms[Int(number)]
        let level = level(own, other, deviation, board.rules[rule].whenBad, alarm.condition.raw)
        guard level != alarm.condition.raw || alarm.isLate && level > 0 && lag == 0 else { return }
        let shown = own.isBad || !other.isBad ? own : other
        take(
            AlarmEdge(
                alarm: number, share: AlarmBoard.desk, level: level, reading: shown, arrival: forwarded.arrival,
                lag: lag), moment)
    }

    private func level(
        _ own: Reading, _ other: Reading, _ deviation: Deviation, _ whenBad: AlarmRule.WhenBad, _ current: UInt8
    ) -> UInt8 {
        let raised = deviation.level.rawValue
        guard !own.isBad, !other.isBad, case .number(let value) = own.value, case .number(let reference) = other.value
        else {
            return switch whenBad {
            case .hold: current
            case .alarm: raised
            case .clear: 0
            }
        }
        return deviation.isRaised(by: value, reference: reference, stands: current > 0) ? raised : 0
    }

    // MARK: - Enabling

    private mutating func enable(_ rule: Int, _ isEnabled: Bool, _ moment: Moment) {
        guard isEnabled != self.isEnabled[rule] else { return }
        self.isEnabled[rule] = isEnabled
        for index in alarmsOfRule[rule] {
            let wasHeard = alarms[index].life.state != .normal
            alarms[index].aside.isSuppressed = !isEnabled
            if isEnabled { comeBack(index, .enabled, moment) } else { goIdle(index, .suppressed, moment, wasHeard) }
            schedule(index)
        }
    }

    /// From now on its condition is not followed.
    mutating func goIdle(
        _ index: Int, _ change: AlarmEvent.Change, _ moment: Moment, _ isRecorded: Bool, by wish: Aside.Wish? = nil
    ) {
        alarms[index].followed = 0
        alarms[index].life.setAside()
        if isRecorded { emit(index, change, moment, by: wish) }
        for rule in votes(over: alarms[index].rule) { countVotes(over: rule, moment) }
    }

    /// Its condition is followed again: what it is at has to last as long as ever.
    mutating func comeBack(
        _ index: Int, _ change: AlarmEvent.Change, _ moment: Moment, by wish: Aside.Wish? = nil
    ) {
        if alarms[index].condition.raw > 0 || wish != nil { emit(index, change, moment, by: wish) }
        guard !alarms[index].aside.isIdle else { return }
        alarms[index].condition.restart(at: moment.now - alarms[index].lag)
        follow(index, moment)
    }

    // MARK: - Votes

    /// The rules that look at alarms of a rule.
    func votes(over rule: Int) -> [Int] {
        let name = board.rules[rule].name
        return board.rules.indices.filter {
            if case .vote(let vote) = board.rules[$0].condition { vote.rules.contains(name) } else { false }
        }
    }

    mutating func countVotes(over rule: Int, _ moment: Moment) {
        guard case .vote(let vote) = board.rules[rule].condition, let index = alarmsOfRule[rule].first else { return }
        let counts = vote.rules.map { name -> (standing: Int, all: Int) in
            guard let member = board.rules.firstIndex(where: { $0.name == name }) else { return (0, 0) }
            return (alarmsOfRule[member].count { alarms[$0].followed > 0 }, alarmsOfRule[member].count)
        }
        let level = vote.isRaised(by: counts) ? vote.level.rawValue : 0
        guard level != alarms[index].condition.raw else { return }
        let reading = Reading(
            series: SeriesID(.max), time: Timestamp(microseconds: moment.wall), value: .absent, quality: .good)
        take(
            AlarmEdge(
                alarm: Int32(index), share: AlarmBoard.desk, level: level, reading: reading,
                arrival: Arrival(now: moment.cause ?? moment.now, wall: moment.wall), lag: 0), moment)
    }
}
