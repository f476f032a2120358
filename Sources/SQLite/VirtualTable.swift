import CSQLite

/// A table whose rows Swift makes. While SQLite prepares a statement it asks `plan` what the table can do with the
/// conditions, once for each combination that it considers; while the statement runs it opens a cursor for each place
/// where the table is used, and starts it anew each time that the table is gone through.
public protocol VirtualTable: AnyObject {
    /// `CREATE TABLE x(name TYPE, ...)`. A table that wants conditions needs a PRIMARY KEY and WITHOUT ROWID: for OR
    /// and outer joins SQLite knows a row again in another pass by its key, or else by its number in the pass. A column
    /// that is HIDDEN is an argument: `name(argument, ...)`.
    var declaration: String { get }
    /// Nil where the table cannot do without a condition that is not usable in this combination.
    func plan(_ use: TableUse) throws -> TablePlan?
    func open() throws -> any TableCursor
}

/// Goes through the rows of a table, standing on one at a time.
public protocol TableCursor: AnyObject {
    /// Before the first row. The conditions are borrowed for the time of the call.
    func start(_ number: Int, _ conditions: TableConditions) throws
    /// To the next row, at first the first; false when there is none.
    func next() throws -> Bool
    func column(_ column: Int, _ result: SQLResult) throws
}

/// What a statement asks of a table.
public struct TableUse {
    /// `column <operation> something`.
    public struct Condition: Sendable {
        public enum Operation: Sendable { case equal, less, lessOrEqual, greater, greaterOrEqual, glob, like }

        public let column: Int
        public let operation: Operation
        /// Its right side is known when the rows are asked for.
        public let isUsable: Bool
        /// It is an IN whose right side can be had as a list, or else one element at a time.
        public let canBeList: Bool
        /// It compares with a text that stands in the statement.
        public let isWithText: Bool
    }

    public struct Ordering: Sendable {
        public let column: Int
        public let descending: Bool
    }

    public let conditions: [Condition]
    public let order: [Ordering]
    /// A bit for each column that the statement names anywhere; the 63rd stands for all further ones.
    public let columns: UInt64
}

/// How a table will answer.
public struct TablePlan: Sendable {
    /// A condition whose right side is wanted.
    public struct Want: Sendable {
        /// Its place among the conditions of the use.
        public var condition: Int
        /// An ASCII character that says to the cursor what it is; shown by EXPLAIN QUERY PLAN.
        public var meaning: UInt8
        public var isList: Bool
        /// The rows will fulfil it, whatever value comes: SQLite does not check them again.
        public var isExact: Bool

        public init(_ condition: Int, meaning: UInt8, isList: Bool = false, isExact: Bool = false) {
            self.condition = condition
            self.meaning = meaning
            self.isList = isList
            self.isExact = isExact
        }
    }

    public var wants: [Want]
    /// Handed to the cursor.
    public var number: Int
    /// About how many rows will come, and what they cost together.
    public var rows: Double
    public var cost: Double
    /// The rows come in the order that is asked for.
    public var isOrdered: Bool

    public init(wants: [Want] = [], number: Int = 0, rows: Double, cost: Double, isOrdered: Bool = false) {
        self.wants = wants
        self.number = number
        self.rows = rows
        self.cost = cost
        self.isOrdered = isOrdered
    }
}

/// The right sides of the conditions that a plan wanted, in its order.
public struct TableConditions {
    let meanings: UnsafePointer<CChar>?
    let values: SQLArguments

    public var count: Int { values.count }

    public subscript(index: Int) -> (meaning: UInt8, value: SQLArgument) {
        (UInt8(bitPattern: meanings![index]), values[index])
    }
}
