import History
import Journal
import Platform
import SQLite

/// The tables and functions of a store on a connection, for as long as that is open.
public struct StoreTables {
    let moment: StoreMoment

    public init(directory: String) throws { moment = try StoreMoment(directory: directory) }

    /// Each table is there once under its name and once for each prefix.
    public func register(on connection: Connection, prefixes: [String] = []) throws(SQLiteError) {
        for (name, table) in all {
            for prefix in [""] + prefixes { try connection.register(table, as: prefix + name) }
        }
        try connection.register(AsOf(moment: moment))
    }

    private var all: [(name: String, table: any VirtualTable)] {
        let logs = JournalReader.Log.allCases.map { ($0.rawValue, LogTable($0, moment) as any VirtualTable) }
        let rollups = moment.reader.widths.map { width in
            (
                "readings_" + Interval.name(width),
                SeriesTimeTable(RollupSource(width: width), moment) as any VirtualTable
            )
        }
        return [
            ("readings", SeriesTimeTable(ReadingsSource(), moment)),
            ("latest", SeriesTimeTable(LatestSource(), moment)),
            ("series", SeriesTable(moment)), ("buckets", BucketsTable(moment)),
        ] + rollups + logs
    }

    /// Functions that need no store.
    public static func registerFunctions(
        on connection: Connection, wall: @escaping @Sendable () -> Int64 = Clocks.system.wall
    ) throws(SQLiteError) {
        for function: any ScalarFunction in [TimeBucket(), Now(wall: wall), Ago(wall: wall), ISOText(), Microseconds()]
        {
            try connection.register(function)
        }
        try connection.register(FirstValue.self)
        try connection.register(LastValue.self)
        try connection.register(Delta.self)
        try connection.register(Rate.self)
        try connection.register(Interpolation.self)
        try connection.register(TimeWeightedAverage.self)
        try connection.register(Percentile.self)
    }
}
