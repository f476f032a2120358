/// What the desk asks of actions.
extension AlarmDesk {
    mutating func tell(_ event: AlarmEvent, _ index: Int, _ moment: Moment) {
        if event.level > .notice { alarms[index].isTold = true }
        let isNotice = !alarms[index].isTold
        if alarms[index].life.level == nil { alarms[index].isTold = false }
        let isOfMany = event.change == .raised && !isNotice && flood.note(at: moment.now)
        let isFlooding = isOfMany || flood.due != nil
        for name in board.rules[alarms[index].rule].actions {
            guard case .tells(let changes, let isSummarized)? = actions[name]?.kind, changes.contains(event.change)
            else { continue }
            // Nobody wants to hear of it; whoever keeps a picture of all alarms does.
            let isAside = alarms[index].aside.isAny && Self.isOfCondition(event.change)
            if isSummarized, isNotice || isAside { continue }
            if isFlooding, isSummarized, event.level < .emergency {
                flooded.insert(name)
                continue
            }
            request(name, .tell, event, moment)
        }
        if isOfMany { summarize(moment) }
    }

    private static func isOfCondition(_ change: AlarmEvent.Change) -> Bool {
        switch change {
        case .raised, .level, .cleared, .repeated, .present, .chattering, .settled: true
        default: false
        }
    }

    /// Tells of a flood as a whole, once it is time.
    mutating func summarize(_ moment: Moment) {
        guard let count = flood.takeSummary(at: moment.now) else {
            if flood.due == nil { flooded.removeAll() }
            return
        }
        let standing = alarms.count { $0.life.level != nil }
        let worst = alarms.compactMap(\.life.level).max() ?? .warning
        let event = AlarmEvent(
            number: nextNumber, key: AlarmKey(rule: "flood"), change: .flood, state: .unacknowledged, level: worst,
            message: "\(count) more new alarms at once; \(standing) stand, the worst of them is \(worst.name)",
            time: moment.wall, arrived: moment.wall, decided: moment.wall)
        nextNumber += 1
        outbox.events.append(event)
        for name in flooded.union(options.actions).sorted() {
            guard case .tells(let changes, _)? = actions[name]?.kind, changes.contains(.flood) else { continue }
            request(name, .tell, event, moment)
        }
    }

    private mutating func request(
        _ action: String, _ task: ActionRequest.Task, _ event: AlarmEvent, _ moment: Moment
    ) {
        outbox.requests.append(
            AlarmOutbox.Request(action: action, request: ActionRequest(event, task, arrived: moment.cause)))
    }

    // MARK: - What is moved

    mutating func move(_ event: AlarmEvent, _ index: Int, _ moment: Moment) {
        for name in board.rules[alarms[index].rule].actions {
            guard case .moves(let until)? = actions[name]?.kind else { continue }
            let wasHolder = holders[name, default: []].contains(index)
            switch wish(of: index, until) {
            case true?:
                holders[name, default: []].insert(index)
                // Said again when it has become worse: it may have been moved by hand meanwhile.
                if !wasHolder || [.raised, .level, .repeated, .present].contains(event.change) {
                    request(name, .turnOn, event, moment)
                }
            case false? where wasHolder:
                holders[name]!.remove(index)
                if holders[name]!.isEmpty { request(name, .turnOff, event, moment) }
            case false?, nil: break
            }
        }
    }

    /// Whether it wants on what it moves. Nil: as it is, because nobody knows more than how things were.
    private func wish(of index: Int, _ until: ActionTraits.Until) -> Bool? {
        let alarm = alarms[index]
        if alarm.aside.isAny || until == .acknowledged && alarm.life.isAcknowledged { return false }
        if alarm.isLate, board.rules[alarm.rule].late == .record { return nil }
        return alarm.life.level ?? .notice > .notice || alarm.life.isLatched
    }

    /// Something is on because of it.
    func holds(_ index: Int) -> Bool {
        board.rules[alarms[index].rule].actions.contains { holders[$0]?.contains(index) ?? false }
    }

    /// After a restart what is moved is where the alarms want it.
    mutating func resumeActions(_ index: Int, _ moment: Moment) {
        let alarm = alarms[index]
        if alarm.isLate, alarm.life.level == nil {
            // What it has moved may be on, until it is known that all is well at present.
            for name in board.rules[alarm.rule].actions {
                if case .moves? = actions[name]?.kind { holders[name, default: []].insert(index) }
            }
        }
        moveAgain(index, moment)
    }

    /// What no alarm wants is off from the start: a failsafe state would stay, and what an alarm held that is gone. The event
    /// is none that is recorded: its number is 0.
    mutating func letGo(_ moment: Moment) {
        let event = AlarmEvent(
            number: 0, key: AlarmKey(rule: "start"), change: .cleared, state: .normal, level: .warning,
            message: "the gateway watches", time: moment.wall, arrived: moment.wall, decided: moment.wall)
        for name in actions.keys.sorted() where holders[name, default: []].isEmpty {
            if case .moves? = actions[name]?.kind { request(name, .turnOff, event, moment) }
        }
    }

    mutating func moveAgain(_ index: Int, _ moment: Moment) {
        let alarm = alarms[index]
        let isOver = alarm.life.level == nil && !alarm.life.isLatched
        let event = AlarmEvent(
            number: alarm.number, key: alarm.key, change: isOver ? .cleared : .raised,
            state: alarm.aside.state(over: alarm.life.state), level: alarm.life.lastLevel, unit: alarm.unit,
            message: alarm.message, time: alarm.since, arrived: alarm.since, decided: moment.wall)
        move(event, index, moment)
    }

    // MARK: - A trial

    /// Asks the actions of a rule as if it had raised an alarm, which it has not.
    mutating func tryActions(_ rule: Int, _ event: AlarmEvent, isOn: Bool, _ moment: Moment) {
        for name in board.rules[rule].actions {
            switch actions[name]?.kind {
            case .tells(let changes, _)?: if changes.contains(event.change) { request(name, .tell, event, moment) }
            case .moves?:
                // What an alarm holds stays on.
                if isOn || holders[name, default: []].isEmpty {
                    request(name, isOn ? .turnOn : .turnOff, event, moment)
                }
            case nil: break
            }
        }
    }
}
