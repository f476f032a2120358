import Readings

/// Where all that the shares tell comes together: the one owner of the life of every alarm. Events come out of it, and
/// requests to actions; it does nothing by itself and knows no clock. All times are nanoseconds by the clock that does not
/// jump, `wall` ones microseconds since 1970.
public struct AlarmDesk {
    public struct Options: Sendable {
        /// More new alarms than this in a minute are told of together.
        public var floodLimit: Int
        /// Told of floods, and of what is wrong with alarming itself.
        public var actions: [String]

        public init(floodLimit: Int = 20, actions: [String] = []) {
            self.floodLimit = floodLimit
            self.actions = actions
        }
    }

    struct Alarm {
        let key: AlarmKey
        let rule: Int
        let unit: String?
        let sign: SignOfLife?
        var condition: DelayedLevel
        var chatter = Chatter()
        var life: AlarmLife
        var aside = Aside()
        /// How far behind the present its condition is.
        var lag: Int64 = 0
        /// What has changed it last.
        var edge: AlarmEdge?
        /// Of the condition, after delays, as the alarm has followed it.
        var followed: UInt8 = 0
        var isLate = false
        var isFirst = false
        /// Worse than a notice, and not over yet: whoever was told of that is told of how it goes on.
        var isTold = false
        /// As votes have counted it.
        var counted = VoteCount()
        var repeatDue: Int64?
        var number: Int64 = 0
        var message = ""
        var since: Int64 = 0
    }

    /// The moment of a step.
    struct Moment {
        var now: Int64
        var wall: Int64
        /// When what leads to it came in, or was due; nil: somebody's wish.
        var cause: Int64?
    }

    /// Before anything that a reading can tell of.
    private static let longAgo: Int64 = .min / 4

    let board: AlarmBoard
    let options: Options
    let actions: [String: ActionTraits]
    /// As the numbers on the board.
    var alarms: [Alarm] = []
    /// By rule.
    var alarmsOfRule: [[Int]]
    /// By rule: its alarms, as votes count them.
    var votes: [VoteCount]
    /// By rule: what `enabled_when` says.
    var isEnabled: [Bool]
    /// By alarm: when something happens by itself; `.max`: nothing.
    var dues = DueTimes()
    var flood: Flood
    /// Actions that have not been told of single alarms of a flood.
    var flooded: Set<String> = []
    /// By action that moves something: the alarms that want it on.
    var holders: [String: Set<Int>] = [:]
    var together = TogetherState()
    /// By file.
    var models: [String: Model] = [:]
    var unsaved: Set<Int> = []
    var outbox = AlarmOutbox()
    var nextNumber: Int64
    private let restored: [AlarmKey: SavedAlarm]
    private let begun: Moment

    var started: Int64 { begun.now }

    /// `restored` are the alarms as they were when the gateway ended, and `number` is that of the first event to come.
    public init(
        _ board: AlarmBoard, actions: [ActionTraits], options: Options, restored: [SavedAlarm], nextNumber: Int64,
        now: Int64, wall: Int64
    ) {
        self.board = board
        self.options = options
        self.actions = Dictionary(actions.map { ($0.name, $0) }) { first, _ in first }
        self.nextNumber = nextNumber
        self.restored = Dictionary(restored.map { ($0.key, $0) }) { first, _ in first }
        alarmsOfRule = Array(repeating: [], count: board.rules.count)
        votes = Array(repeating: VoteCount(), count: board.rules.count)
        isEnabled = Array(repeating: true, count: board.rules.count)
        flood = Flood(limit: options.floodLimit)
        begun = Moment(now: now, wall: wall)
        resume()
    }

    /// What somebody has to be told, and what is to be kept.
    public mutating func takeOutbox() -> AlarmOutbox {
        for index in unsaved { outbox.states[alarms[index].key] = saved(index) }
        unsaved.removeAll(keepingCapacity: true)
        defer { outbox = AlarmOutbox() }
        return outbox
    }

    // MARK: - What comes in

    public mutating func take(_ mail: borrowing AlarmMail, now: Int64, wall: Int64) {
        let moment = Moment(now: now, wall: wall)
        meetAll(moment)
        // As they came in: whether a machine runs is known before what else the same message says of it.
        var next = 0
        var before: AlarmEdge?
        for edge in mail.edges {
            while next < mail.readings.count, mail.readings[next].arrival.now <= edge.arrival.now {
                takeTogether(mail.readings[next], moment)
                next += 1
            }
            if isOwner(edge) { take(edge, moment) } else { takeOver(edge, before, moment) }
            before = edge
        }
        for reading in mail.readings[next...] { takeTogether(reading, moment) }
        for score in mail.scores { takeScore(score, moment) }
    }

    /// Who has seen an edge was the one to tell of it. That readings come is news from anybody.
    private func isOwner(_ edge: AlarmEdge) -> Bool {
        guard let share = together.share, share.knows(edge.reading.series) else { return true }
        if case .staleness = board.rules[board.entry(edge.alarm).rule].condition { return true }
        return false
    }

    /// It was on its way when the desk took over its series, which has to see the reading itself.
    private mutating func takeOver(_ edge: AlarmEdge, _ before: AlarmEdge?, _ moment: Moment) {
        let isSeen = before.map {
            ($0.share, $0.reading.series, $0.arrival) == (edge.share, edge.reading.series, edge.arrival)
        }
        if isSeen ?? false || isForwarded(edge.reading.series) { return }
        takeShared(ForwardedReading(reading: edge.reading, arrival: edge.arrival, share: edge.share), moment)
    }

    mutating func take(_ edge: AlarmEdge, _ moment: Moment) {
        meet(through: Int(edge.alarm))
        let index = Int(edge.alarm)
        var moment = moment
        moment.cause = edge.arrival.now
        let at = edge.arrival.now - edge.lag
        // What was due before this reading has happened before it.
        alarms[index].condition.advance(to: at)
        follow(index, moment)
        alarms[index].lag = edge.lag
        alarms[index].edge = edge
        alarms[index].condition.set(edge.level, at: at)
        follow(index, moment)
        if edge.lag == 0, alarms[index].isLate, (edge.level > 0) == (alarms[index].life.level != nil) {
            confirm(index, moment)
        }
        schedule(index)
    }

    // MARK: - The alarms

    private mutating func resume() {
        let moment = begun
        for rule in board.rules.indices {
            switch board.rules[rule].condition {
            case .vote, .model: _ = board.number(rule: rule, series: nil, now: moment.now)
            default: break
            }
            for series in expectedSeries(rule) { _ = board.number(rule: rule, series: series, now: moment.now) }
        }
        let rules = Dictionary(board.rules.enumerated().map { ($1.name, $0) }) { first, _ in first }
        for saved in restored.values.sorted(by: { $0.key < $1.key }) {
            guard let rule = rules[saved.key.rule], isMeant(rule, saved.key) else {
                forget(saved, moment)
                continue
            }
            let series = SeriesName(saved.key.series).map { board.catalogue.definition(named: $0) }
            _ = board.number(rule: rule, series: series, now: moment.now)
        }
        meet(through: board.count - 1)
        for index in alarms.indices where restored[alarms[index].key] != nil { resumeActions(index, moment) }
        letGo(moment)
        meetModels(moment)
        for rule in board.rules.indices { countVotes(over: rule, moment) }
    }

    /// Series that should bring readings although none has come yet: no silence is taken for health.
    private func expectedSeries(_ rule: Int) -> [SeriesDefinition] {
        guard case .staleness = board.rules[rule].condition, let glob = board.rules[rule].series else { return [] }
        let known = board.catalogue.names(from: 0).compactMap(\.name).filter(glob.matches)
        let asked = glob.name.map { known.contains($0) ? [] : [$0] } ?? []
        return (known + asked).map { board.catalogue.definition(named: $0) }
    }

    private func isMeant(_ rule: Int, _ key: AlarmKey) -> Bool {
        guard let glob = board.rules[rule].series else { return key.series.isEmpty }
        return SeriesName(key.series).map(glob.matches) ?? false
    }

    /// Of a rule that is no longer there.
    private mutating func forget(_ saved: SavedAlarm, _ moment: Moment) {
        outbox.states[saved.key] = .some(nil)
        guard saved.stands || saved.isLatched else { return }
        var event = AlarmEvent(
            number: nextNumber, key: saved.key, change: .cleared, state: .normal, level: saved.level,
            message: "the configuration has no such alarm any more", time: moment.wall, arrived: moment.wall,
            decided: moment.wall)
        event.by = "configuration"
        nextNumber += 1
        outbox.events.append(event)
    }

    /// Gets to know the alarms of series that have come meanwhile, of which nothing has been said yet.
    mutating func meetAll(_ moment: Moment) {
        let first = alarms.count
        meet(through: board.count - 1)
        for rule in Set(alarms[first...].map(\.rule)).sorted() {
            for vote in votes(over: rule) { countVotes(over: vote, moment) }
        }
    }

    /// Gets to know the alarms on the board up to a number.
    mutating func meet(through number: Int) {
        while alarms.count <= number {
            let entry = board.entry(Int32(alarms.count))
            let rule = board.rules[entry.rule]
            let saved = restored[entry.key]
            let standing = saved.map { $0.stands ? $0.level.rawValue : 0 } ?? 0
            var alarm = Alarm(
                key: entry.key, rule: entry.rule, unit: entry.unit, sign: entry.sign,
                condition: DelayedLevel(
                    onDelay: rule.onDelay, offDelay: rule.offDelay, standing: standing, at: Self.longAgo),
                life: AlarmLife())
            alarm.followed = standing
            if let saved { resume(&alarm, saved) }
            alarms.append(alarm)
            alarmsOfRule[entry.rule].append(alarms.count - 1)
            dues.append(.max)
            if !isEnabled[entry.rule] { alarms[alarms.count - 1].aside.isSuppressed = true }
            count(alarms.count - 1)
            schedule(alarms.count - 1)
        }
    }

    private func resume(_ alarm: inout Alarm, _ saved: SavedAlarm) {
        alarm.life = AlarmLife(
            level: saved.stands ? saved.level : nil, lastLevel: saved.level, isAcknowledged: saved.isAcknowledged,
            isLatched: saved.isLatched)
        alarm.isLate = saved.isLate
        alarm.isFirst = saved.isFirst
        alarm.number = saved.number
        alarm.message = saved.message
        alarm.since = saved.since
        if let shelf = saved.shelf {
            // A clock that was set back meanwhile makes it no longer than anybody could have wished.
            let left = max(0, min(shelf.until - begun.wall, Self.longestShelf))
            alarm.aside.shelf = Aside.Shelf(
                wish: .init(by: shelf.by, because: shelf.because), until: begun.now + left * 1000,
                untilWall: begun.wall + left)
        }
        alarm.aside.removal = saved.removal.map { .init(by: $0.by, because: $0.because) }
        if let interval = board.rules[alarm.rule].repeatEvery { alarm.repeatDue = begun.now + interval }
    }

    private func saved(_ index: Int) -> SavedAlarm? {
        let alarm = alarms[index]
        guard
            alarm.life.state != .normal || alarm.aside.shelf != nil || alarm.aside.removal != nil
                || alarm.isLate && holds(index)
        else { return nil }
        return SavedAlarm(
            key: alarm.key, state: alarm.aside.state(over: alarm.life.state), level: alarm.life.lastLevel,
            stands: alarm.life.level != nil, isAcknowledged: alarm.life.isAcknowledged,
            isLatched: alarm.life.isLatched, isFirst: alarm.isFirst, isLate: alarm.isLate,
            shelf: alarm.aside.shelf.map {
                .init(by: $0.wish.by, because: $0.wish.because, until: $0.untilWall)
            },
            removal: alarm.aside.removal.map { .init(by: $0.by, because: $0.because, until: 0) },
            number: alarm.number, message: alarm.message, since: alarm.since)
    }

    // MARK: - Steps

    /// Lets the life of an alarm follow its condition.
    mutating func follow(_ index: Int, _ moment: Moment) {
        let standing = alarms[index].aside.isIdle ? 0 : alarms[index].condition.standing
        guard standing != alarms[index].followed else { return }
        let before = alarms[index].followed
        alarms[index].followed = standing
        let chatters = alarms[index].chatter.note(standing, from: before, at: moment.now - alarms[index].lag)
        live(index, alarms[index].chatter.held ?? standing, moment)
        if chatters { emit(index, .chattering, moment) }
        vote(index, moment)
    }

    mutating func live(_ index: Int, _ level: UInt8, _ moment: Moment) {
        let rule = board.rules[alarms[index].rule]
        let wasNormal = alarms[index].life.state == .normal
        guard let change = alarms[index].life.set(AlarmLevel(rawValue: level), latches: rule.isLatching) else { return }
        alarms[index].isLate = alarms[index].lag > 0
        if change == .raised {
            alarms[index].since = moment.wall
            if wasNormal { alarms[index].isFirst = isFirstOfGroup(index) }
        }
        if change != .cleared { repeatFromNow(index, moment) }
        emit(index, change, moment)
    }

    /// While nobody acknowledges it.
    mutating func repeatFromNow(_ index: Int, _ moment: Moment) {
        guard !alarms[index].life.isAcknowledged else { return }
        alarms[index].repeatDue = board.rules[alarms[index].rule].repeatEvery.map { moment.now + $0 }
    }

    /// What old readings have led to is so at present.
    private mutating func confirm(_ index: Int, _ moment: Moment) {
        alarms[index].isLate = false
        unsaved.insert(index)
        if alarms[index].life.level != nil { emit(index, .present, moment) } else { moveAgain(index, moment) }
        vote(index, moment)
    }

    private func isFirstOfGroup(_ index: Int) -> Bool {
        guard let group = board.rules[alarms[index].rule].group else { return false }
        return !board.rules.indices.contains { rule in
            board.rules[rule].group == group
                && alarmsOfRule[rule].contains { $0 != index && alarms[$0].life.state != .normal }
        }
    }

    // MARK: - Events

    /// A step of an alarm: recorded, told to its actions, and taken to what they move.
    mutating func emit(
        _ index: Int, _ change: AlarmEvent.Change, _ moment: Moment, by wish: Aside.Wish? = nil
    ) {
        var event = event(index, change, moment)
        if let wish { (event.by, event.because) = (wish.by, wish.because) }
        nextNumber += 1
        alarms[index].number = event.number
        if change == .raised || change == .level { alarms[index].message = event.message }
        unsaved.insert(index)
        outbox.events.append(event)
        tell(event, index, moment)
        move(event, index, moment)
    }

    private func event(_ index: Int, _ change: AlarmEvent.Change, _ moment: Moment) -> AlarmEvent {
        let alarm = alarms[index]
        let rule = board.rules[alarm.rule]
        let level = alarm.life.lastLevel
        let reading = alarm.edge?.reading
        let limit = reading.flatMap { rule.condition.limit(at: level, value: $0.value) }
        var event = AlarmEvent(
            number: nextNumber, key: alarm.key, change: change, state: alarm.aside.state(over: alarm.life.state),
            level: level, value: reading?.value ?? .absent, quality: reading?.quality ?? .good, limit: limit,
            unit: alarm.unit, message: message(alarm, change, limit),
            time: moment.cause == nil ? moment.wall : reading?.time.microseconds ?? moment.wall,
            arrived: moment.cause.map { moment.wall - (moment.now - $0) / 1000 } ?? moment.wall, decided: moment.wall)
        if let edge = alarm.edge, edge.arrival.hasOwnTime, moment.cause == edge.arrival.now {
            // Of any time at all.
            let (age, isTooOld) = edge.arrival.wall.subtractingReportingOverflow(edge.reading.time.microseconds)
            event.age = isTooOld ? nil : age
        }
        event.isLate = alarm.isLate
        event.isFirst = alarm.isFirst
        return event
    }

    private func message(_ alarm: Alarm, _ change: AlarmEvent.Change, _ limit: Double?) -> String {
        let rule = board.rules[alarm.rule]
        let subject = alarm.key.series.isEmpty ? alarm.key.rule : alarm.key.series
        guard let reading = alarm.edge?.reading else {
            return alarm.message.isEmpty ? subject : alarm.message
        }
        let unit = alarm.unit.map { " \($0)" } ?? ""
        let value = MessageTemplate.text(reading.value)
        if change == .cleared {
            return
                "\(subject) is well again\(reading.value == .absent ? "" : ": \(value)\(reading.value.isNumber ? unit : "")")"
        }
        // Said of a moment that is gone: it is only held, or waits for somebody.
        if alarm.condition.raw < alarm.life.lastLevel.rawValue, !alarm.message.isEmpty { return alarm.message }
        func complaint() -> String {
            let complaint = rule.condition.complaint(
                reading, value + (reading.value.isNumber ? unit : ""), at: alarm.life.lastLevel, alarm.edge?.finding,
                offset: board.offset)
            return complaint + (limit == nil ? "" : unit)
        }
        guard let template = rule.message else {
            return (alarm.key.series.isEmpty ? "" : subject + " ") + complaint()
        }
        return template.filled { word in
            switch word {
            case .alarm: alarm.key.rule
            case .series: alarm.key.series
            case .value: value
            case .unit: alarm.unit ?? ""
            case .level: alarm.life.lastLevel.name
            case .limit: limit.map { MessageTemplate.text($0) } ?? ""
            case .quality: reading.quality.name
            case .reason: complaint()
            }
        }
    }
}

extension Value {
    fileprivate var isNumber: Bool { if case .number = self { true } else { false } }
}

extension AlarmDesk {
    /// How long an action has taken, in milliseconds: a rule of the gateway's own looks at that.
    public mutating func note(latency: Double, rule name: String, now: Int64, wall: Int64) {
        guard let rule = board.rules.firstIndex(where: { $0.name == name }),
            let series = board.rules[rule].series?.name,
            case .limits(let limits) = board.rules[rule].condition
        else { return }
        let number = board.number(rule: rule, series: SeriesDefinition(name: series, unit: "ms"), now: now)
        meet(through: Int(number))
        let level = LimitNumbers(limits).level(of: latency, current: alarms[Int(number)].condition.raw)
        guard level != alarms[Int(number)].condition.raw else { return }
        let reading = Reading(
            series: SeriesID(.max), time: Timestamp(microseconds: wall), value: .number(latency.rounded()))
        take(
            AlarmEdge(
                alarm: number, share: AlarmBoard.desk, level: level, reading: reading,
                arrival: Arrival(now: now, wall: wall), lag: 0), Moment(now: now, wall: wall))
    }
}
