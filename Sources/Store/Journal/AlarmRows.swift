import Alarms
import Readings
import SQLite

/// The tables of alarms in `journal.db`: what has happened, what was done about it, and how they are.
final class AlarmRows {
    static let tables = """
        CREATE TABLE alarm_events(number INTEGER PRIMARY KEY, time INTEGER NOT NULL, alarm TEXT NOT NULL,
            series TEXT NOT NULL, change TEXT NOT NULL, state TEXT NOT NULL, level TEXT NOT NULL, value, quality TEXT NOT NULL,
            "limit" REAL, unit TEXT, message TEXT NOT NULL, arrived INTEGER NOT NULL, decided INTEGER NOT NULL, age INTEGER,
            late INTEGER NOT NULL, test INTEGER NOT NULL, first INTEGER NOT NULL, by TEXT NOT NULL, because TEXT NOT NULL);
        CREATE TABLE alarm_actions(number INTEGER, action TEXT, task TEXT NOT NULL, outcome TEXT, attempts INTEGER,
            completed INTEGER, PRIMARY KEY(number, action)) WITHOUT ROWID;
        CREATE TABLE alarms(alarm TEXT, series TEXT, state TEXT NOT NULL, level TEXT NOT NULL, stands INTEGER NOT NULL,
            acknowledged INTEGER NOT NULL, latched INTEGER NOT NULL, first INTEGER NOT NULL, late INTEGER NOT NULL,
            aside_by TEXT, aside_because TEXT, aside_until INTEGER, number INTEGER NOT NULL, message TEXT NOT NULL,
            since INTEGER NOT NULL, PRIMARY KEY(alarm, series)) WITHOUT ROWID
        """
    static let names = ["alarm_events", "alarm_actions", "alarms"]
    static let eventColumns = [
        "number", "time", "alarm", "series", "change", "state", "level", "value", "quality", "\"limit\"", "unit",
        "message", "arrived", "decided", "age", "late", "test", "first", "by", "because",
    ]
    /// They are kept longest; some 300 bytes each.
    private static let mostEvents = 100_000

    private let insertEvent: Statement
    private let ask: Statement
    private let report: Statement
    private let putState: Statement
    private let dropState: Statement
    private let dropEvents: Statement
    private let dropActions: Statement

    init(_ connection: Connection) throws(SQLiteError) {
        insertEvent = try connection.prepare(
            "INSERT OR REPLACE INTO alarm_events VALUES(\(Self.eventColumns.map { _ in "?" }.joined(separator: ", ")))")
        ask = try connection.prepare("INSERT OR IGNORE INTO alarm_actions(number, action, task) VALUES(?, ?, ?)")
        report = try connection.prepare(
            """
            INSERT INTO alarm_actions(number, action, task, outcome, attempts, completed) VALUES(?1, ?2, 'tell', ?3, ?4, ?5)
            ON CONFLICT DO UPDATE SET outcome = ?3, attempts = ?4, completed = ?5
            """)
        putState = try connection.prepare(
            "INSERT OR REPLACE INTO alarms VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        dropState = try connection.prepare("DELETE FROM alarms WHERE alarm = ? AND series = ?")
        dropEvents = try connection.prepare(
            "DELETE FROM alarm_events WHERE number <= (SELECT max(number) FROM alarm_events) - ?")
        dropActions = try connection.prepare(
            "DELETE FROM alarm_actions WHERE number < (SELECT min(number) FROM alarm_events)")
    }

    func put(_ records: AlarmRecords) throws(SQLiteError) {
        for event in records.events { try put(event) }
        for asked in records.asked {
            ask.bind(0, asked.number)
            ask.bind(1, asked.action)
            ask.bind(2, asked.task.word)
            try ask.run()
        }
        for report in records.reports { try put(report) }
        for (key, state) in records.states { try put(state, key) }
        guard !records.events.isEmpty else { return }
        dropEvents.bind(0, Int64(Self.mostEvents))
        try dropEvents.run()
        try dropActions.run()
    }

    private func put(_ event: AlarmEvent) throws(SQLiteError) {
        let values: [SQLValue] = [
            .integer(event.number), .integer(event.time), .text(event.key.rule), .text(event.key.series),
            .text(event.change.rawValue), .text(event.state.rawValue), .text(event.level.name),
            Self.value(event.value), .text(event.quality.name), event.limit.map { .real($0) } ?? .null,
            event.unit.map { .text($0) } ?? .null, .text(event.message), .integer(event.arrived),
            .integer(event.decided), event.age.map { .integer($0) } ?? .null, .integer(event.isLate ? 1 : 0),
            .integer(event.isTest ? 1 : 0), .integer(event.isFirst ? 1 : 0), .text(event.by), .text(event.because),
        ]
        for (column, value) in values.enumerated() { insertEvent.bind(column, value) }
        try insertEvent.run()
    }

    private static func value(_ value: Value) -> SQLValue {
        switch value {
        case .number(let number): .real(number)
        case .text(let text): .text(text)
        case .absent: .null
        }
    }

    private func put(_ outcome: ActionReport) throws(SQLiteError) {
        report.bind(0, outcome.number)
        report.bind(1, outcome.action)
        report.bind(2, outcome.outcome.text)
        report.bind(3, Int64(outcome.attempts))
        report.bind(4, outcome.completed)
        try report.run()
    }

    private func put(_ state: SavedAlarm?, _ key: AlarmKey) throws(SQLiteError) {
        guard let state else {
            dropState.bind(0, key.rule)
            dropState.bind(1, key.series)
            return try dropState.run()
        }
        let aside = state.removal ?? state.shelf
        let values: [SQLValue] = [
            .text(key.rule), .text(key.series), .text(state.state.rawValue), .text(state.level.name),
            .integer(state.stands ? 1 : 0), .integer(state.isAcknowledged ? 1 : 0), .integer(state.isLatched ? 1 : 0),
            .integer(state.isFirst ? 1 : 0), .integer(state.isLate ? 1 : 0), aside.map { .text($0.by) } ?? .null,
            aside.map { .text($0.because) } ?? .null,
            state.removal == nil ? state.shelf.map { .integer($0.until) } ?? .null : .null, .integer(state.number),
            .text(state.message), .integer(state.since),
        ]
        for (column, value) in values.enumerated() { putState.bind(column, value) }
        try putState.run()
    }

    // MARK: - Reading

    static func read(_ connection: Connection) throws(SQLiteError) -> AlarmMemory {
        var memory = AlarmMemory()
        memory.nextNumber = try latestNumber(connection) + 1
        let rows = try connection.prepare("SELECT * FROM alarms")
        while try rows.step() {
            if let alarm = alarm(rows) { memory.alarms.append(alarm) }
        }
        let undone = try connection.prepare(
            """
            SELECT \(eventColumns.map { "e." + $0 }.joined(separator: ", ")), a.action, a.task
            FROM alarm_actions a JOIN alarm_events e USING(number) WHERE a.outcome IS NULL ORDER BY e.number
            """)
        while try undone.step() {
            guard let event = event(undone), let action = undone.text(eventColumns.count),
                let task = undone.text(eventColumns.count + 1).flatMap(ActionRequest.Task.init(word:))
            else { continue }
            memory.undone.append((action, ActionRequest(event, task)))
        }
        return memory
    }

    /// Of any table: a damaged journal may have lost its events and not what was done about them, and a number means one.
    private static func latestNumber(_ connection: Connection) throws(SQLiteError) -> Int64 {
        var latest: Int64 = 0
        for table in names {
            let row = try connection.prepare("SELECT max(number) FROM \(table)")
            try row.step()
            latest = max(latest, row.integer(0))
        }
        return latest
    }

    private static func alarm(_ row: Statement) -> SavedAlarm? {
        guard let rule = row.text(0), let series = row.text(1), let state = row.text(2).flatMap(AlarmState.init),
            let level = row.text(3).flatMap({ AlarmLevel(name: $0) })
        else { return nil }
        let aside = row.text(9).map { by in
            SavedAlarm.Shelf(by: by, because: row.text(10) ?? "", until: row.integer(11))
        }
        let isRemoved = state == .outOfService
        return SavedAlarm(
            key: AlarmKey(rule: rule, series: series), state: state, level: level, stands: row.integer(4) != 0,
            isAcknowledged: row.integer(5) != 0, isLatched: row.integer(6) != 0, isFirst: row.integer(7) != 0,
            isLate: row.integer(8) != 0, shelf: isRemoved ? nil : aside, removal: isRemoved ? aside : nil,
            number: row.integer(12), message: row.text(13) ?? "", since: row.integer(14))
    }

    private static func event(_ row: Statement) -> AlarmEvent? {
        guard let rule = row.text(2), let change = row.text(4).flatMap(AlarmEvent.Change.init),
            let state = row.text(5).flatMap(AlarmState.init), let level = row.text(6).flatMap({ AlarmLevel(name: $0) })
        else { return nil }
        var event = AlarmEvent(
            number: row.integer(0), key: AlarmKey(rule: rule, series: row.text(3) ?? ""), change: change, state: state,
            level: level, value: value(row.value(7)), quality: row.text(8).flatMap { Quality(name: $0) } ?? .good,
            limit: number(row.value(9)), unit: row.text(10), message: row.text(11) ?? "", time: row.integer(1),
            arrived: row.integer(12), decided: row.integer(13), age: integer(row.value(14)))
        event.isLate = row.integer(15) != 0
        event.isTest = row.integer(16) != 0
        event.isFirst = row.integer(17) != 0
        event.by = row.text(18) ?? ""
        event.because = row.text(19) ?? ""
        return event
    }

    private static func value(_ value: SQLValue) -> Value {
        switch value {
        case .real(let number): .number(number)
        case .integer(let number): .number(Double(number))
        case .text(let text): .text(text)
        default: .absent
        }
    }

    private static func number(_ value: SQLValue) -> Double? {
        if case .real(let number) = value { number } else { nil }
    }

    private static func integer(_ value: SQLValue) -> Int64? {
        if case .integer(let number) = value { number } else { nil }
    }
}

extension ActionRequest.Task {
    fileprivate var word: String {
        switch self {
        case .tell: "tell"
        case .turnOn: "turn on"
        case .turnOff: "turn off"
        }
    }

    fileprivate init?(word: String) {
        guard let task = [ActionRequest.Task.tell, .turnOn, .turnOff].first(where: { $0.word == word }) else {
            return nil
        }
        self = task
    }
}

extension ActionReport.Outcome {
    fileprivate var text: String {
        switch self {
        case .done: "done"
        case .failed(let reason): "failed: \(reason)"
        case .dropped: "dropped: too many waited"
        case .superseded: "superseded"
        }
    }
}
