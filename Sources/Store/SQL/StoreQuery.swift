import Journal
import Platform
import Readings
import SQLite

/// A store to ask in SQL: the tables `readings`, `latest` and `series`, beside those that tell of what went wrong,
/// `gaps` and `dead_letters`. Nothing in it can be changed.
public final class StoreQuery {
    private let reader: JournalReader
    private let connection: Connection

    public init(directory: String) throws {
        reader = try JournalReader(directory: directory)
        connection = try Connection(directory, .memory)
        try connection.register(ReadingsTable(reader, isLatest: false), as: "readings")
        try connection.register(ReadingsTable(reader, isLatest: true), as: "latest")
        try connection.register(SeriesTable(reader), as: "series")
        for table in JournalReader.Log.allCases {
            try connection.register(LogTable(reader, table), as: table.rawValue)
        }
        try connection.execute("PRAGMA query_only = ON")
        connection.forbidAttaching()
    }

    /// What was found damaged while asking.
    public var damages: [String] { reader.damages }

    /// Runs each statement in turn; calls with the names of the columns, and then for each row.
    public func run(
        _ sql: String, columns: ([String]) throws -> Void, row: ([SQLValue]) throws -> Void
    ) throws {
        var rest = sql
        while let (statement, remaining) = try connection.prepareFirst(of: rest) {
            rest = remaining
            let names = statement.columnNames
            try columns(names)
            while try statement.step() { try row(names.indices.map { statement.value($0) }) }
        }
    }
}
