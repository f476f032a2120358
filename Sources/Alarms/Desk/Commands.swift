import Readings

/// What people do about alarms.
public struct AlarmCommand: Sendable, Hashable {
    public enum Verb: Sendable, Hashable {
        case acknowledge
        /// For so many microseconds.
        case shelve(Int64)
        case unshelve
        /// A latched alarm.
        case clear
        /// Out of service, until it is restored.
        case remove
        case restore
    }

    public var verb: Verb
    /// The name of a rule.
    public var rule: String
    /// Nil: all alarms of the rule.
    public var series: SeriesGlob?
    public var by: String
    public var because: String

    public init(_ verb: Verb, rule: String, series: SeriesGlob? = nil, by: String, because: String = "") {
        self.verb = verb
        self.rule = rule
        self.series = series
        self.by = by
        self.because = because
    }
}

extension AlarmDesk {
    /// Whoever wants it longer takes the alarm out of service. Microseconds.
    public static let longestShelf: Int64 = 7 * 86_400_000_000

    public enum CommandResult: Sendable, Hashable {
        /// What has become of each alarm that it was for.
        case done([AlarmKey])
        case refused(String)
    }

    public mutating func perform(_ command: AlarmCommand, now: Int64, wall: Int64) -> CommandResult {
        let moment = Moment(now: now, wall: wall)
        guard let rule = board.rules.firstIndex(where: { $0.name == command.rule }) else {
            return .refused("there is no alarm \(command.rule)")
        }
        meet(through: board.count - 1)
        let meant = alarmsOfRule[rule].filter { index in
            command.series.map { glob in SeriesName(alarms[index].key.series).map(glob.matches) ?? false } ?? true
        }
        guard !meant.isEmpty else {
            return .refused("\(command.rule) has no alarm\(command.series.map { " for \($0)" } ?? "") yet")
        }
        var done: [AlarmKey] = []
        var refusal = ""
        for index in meant {
            do throws(AlarmLife.Refusal) {
                try perform(command, index, moment)
                done.append(alarms[index].key)
            } catch {
                refusal = error.description
            }
            unsaved.insert(index)
            schedule(index)
        }
        return done.isEmpty ? .refused("\(command.rule): \(refusal)") : .done(done)
    }

    private mutating func perform(
        _ command: AlarmCommand, _ index: Int, _ moment: Moment
    ) throws(AlarmLife.Refusal) {
        let wish = Aside.Wish(by: command.by, because: command.because)
        switch command.verb {
        case .acknowledge:
            try alarms[index].life.acknowledge()
            emit(index, .acknowledged, moment, by: wish)
        case .clear:
            try alarms[index].life.reset()
            emit(index, .reset, moment, by: wish)
        case .shelve(let time):
            guard alarms[index].aside.removal == nil else { throw .init(description: "it is out of service") }
            let time = max(0, min(time, Self.longestShelf))
            alarms[index].aside.shelf = Aside.Shelf(
                wish: wish, until: moment.now + time * 1000, untilWall: moment.wall + time)
            emit(index, .shelved, moment, by: wish)
        case .unshelve:
            guard alarms[index].aside.shelf != nil else { throw .init(description: "it is not shelved") }
            alarms[index].aside.shelf = nil
            emit(index, .unshelved, moment, by: wish)
            announce(index, moment)
        case .remove:
            guard alarms[index].aside.removal == nil else { throw .init(description: "it is out of service already") }
            // Which of the two would count when it is back? It is left aside for longer than a while now.
            alarms[index].aside.shelf = nil
            alarms[index].aside.removal = wish
            goIdle(index, .removed, moment, true, by: wish)
        case .restore:
            guard alarms[index].aside.removal != nil else { throw .init(description: "it is in service") }
            alarms[index].aside.removal = nil
            comeBack(index, .restored, moment, by: wish)
        }
    }

    /// What still stands is new to those who were not to hear of it.
    mutating func announce(_ index: Int, _ moment: Moment) {
        guard alarms[index].life.level != nil, !alarms[index].aside.isAny else { return }
        alarms[index].life.announceAgain()
        repeatFromNow(index, moment)
        emit(index, .raised, moment)
    }

    // MARK: - Looking

    /// All alarms that are not as they are when all is well, the worst first.
    public func list(all: Bool = false) -> [AlarmView] {
        let shown = alarms.indices.filter { index in
            all || alarms[index].life.state != .normal || alarms[index].aside.shelf != nil
                || alarms[index].aside.removal != nil
                || alarms[index].aside.isSuppressed && alarms[index].condition.raw > 0
        }
        return shown.map(view).sorted { ($0.rank, $0.key) < ($1.rank, $1.key) }
    }

    private func view(_ index: Int) -> AlarmView {
        let alarm = alarms[index]
        return AlarmView(
            key: alarm.key, state: alarm.aside.state(over: alarm.life.state), level: alarm.life.lastLevel,
            stands: alarm.life.level != nil, isAcknowledged: alarm.life.isAcknowledged,
            message: alarm.message, since: alarm.since, isLate: alarm.isLate, isFirst: alarm.isFirst,
            isChattering: alarm.chatter.isHeld, by: alarm.aside.shelf?.wish.by ?? alarm.aside.removal?.by ?? "",
            because: alarm.aside.shelf?.wish.because ?? alarm.aside.removal?.because ?? "",
            until: alarm.aside.shelf?.untilWall, group: board.rules[alarm.rule].group)
    }
}

/// An alarm as it is shown.
public struct AlarmView: Sendable, Hashable {
    public var key: AlarmKey
    public var state: AlarmState
    public var level: AlarmLevel
    public var stands: Bool
    public var isAcknowledged: Bool
    public var message: String
    /// Microseconds since 1970.
    public var since: Int64
    public var isLate: Bool
    public var isFirst: Bool
    public var isChattering: Bool
    /// Who has put it aside, and why.
    public var by: String
    public var because: String
    public var until: Int64?
    public var group: String?

    /// Those that nobody has acknowledged come first, and the worst of them before all others.
    var rank: Int {
        let order: [AlarmState] = [
            .unacknowledged, .returned, .acknowledged, .latched, .shelved, .suppressed, .outOfService, .normal,
        ]
        return (order.firstIndex(of: state) ?? 0) * 5 + 4 - Int(level.rawValue)
    }
}
