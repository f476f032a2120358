import Readings

/// What the desk knows of series that matter for several.
struct TogetherState {
    struct Latest {
        var reading: Reading
        var freshness: Freshness
        /// How old it was when it came in, where it was late.
        var lag: Int64 = 0
        /// When that was, by the clock that does not jump.
        var arrived: Int64 = 0
    }

    /// What a series is to the rules, each by its number.
    struct Role {
        var name: SeriesName
        /// Whether they mean anything.
        var enables: [Int] = []
        /// It is what they compare, and the alarm of that.
        var deviates: [(rule: Int, alarm: Int)] = []
        /// It is what they compare with.
        var isReference: [Int] = []
        /// The models that it is an input of, by their places.
        var feeds: [Int] = []
    }

    var roles: [SeriesID: Role] = [:]
    var latest: [SeriesName: Latest] = [:]
    /// By rule: the series that it compares, in the order in which they came.
    var members: [Int: [(series: SeriesName, alarm: Int)]] = [:]
    var models: [ModelState] = []
    /// How many scores have led to one another.
    var scoreDepth = 0
    /// For series that several threads bring.
    var share: AlarmShare?
}

/// Rules that take more than one series to tell.
extension AlarmDesk {
    mutating func takeTogether(_ forwarded: ForwardedReading, _ moment: Moment) {
        let reading = forwarded.reading
        guard let role = role(of: reading.series, moment) else { return }
        if board.isShared(reading.series) { takeShared(forwarded, moment) }
        guard let lag = note(forwarded, role.name) else { return }
        // However old, it is the latest that is known.
        for rule in role.enables {
            enable(rule, board.rules[rule].enabledWhen?.isEnabled(by: reading) ?? true, moment)
        }
        for (rule, alarm) in role.deviates { compare(rule, alarm, role.name, forwarded, lag, moment) }
        for rule in role.isReference {
            for member in together.members[rule] ?? [] {
                compare(rule, member.alarm, member.series, forwarded, lag, moment)
            }
        }
        for model in role.feeds { feed(model, forwarded, moment) }
    }

    /// All of its readings come here, whoever watches it.
    func isForwarded(_ id: SeriesID) -> Bool {
        together.roles[id].map {
            !$0.enables.isEmpty || !$0.deviates.isEmpty || !$0.isReference.isEmpty || !$0.feeds.isEmpty
        } ?? false
    }

    private mutating func role(of id: SeriesID, _ moment: Moment) -> TogetherState.Role? {
        if let known = together.roles[id] { return known }
        guard let name = board.catalogue.definition(of: id)?.name else { return nil }
        var role = TogetherState.Role(name: name)
        for (index, rule) in board.rules.enumerated() {
            if rule.enabledWhen?.series == name { role.enables.append(index) }
            guard case .deviation(let deviation) = rule.condition else { continue }
            if rule.series?.matches(name) ?? false {
                let number = board.number(rule: index, series: board.catalogue.definition(of: id), now: moment.now)
                role.deviates.append((index, Int(number)))
                together.members[index, default: []].append((name, Int(number)))
            }
            if deviation.from == name { role.isReference.append(index) }
        }
        role.feeds = together.models.indices.filter { together.models[$0].rule.inputs.contains(name) }
        together.roles[id] = role
        meetAll(moment)
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
            case .late(_, let behind): lag = behind * 1000
            case .old: return nil
            }
        }
        (latest.reading, latest.lag, latest.arrived) = (forwarded.reading, lag, arrival.now)
        together.latest[name] = latest
        return lag
    }

    /// The desk is a thread like the others for a series that several of them bring.
    mutating func takeShared(_ forwarded: ForwardedReading, _ moment: Moment) {
        let share = together.share ?? AlarmShare(AlarmBoard.desk, board)
        together.share = share
        // How its alarms are now is where it begins.
        if !share.knows(forwarded.reading.series) {
            board.note(forwarded.reading.series) { number in
                alarms.indices.contains(Int(number)) ? alarms[Int(number)].condition.raw : 0
            }
        }
        share.take(forwarded.reading, forwarded.arrival)
        let news = share.takeNews()
        for edge in news.edges { take(edge, moment) }
        for score in news.scores { takeScore(score, moment) }
    }

    /// Scores of scores of scores end somewhere.
    private static let deepestScore = 8

    /// What a rule has made is a reading like others: it is stored, and other rules look at it.
    mutating func takeScore(_ score: Reading, _ moment: Moment) {
        outbox.scores.append(score)
        guard together.scoreDepth < Self.deepestScore else { return }
        together.scoreDepth += 1
        defer { together.scoreDepth -= 1 }
        let arrival = Arrival(now: moment.now, wall: moment.wall)
        let forwarded = ForwardedReading(reading: score, arrival: arrival, share: AlarmBoard.desk)
        if !board.isShared(score.series) { takeShared(forwarded, moment) }
        takeTogether(forwarded, moment)
    }

    // MARK: - Deviation

    private mutating func compare(
        _ rule: Int, _ alarm: Int, _ series: SeriesName, _ forwarded: ForwardedReading, _ lag: Int64,
        _ moment: Moment
    ) {
        guard case .deviation(let deviation) = board.rules[rule].condition, let latest = together.latest[series],
            let other = together.latest[deviation.from]?.reading
        else { return }
        let (own, raw) = (latest.reading, alarms[alarm].condition.raw)
        guard let level = level(own, other, deviation, board.rules[rule].whenBad, raw) else { return }
        // What it is compared with may have been said long ago, and holds. What is compared may not.
        let lag = max(lag, latest.lag)
        guard level != raw || alarms[alarm].isLate && lag == 0 else { return }
        let shown = own.isBad || !other.isBad ? own : other
        take(
            AlarmEdge(
                alarm: Int32(alarm), share: AlarmBoard.desk, level: level, reading: shown, arrival: forwarded.arrival,
                lag: lag), moment)
    }

    /// Nil: it stays as it was.
    private func level(
        _ own: Reading, _ other: Reading, _ deviation: Deviation, _ whenBad: AlarmRule.WhenBad, _ current: UInt8
    ) -> UInt8? {
        let raised = deviation.level.rawValue
        guard !own.isBad, !other.isBad, case .number(let value) = own.value, case .number(let reference) = other.value
        else { return whenBad.level(current: current, lowest: raised) }
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
        alarms[index].isLate = false
        alarms[index].chatter = Chatter()
        alarms[index].life.setAside()
        if isRecorded { emit(index, change, moment, by: wish) }
        if isRecorded, change == .suppressed { alarms[index].aside.isSuppressionTold = true }
        vote(index, moment)
    }

    /// Its condition is followed again: what it is at has to last as long as ever.
    mutating func comeBack(
        _ index: Int, _ change: AlarmEvent.Change, _ moment: Moment, by wish: Aside.Wish? = nil
    ) {
        // Nobody has heard of most that are well, and then nobody has to.
        let isNews =
            wish != nil || alarms[index].condition.raw > 0 || alarms[index].life.state != .normal
            || alarms[index].aside.isSuppressionTold
        if change == .enabled { alarms[index].aside.isSuppressionTold = false }
        if isNews { emit(index, change, moment, by: wish) }
        guard !alarms[index].aside.isIdle else { return }
        alarms[index].condition.restart(at: moment.now - alarms[index].lag)
        follow(index, moment)
    }

    // MARK: - Votes

    /// How an alarm is has changed: those that look at it look again.
    mutating func vote(_ index: Int, _ moment: Moment) {
        count(index)
        for rule in votes(over: alarms[index].rule) { countVotes(over: rule, moment) }
    }

    /// There may be thousands under one vote: it is known how many of them stand without asking each.
    mutating func count(_ index: Int) {
        let alarm = alarms[index]
        votes[alarm.rule].remove(alarm.counted)
        alarms[index].counted = VoteCount(stands: alarm.followed > 0, isLate: alarm.isLate)
        votes[alarm.rule].add(alarms[index].counted)
    }

    /// The rules that look at alarms of a rule.
    func votes(over rule: Int) -> [Int] {
        let name = board.rules[rule].name
        return board.rules.indices.filter {
            if case .vote(let vote) = board.rules[$0].condition { vote.rules.contains(name) } else { false }
        }
    }

    mutating func countVotes(over rule: Int, _ moment: Moment) {
        guard case .vote(let vote) = board.rules[rule].condition, let index = alarmsOfRule[rule].first else { return }
        let members = vote.rules.map { name in board.rules.firstIndex { $0.name == name } }
        func isRaised(_ standing: (VoteCount) -> Int) -> Bool {
            vote.isRaised(
                by: members.map { member in
                    member.map { (standing(votes[$0]), alarmsOfRule[$0].count) } ?? (0, 0)
                })
        }
        let level = isRaised(\.standing) ? vote.level.rawValue : 0
        // Known for the present where those that old readings have led to make no difference.
        let isKnown = isRaised { $0.standing + $0.lateEnded } == isRaised { $0.standing - $0.lateStanding }
        guard level != alarms[index].condition.raw || alarms[index].isLate && isKnown else { return }
        let lags = isKnown ? [] : members.compactMap(\.self).flatMap { alarmsOfRule[$0] }.map { alarms[$0].lag }
        let lag = isKnown ? 0 : max(1, lags.max() ?? 0)
        let reading = Reading(
            series: SeriesID(.max), time: Timestamp(microseconds: moment.wall), value: .absent, quality: .good)
        take(
            AlarmEdge(
                alarm: Int32(index), share: AlarmBoard.desk, level: level, reading: reading,
                arrival: Arrival(now: moment.cause ?? moment.now, wall: moment.wall), lag: lag), moment)
    }
}
