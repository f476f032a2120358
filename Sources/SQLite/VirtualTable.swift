import CSQLite

/// A table whose rows Swift makes. SQLite asks `plan` what a table can do with a query's conditions, and then
/// `rows` for the rows, once for each time that the table is gone through.
public protocol VirtualTable: AnyObject {
    /// `CREATE TABLE x(name TYPE, ...)`. A table that wants conditions needs a PRIMARY KEY and WITHOUT ROWID: for OR
    /// and outer joins SQLite knows a row again in another pass by its key, or else by its number in the pass.
    var declaration: String { get }
    func plan(_ conditions: [Condition], orderedBy order: [Ordering]) -> Plan
    func rows(number: Int, arguments: [SQLValue]) throws -> any VirtualRows
}

/// The rows of one pass, standing on one row at a time.
public protocol VirtualRows: AnyObject {
    /// To the first row at first; false when there is none.
    func next() throws -> Bool
    func column(_ column: Int) -> SQLValue
}

/// `column <operation> something` that SQLite knows when it asks for rows.
public struct Condition: Sendable {
    public enum Operation: Sendable { case equal, less, lessOrEqual, greater, greaterOrEqual, glob }

    public let column: Int
    public let operation: Operation
}

public struct Ordering: Sendable {
    public let column: Int
    public let descending: Bool
}

/// How a table will answer.
public struct Plan: Sendable {
    /// The conditions whose right sides are wanted, in the order in which they come as `arguments`. SQLite checks them
    /// all again.
    public var wanted: [Int]
    /// Handed back to `rows`.
    public var number: Int
    public var cost: Double
    public var isOrdered: Bool

    public init(wanted: [Int], number: Int, cost: Double, isOrdered: Bool) {
        self.wanted = wanted
        self.number = number
        self.cost = cost
        self.isOrdered = isOrdered
    }
}

extension Connection {
    /// Makes the table readable under `name` for as long as the connection is open.
    public func register(_ table: any VirtualTable, as name: String) throws(SQLiteError) {
        // Eponymous tables need no CREATE, and live in every schema. SQLite owns the box until `dropTable`.
        let box = Unmanaged.passRetained(TableBox(table))
        let code = sqlite3_create_module_v2(handle, name, SharedModule.pointer.value, box.toOpaque(), dropTable)
        if code != SQLITE_OK { throw error(code, name) }
    }
}

private final class TableBox {
    let table: any VirtualTable

    init(_ table: any VirtualTable) { self.table = table }
}

private final class RowsBox {
    let table: any VirtualTable
    var rows: (any VirtualRows)?
    var isAtEnd = true
    var rowNumber: Int64 = 0

    init(_ table: any VirtualTable) { self.table = table }
}

/// SQLite keeps the address of the module: it must live as long as the process.
private struct SharedModule: @unchecked Sendable {
    // Sendable: written here once, only read afterwards.
    let value: UnsafeMutablePointer<sqlite3_module>

    static let pointer: SharedModule = {
        let pointer = UnsafeMutablePointer<sqlite3_module>.allocate(capacity: 1)
        var module = sqlite3_module()
        module.iVersion = 0
        module.xConnect = connectTable
        module.xBestIndex = chooseIndex
        module.xDisconnect = disconnectTable
        module.xOpen = openRows
        module.xClose = closeRows
        module.xFilter = startRows
        module.xNext = nextRow
        module.xEof = isAtEnd
        module.xColumn = giveColumn
        module.xRowid = giveRowNumber
        pointer.initialize(to: module)
        return SharedModule(value: pointer)
    }()
}

private func dropTable(_ context: UnsafeMutableRawPointer?) {
    if let context { Unmanaged<TableBox>.fromOpaque(context).release() }
}

private func connectTable(
    _ database: OpaquePointer?, _ context: UnsafeMutableRawPointer?, _: Int32,
    _: UnsafePointer<UnsafePointer<CChar>?>?, _ result: UnsafeMutablePointer<UnsafeMutablePointer<sqlite3_vtab>?>?,
    _ message: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
    let box = Unmanaged<TableBox>.fromOpaque(context!).takeUnretainedValue()
    let code = sqlite3_declare_vtab(database, box.table.declaration)
    if code != SQLITE_OK {
        message?.pointee = outpost_sqlite_copy("the declaration of a virtual table is wrong")
        return code
    }
    let table = UnsafeMutablePointer<outpost_virtual_table>.allocate(capacity: 1)
    table.initialize(to: outpost_virtual_table())
    // Owned by SQLite's object, until `disconnectTable`.
    table.pointee.table = Unmanaged.passRetained(box).toOpaque()
    result?.pointee = UnsafeMutableRawPointer(table).assumingMemoryBound(to: sqlite3_vtab.self)
    return SQLITE_OK
}

private func ours(_ table: UnsafeMutablePointer<sqlite3_vtab>?) -> UnsafeMutablePointer<outpost_virtual_table> {
    UnsafeMutableRawPointer(table!).assumingMemoryBound(to: outpost_virtual_table.self)
}

private func ours(_ cursor: UnsafeMutablePointer<sqlite3_vtab_cursor>?) -> UnsafeMutablePointer<outpost_virtual_cursor>
{
    UnsafeMutableRawPointer(cursor!).assumingMemoryBound(to: outpost_virtual_cursor.self)
}

private func rowsBox(_ cursor: UnsafeMutablePointer<sqlite3_vtab_cursor>?) -> RowsBox {
    Unmanaged<RowsBox>.fromOpaque(ours(cursor).pointee.rows).takeUnretainedValue()
}

private func disconnectTable(_ table: UnsafeMutablePointer<sqlite3_vtab>?) -> Int32 {
    let table = ours(table)
    Unmanaged<TableBox>.fromOpaque(table.pointee.table).release()
    table.deallocate()
    return SQLITE_OK
}

private func chooseIndex(
    _ table: UnsafeMutablePointer<sqlite3_vtab>?, _ info: UnsafeMutablePointer<sqlite3_index_info>?
) -> Int32 {
    let box = Unmanaged<TableBox>.fromOpaque(ours(table).pointee.table).takeUnretainedValue()
    let info = info!
    var places: [Int] = []
    var conditions: [Condition] = []
    for place in 0..<Int(info.pointee.nConstraint) {
        let constraint = info.pointee.aConstraint[place]
        guard constraint.usable != 0, constraint.iColumn >= 0, let operation = operation(constraint.op),
            // Others take different texts for the same; a table that narrows by one would leave them out.
            String(cString: sqlite3_vtab_collation(info, Int32(place))) == "BINARY"
        else { continue }
        places.append(place)
        conditions.append(Condition(column: Int(constraint.iColumn), operation: operation))
    }
    let order = (0..<Int(info.pointee.nOrderBy)).map {
        Ordering(column: Int(info.pointee.aOrderBy[$0].iColumn), descending: info.pointee.aOrderBy[$0].desc != 0)
    }
    let plan = box.table.plan(conditions, orderedBy: order)
    for (argument, condition) in plan.wanted.enumerated() {
        info.pointee.aConstraintUsage[places[condition]].argvIndex = Int32(argument + 1)
    }
    info.pointee.idxNum = Int32(plan.number)
    info.pointee.estimatedCost = plan.cost
    info.pointee.orderByConsumed = plan.isOrdered && !order.isEmpty ? 1 : 0
    return SQLITE_OK
}

private func operation(_ code: UInt8) -> Condition.Operation? {
    switch Int32(code) {
    case SQLITE_INDEX_CONSTRAINT_EQ: .equal
    case SQLITE_INDEX_CONSTRAINT_LT: .less
    case SQLITE_INDEX_CONSTRAINT_LE: .lessOrEqual
    case SQLITE_INDEX_CONSTRAINT_GT: .greater
    case SQLITE_INDEX_CONSTRAINT_GE: .greaterOrEqual
    case SQLITE_INDEX_CONSTRAINT_GLOB: .glob
    default: nil
    }
}

private func openRows(
    _ table: UnsafeMutablePointer<sqlite3_vtab>?,
    _ result: UnsafeMutablePointer<UnsafeMutablePointer<sqlite3_vtab_cursor>?>?
) -> Int32 {
    let box = Unmanaged<TableBox>.fromOpaque(ours(table).pointee.table).takeUnretainedValue()
    let cursor = UnsafeMutablePointer<outpost_virtual_cursor>.allocate(capacity: 1)
    cursor.initialize(to: outpost_virtual_cursor())
    // Owned by SQLite's cursor, until `closeRows`.
    cursor.pointee.rows = Unmanaged.passRetained(RowsBox(box.table)).toOpaque()
    result?.pointee = UnsafeMutableRawPointer(cursor).assumingMemoryBound(to: sqlite3_vtab_cursor.self)
    return SQLITE_OK
}

private func closeRows(_ cursor: UnsafeMutablePointer<sqlite3_vtab_cursor>?) -> Int32 {
    let cursor = ours(cursor)
    Unmanaged<RowsBox>.fromOpaque(cursor.pointee.rows).release()
    cursor.deallocate()
    return SQLITE_OK
}

private func startRows(
    _ cursor: UnsafeMutablePointer<sqlite3_vtab_cursor>?, _ number: Int32, _: UnsafePointer<CChar>?, _ count: Int32,
    _ arguments: UnsafeMutablePointer<OpaquePointer?>?
) -> Int32 {
    let box = rowsBox(cursor)
    let values = (0..<Int(count)).map { value(arguments![$0]) }
    return reportingErrors(cursor) {
        let rows = try box.table.rows(number: Int(number), arguments: values)
        box.rows = rows
        box.rowNumber = 0
        box.isAtEnd = try !rows.next()
    }
}

private func nextRow(_ cursor: UnsafeMutablePointer<sqlite3_vtab_cursor>?) -> Int32 {
    let box = rowsBox(cursor)
    return reportingErrors(cursor) {
        box.rowNumber += 1
        box.isAtEnd = try !(box.rows?.next() ?? false)
    }
}

private func isAtEnd(_ cursor: UnsafeMutablePointer<sqlite3_vtab_cursor>?) -> Int32 { rowsBox(cursor).isAtEnd ? 1 : 0 }

private func giveColumn(
    _ cursor: UnsafeMutablePointer<sqlite3_vtab_cursor>?, _ context: OpaquePointer?, _ column: Int32
) -> Int32 {
    switch rowsBox(cursor).rows?.column(Int(column)) ?? .null {
    case .null: sqlite3_result_null(context)
    case .integer(let number): sqlite3_result_int64(context, number)
    case .real(let number): sqlite3_result_double(context, number)
    case .text(var text):
        text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) {
                outpost_sqlite_result_text(context, $0.baseAddress, sqlite3_uint64($0.count))
            }
        }
    case .blob: sqlite3_result_error(context, "virtual tables have no blobs", -1)
    }
    return SQLITE_OK
}

private func giveRowNumber(
    _ cursor: UnsafeMutablePointer<sqlite3_vtab_cursor>?, _ result: UnsafeMutablePointer<sqlite3_int64>?
) -> Int32 {
    result?.pointee = rowsBox(cursor).rowNumber
    return SQLITE_OK
}

private func value(_ value: OpaquePointer?) -> SQLValue {
    switch sqlite3_value_type(value) {
    case SQLITE_INTEGER: return .integer(sqlite3_value_int64(value))
    case SQLITE_FLOAT: return .real(sqlite3_value_double(value))
    case SQLITE_TEXT:
        guard let text = sqlite3_value_text(value) else { return .null }
        let count = Int(sqlite3_value_bytes(value))
        return .text(String(decoding: UnsafeBufferPointer(start: text, count: count), as: UTF8.self))
    default: return .null
    }
}

/// An error becomes the message of the statement that asked.
private func reportingErrors(
    _ cursor: UnsafeMutablePointer<sqlite3_vtab_cursor>?, _ body: () throws -> Void
) -> Int32 {
    do {
        try body()
        return SQLITE_OK
    } catch {
        let table = ours(cursor).pointee.base.pVtab!
        sqlite3_free(table.pointee.zErrMsg)
        table.pointee.zErrMsg = outpost_sqlite_copy("\(error)")
        return SQLITE_ERROR
    }
}
