import Readings
import SQLite

/// `readings_1m` and so on: what the readings of each series come to, bucket by bucket; `time` is where one begins.
struct RollupSource: SeriesRowsSource {
    let columns = BucketRows.columns
    let rowsPerSeries = 10_000.0
    /// Thousands of buckets of each series would be in memory: sorting them costs SQLite no more.
    let mostMerged = 1
    let width: Int64

    func rows(of series: SeriesNames.Series, in range: TimeRange, _ passage: Passage, _ moment: StoreMoment) throws
        -> SeriesRows?
    {
        guard let readings = readings(ofBucketsIn: range) else { return nil }
        return try BucketRows(series, readings, width: width, descending: passage.timeDescending, moment)
    }

    /// The readings of the buckets that begin in a range.
    private func readings(ofBucketsIn range: TimeRange) -> TimeRange? {
        guard let start = firstStart(notBefore: range.first), start <= range.last,
            let lastStart = TimeBucket.start(of: range.last, width: width)
        else { return nil }
        // What comes before the first multiple of the width that can be counted belongs to the bucket there.
        let first = start.subtractingReportingOverflow(width).overflow ? .min : start
        let (end, isPastTheEnd) = lastStart.addingReportingOverflow(width - 1)
        return TimeRange(first: first, last: isPastTheEnd ? .max : end)
    }

    /// Nil where it cannot be counted.
    private func firstStart(notBefore time: Int64) -> Int64? {
        let rest = time % width
        if rest == 0 { return time }
        let (start, overflows) = time.addingReportingOverflow(rest > 0 ? width - rest : -rest)
        return overflows ? nil : start
    }
}

/// `buckets(series, from, to, width)`: the buckets of one series from one moment to before another, of any width. The
/// first and the last hold only what lies in between.
final class BucketsTable: VirtualTable {
    /// Behind the columns of a bucket, with its time in front.
    private static let arguments = ["series", "from", "to", "width"]
    private static let firstArgument = BucketRows.Column.timeWeightedAverage.rawValue + 1

    let declaration = """
        CREATE TABLE x(time INTEGER, \(BucketRows.columns), series TEXT HIDDEN, "from" HIDDEN, "to" HIDDEN,
        width HIDDEN, PRIMARY KEY(series, "from", "to", width, time)) WITHOUT ROWID
        """
    private let moment: StoreMoment

    init(_ moment: StoreMoment) { self.moment = moment }

    func plan(_ use: TableUse) -> TablePlan? {
        var plan = TablePlan(rows: 100, cost: 200)
        for index in Self.arguments.indices {
            let given = use.conditions.indices.filter {
                use.conditions[$0].column == Self.firstArgument + index && use.conditions[$0].operation == .equal
            }
            // Not an error yet: SQLite looks at the sides of an OR one by one, too. To go that way is one.
            guard !given.isEmpty else { return TablePlan(number: Self.missing + index, rows: 1e12, cost: 1e15) }
            guard let place = given.first(where: { use.conditions[$0].isUsable }) else { return nil }
            plan.wants.append(TablePlan.Want(place, meaning: UInt8(ascii: "a") + UInt8(index), isExact: true))
        }
        let order = use.order.first
        plan.isOrdered = order.map { $0.column == BucketRows.Column.time.rawValue } ?? true
        plan.number = order?.descending == true ? 1 : 0
        return plan
    }

    func open() throws -> any TableCursor { try BucketsCursor(moment) }

    /// The number of a plan that would do without one of the arguments, less its place among them.
    private static let missing = 2

    static func checkArguments(number: Int) throws {
        guard number >= missing else { return }
        throw SQLProblem("buckets(series, from, to, width) is called without \"\(arguments[number - missing])\"")
    }
}

private final class BucketsCursor: TableCursor {
    private let moment: StoreMoment
    private var arguments: [SQLValue] = []
    private var rows: BucketRows?

    init(_ moment: StoreMoment) throws {
        try moment.enter()
        self.moment = moment
    }

    deinit { moment.leave() }

    func start(_ number: Int, _ conditions: TableConditions) throws {
        try BucketsTable.checkArguments(number: number)
        let given = (0..<4).map { conditions[$0].value }
        arguments = given.map(\.copy)
        rows = nil
        guard given[0].kind != .null, let from = try given[1].moment("from"), let to = try given[2].moment("to"),
            let width = try given[3].interval("width")
        else { return }
        guard Self.widths.contains(width) else {
            throw SQLProblem("width is \(width) us: buckets have widths from 5 ms to 35 years")
        }
        let places = given[0].withText { moment.names.places(named: $0) }
        guard let place = places.first, from < to else { return }
        let range = TimeRange(first: from, last: to - 1)
        rows = try BucketRows(moment.names.all[place], range, width: width, descending: number == 1, moment)
    }

    /// Those that rollups can have.
    private static let widths: ClosedRange<Int64> = 5000...1 << 50

    func next() throws -> Bool { try rows?.next() ?? false }

    func column(_ column: Int, _ result: SQLResult) {
        if let column = BucketRows.Column(rawValue: column) {
            rows?.column(column, result)
        } else {
            result.value(arguments[column - BucketRows.Column.timeWeightedAverage.rawValue - 1])
        }
    }
}
