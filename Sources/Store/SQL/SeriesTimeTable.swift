import History
import Readings
import SQLite

/// The rows of one series in a range of time, in the order of time or against it. Subclasses say which.
class SeriesRows {
    final let series: SeriesNames.Series

    init(_ series: SeriesNames.Series) { self.series = series }

    /// To the next row, at first the first; false when there is none.
    func next() throws -> Bool { false }
    var time: Int64 { 0 }
    /// Columns past the series.
    func column(_ column: Int, _ result: SQLResult) throws {}
}

/// How a query goes through a table of series and times.
struct Passage {
    /// By time, the series of one moment by name; or by series, each by time.
    var isByTime = false
    var seriesDescending = false
    var timeDescending = false
    /// The statement names no columns but series and time: maybe it only counts.
    var needsOnlyKeys = false

    var number: Int {
        (isByTime ? 1 : 0) | (seriesDescending ? 2 : 0) | (timeDescending ? 4 : 0) | (needsOnlyKeys ? 8 : 0)
    }

    init() {}

    init(number: Int) {
        isByTime = number & 1 != 0
        seriesDescending = number & 2 != 0
        timeDescending = number & 4 != 0
        needsOnlyKeys = number & 8 != 0
    }
}

/// What the rows of a table with the columns series, time, ... are made from.
protocol SeriesRowsSource {
    /// Behind `series TEXT, time INTEGER`.
    var columns: String { get }
    /// About how many a series has.
    var rowsPerSeries: Double { get }
    /// So many series can be read side by side, to give their rows by time: what is read of each stays in memory.
    var mostMerged: Int { get }
    /// Nil where there are none.
    func rows(of series: SeriesNames.Series, in range: TimeRange, _ passage: Passage, _ moment: StoreMoment) throws
        -> SeriesRows?
}

enum SeriesTimeColumn {
    static let series = 0
    static let time = 1
}

/// A table with a row for each series and moment: conditions on both narrow what is read, and the orders that begin with
/// one of them cost no sorting.
final class SeriesTimeTable: VirtualTable {
    private let source: any SeriesRowsSource
    private let moment: StoreMoment

    init(_ source: any SeriesRowsSource, _ moment: StoreMoment) {
        self.source = source
        self.moment = moment
    }

    var declaration: String {
        "CREATE TABLE x(series TEXT, time INTEGER, \(source.columns), PRIMARY KEY(series, time)) WITHOUT ROWID"
    }

    func open() throws -> any TableCursor { try SeriesTimeCursor(source, moment) }

    func plan(_ use: TableUse) -> TablePlan? {
        var plan = TablePlan(rows: 0, cost: 0)
        var narrowing = Narrowing()
        for (place, condition) in use.conditions.enumerated() where condition.isUsable {
            guard let want = want(place, condition) else { continue }
            narrowing.note(condition)
            plan.wants.append(want)
        }
        var passage = Passage()
        plan.isOrdered = order(use.order, &passage, isOneSeries: narrowing.isOneSeries)
        passage.needsOnlyKeys = use.columns & ~3 == 0
        plan.number = passage.number
        let series = narrowing.series(of: Double(max(1, moment.names.all.count)))
        plan.rows = max(1, series * narrowing.rows(of: source.rowsPerSeries))
        // To look at a series at all costs as much as some rows.
        plan.cost = series * 50 + plan.rows
        return plan
    }

    private func want(_ place: Int, _ condition: TableUse.Condition) -> TablePlan.Want? {
        switch condition.column {
        case SeriesTimeColumn.series: SeriesConditions.want(place, condition)
        case SeriesTimeColumn.time: TimeConditions.want(place, condition)
        default: nil
        }
    }

    /// Whether the rows can come in an order, and how. A series and a time together are a row: what is ordered by
    /// further columns is ordered already.
    private func order(_ order: [TableUse.Ordering], _ passage: inout Passage, isOneSeries: Bool) -> Bool {
        guard let first = order.first else { return true }
        let second = order.dropFirst().first
        switch (first.column, second?.column) {
        case (SeriesTimeColumn.series, nil), (SeriesTimeColumn.series, SeriesTimeColumn.time):
            passage.seriesDescending = first.descending
            passage.timeDescending = second?.descending ?? false
            return true
        case (SeriesTimeColumn.time, nil), (SeriesTimeColumn.time, SeriesTimeColumn.series):
            guard isOneSeries || moment.names.all.count <= source.mostMerged else { return false }
            passage.isByTime = true
            passage.timeDescending = first.descending
            passage.seriesDescending = second?.descending ?? false
            return true
        default: return false
        }
    }
}

/// How far conditions narrow a table, as far as one can tell before the values are known.
private struct Narrowing {
    private(set) var isOneSeries = false
    private var isSomeSeries = false
    private var isOneTime = false
    private var bounds: Set<Bool> = []

    mutating func note(_ condition: TableUse.Condition) {
        switch (condition.column, condition.operation) {
        case (SeriesTimeColumn.series, .equal) where !condition.canBeList: isOneSeries = true
        case (SeriesTimeColumn.series, _): isSomeSeries = true
        case (_, .equal): isOneTime = true
        case (_, .less), (_, .lessOrEqual): bounds.insert(false)
        default: bounds.insert(true)
        }
    }

    func series(of all: Double) -> Double { isOneSeries ? 1 : isSomeSeries ? max(1, all / 10) : all }

    func rows(of all: Double) -> Double {
        if isOneTime { return 1 }
        return max(1, bounds.count == 2 ? all / 50 : bounds.count == 1 ? all / 5 : all)
    }
}

private final class SeriesTimeCursor: TableCursor {
    private let source: any SeriesRowsSource
    private let moment: StoreMoment
    private var passage = Passage()
    private var range = TimeRange()
    /// The series that are still to come, the next one last.
    private var waiting: [Int] = []
    private var rows: SeriesRows? {
        didSet { uncounted = rows.map(Unmanaged.passUnretained) }
    }
    /// The same again. To count the references at each row and column would take a third of the time of a query.
    private var uncounted: Unmanaged<SeriesRows>?
    /// Where there is more than one series, and the passage is by time.
    private var merge: TimeMerge?

    init(_ source: any SeriesRowsSource, _ moment: StoreMoment) throws {
        try moment.enter()
        self.source = source
        self.moment = moment
    }

    deinit { moment.leave() }

    func start(_ number: Int, _ conditions: TableConditions) throws {
        passage = Passage(number: number)
        (rows, merge) = (nil, nil)
        waiting = try selectedPlaces(conditions)
        if !passage.seriesDescending { waiting.reverse() }
        if passage.isByTime, waiting.count > 1 { try startMerge() }
    }

    /// In the order of their names; none where no time is left.
    private func selectedPlaces(_ conditions: TableConditions) throws -> [Int] {
        var places: [Int]?
        range = TimeRange()
        for index in 0..<conditions.count {
            let (meaning, value) = conditions[index]
            if let meaning = SeriesConditions.Meaning(rawValue: meaning) {
                places = try SeriesConditions.narrow(places, meaning, value, among: moment.names)
            } else if let meaning = TimeConditions.Meaning(rawValue: meaning) {
                guard let narrowed = TimeConditions.narrow(range, meaning, value) else { return [] }
                range = narrowed
            }
        }
        return places ?? Array(0..<moment.names.all.count)
    }

    private func open(_ place: Int) throws -> SeriesRows? {
        try source.rows(of: moment.names.all[place], in: range, passage, moment)
    }

    private func startMerge() throws {
        var merge = TimeMerge(descending: passage.timeDescending)
        while let place = waiting.popLast() {
            if let rows = try open(place) { try merge.add(rows) }
        }
        self.merge = merge
    }

    func next() throws -> Bool {
        if merge != nil { return try nextOfMerge() }
        while true {
            if try uncounted?._withUnsafeGuaranteedRef({ try $0.next() }) ?? false { return true }
            guard let next = waiting.popLast() else { return false }
            rows = try open(next)
        }
    }

    private func nextOfMerge() throws -> Bool {
        rows = try merge?.next()
        return rows != nil
    }

    func column(_ column: Int, _ result: SQLResult) throws {
        try uncounted?._withUnsafeGuaranteedRef {
            if column == SeriesTimeColumn.series { result.text($0.series.name) } else { try $0.column(column, result) }
        }
    }
}
