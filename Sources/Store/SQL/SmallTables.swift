import History
import Journal
import Platform
import Readings
import SQLite

/// `series`: (series, unit, tags), the tags as a JSON object.
final class SeriesTable: VirtualTable {
    let declaration = "CREATE TABLE x(series TEXT, unit TEXT, tags TEXT, PRIMARY KEY(series)) WITHOUT ROWID"
    private let moment: StoreMoment

    init(_ moment: StoreMoment) { self.moment = moment }

    func plan(_ use: TableUse) -> TablePlan? {
        var plan = TablePlan(rows: Double(max(1, moment.names.all.count)), cost: 0)
        for (place, condition) in use.conditions.enumerated() where condition.isUsable && condition.column == 0 {
            guard let want = SeriesConditions.want(place, condition) else { continue }
            plan.wants.append(want)
            plan.rows = condition.operation == .equal && !condition.canBeList ? 1 : max(1, plan.rows / 10)
        }
        plan.cost = plan.rows
        // A name is a row: what is ordered by further columns is ordered already.
        plan.isOrdered = use.order.first.map { $0.column == 0 } ?? true
        plan.number = use.order.first?.descending == true ? 1 : 0
        return plan
    }

    func open() throws -> any TableCursor { try SeriesCursor(moment) }
}

private final class SeriesCursor: TableCursor {
    private let moment: StoreMoment
    /// The next one last.
    private var waiting: [Int] = []
    private var current: SeriesNames.Series?

    init(_ moment: StoreMoment) throws {
        try moment.enter()
        self.moment = moment
    }

    deinit { moment.leave() }

    func start(_ number: Int, _ conditions: TableConditions) throws {
        var places: [Int]?
        for index in 0..<conditions.count {
            guard let meaning = SeriesConditions.Meaning(rawValue: conditions[index].meaning) else { continue }
            places = try SeriesConditions.narrow(places, meaning, conditions[index].value, among: moment.names)
        }
        waiting = places ?? Array(0..<moment.names.all.count)
        if number == 0 { waiting.reverse() }
    }

    func next() -> Bool {
        guard let next = waiting.popLast() else { return false }
        current = moment.names.all[next]
        return true
    }

    func column(_ column: Int, _ result: SQLResult) {
        guard let current else { return }
        let definition = moment.reader.definition(of: current.id)
        switch column {
        case 0: result.text(current.name)
        case 1: if let unit = definition.unit { result.text(unit) }
        default: result.text(JSON.object(definition.tags).description)
        }
    }
}

/// `gaps`, `dead_letters` and `audit`, as the journal has them.
final class LogTable: VirtualTable {
    private let moment: StoreMoment
    private let log: JournalReader.Log

    init(_ log: JournalReader.Log, _ moment: StoreMoment) {
        self.log = log
        self.moment = moment
    }

    var declaration: String { "CREATE TABLE x(\(log.columns.joined(separator: ", ")))" }

    func plan(_ use: TableUse) -> TablePlan? { TablePlan(rows: 1000, cost: 1000) }

    func open() throws -> any TableCursor { try LogCursor(log, moment) }
}

private final class LogCursor: TableCursor {
    private let log: JournalReader.Log
    private let moment: StoreMoment
    private var rows: [[SQLValue]] = []
    private var row = -1

    init(_ log: JournalReader.Log, _ moment: StoreMoment) throws {
        try moment.enter()
        self.log = log
        self.moment = moment
    }

    deinit { moment.leave() }

    func start(_ number: Int, _ conditions: TableConditions) throws {
        // The same in each pass.
        if rows.isEmpty { rows = try moment.reader.rows(of: log) }
        row = -1
    }

    func next() -> Bool {
        row += 1
        return row < rows.count
    }

    func column(_ column: Int, _ result: SQLResult) { result.value(rows[row][column]) }
}
