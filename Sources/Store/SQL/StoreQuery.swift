import History
import SQLite

/// A store to ask in SQL, as often as one likes; each statement sees the store of the moment in which it begins.
/// Nothing in it can be changed. Used by one thread at a time.
public final class StoreQuery {
    private let tables: StoreTables
    private let connection: Connection

    /// The brake ends its statements, from any thread.
    public init(directory: String, brake: StatementBrake = StatementBrake()) throws {
        tables = try StoreTables(directory: directory)
        connection = try Connection(directory, .memory)
        connection.use(brake)
        try tables.register(on: connection)
        try StoreTables.registerFunctions(on: connection)
        // What is sorted stays in memory: a card has better things to do.
        try connection.execute("PRAGMA temp_store = MEMORY")
        try connection.allowReadingAlone()
    }

    /// What was found damaged while asking.
    public var damages: [String] { tables.moment.reader.damages }

    /// Runs each statement in turn; the body goes through its rows.
    public func run(_ sql: String, _ body: (Statement) throws -> Void) throws {
        var rest = sql
        while let (statement, remaining) = try connection.prepareFirst(of: rest) {
            rest = remaining
            try tables.moment.enter()
            defer { tables.moment.leave() }
            try body(statement)
        }
    }

    /// Calls with the names of the columns of each statement, and then for each of its rows.
    public func run(
        _ sql: String, columns: ([String]) throws -> Void, row: ([SQLValue]) throws -> Void
    ) throws {
        try run(sql) { statement in
            let names = statement.columnNames
            try columns(names)
            while try statement.step() { try row(names.indices.map { statement.value($0) }) }
        }
    }
}
