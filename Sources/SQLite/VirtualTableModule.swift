import CSQLite

extension Connection {
    /// Makes the table readable under `name` for as long as the connection is open.
    public func register(_ table: any VirtualTable, as name: String) throws(SQLiteError) {
        // Eponymous tables need no CREATE, and live in every schema. SQLite owns the box until `dropTable`, which it
        // calls when this fails, too.
        let box = Unmanaged.passRetained(TableBox(table))
        let code = sqlite3_create_module_v2(handle, name, SharedModule.pointer.value, box.toOpaque(), dropTable)
        if code != SQLITE_OK { throw error(code, name) }
    }
}

private final class TableBox {
    let table: any VirtualTable

    init(_ table: any VirtualTable) { self.table = table }
}

private final class CursorBox {
    let cursor: any TableCursor

    init(_ cursor: any TableCursor) { self.cursor = cursor }
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
        module.xOpen = openCursor
        module.xClose = closeCursor
        module.xFilter = startCursor
        module.xNext = nextRow
        module.xEof = isAtEnd
        module.xColumn = giveColumn
        module.xRowid = giveRowNumber
        pointer.initialize(to: module)
        return SharedModule(value: pointer)
    }()
}

private typealias TablePointer = UnsafeMutablePointer<sqlite3_vtab>
private typealias CursorPointer = UnsafeMutablePointer<sqlite3_vtab_cursor>

private func ours(_ table: TablePointer?) -> UnsafeMutablePointer<outpost_virtual_table> {
    UnsafeMutableRawPointer(table!).assumingMemoryBound(to: outpost_virtual_table.self)
}

private func ours(_ cursor: CursorPointer?) -> UnsafeMutablePointer<outpost_virtual_cursor> {
    UnsafeMutableRawPointer(cursor!).assumingMemoryBound(to: outpost_virtual_cursor.self)
}

private func table(_ pointer: TablePointer?) -> any VirtualTable {
    Unmanaged<TableBox>.fromOpaque(ours(pointer).pointee.table).takeUnretainedValue().table
}

/// An error becomes the message of the statement that asked.
private func report(_ error: any Error, _ table: TablePointer?) -> Int32 {
    if let error = error as? SQLiteError, error.isNoMemory || error.isInterrupted { return error.code }
    sqlite3_free(table!.pointee.zErrMsg)
    table!.pointee.zErrMsg = outpost_sqlite_copy("\(error)")
    return SQLITE_ERROR
}

// MARK: - The life of a table

private func connectTable(
    _ database: OpaquePointer?, _ context: UnsafeMutableRawPointer?, _: Int32,
    _: UnsafePointer<UnsafePointer<CChar>?>?, _ result: UnsafeMutablePointer<TablePointer?>?,
    _ message: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
    let box = Unmanaged<TableBox>.fromOpaque(context!).takeUnretainedValue()
    let code = sqlite3_declare_vtab(database, box.table.declaration)
    if code != SQLITE_OK {
        message?.pointee = outpost_sqlite_copy(
            "a table cannot be declared: \(String(cString: sqlite3_errmsg(database)))")
        return code
    }
    let table = UnsafeMutablePointer<outpost_virtual_table>.allocate(capacity: 1)
    table.initialize(to: outpost_virtual_table())
    // Owned by SQLite's object, until `disconnectTable`.
    table.pointee.table = Unmanaged.passRetained(box).toOpaque()
    result?.pointee = UnsafeMutableRawPointer(table).assumingMemoryBound(to: sqlite3_vtab.self)
    return SQLITE_OK
}

private func disconnectTable(_ table: TablePointer?) -> Int32 {
    let table = ours(table)
    Unmanaged<TableBox>.fromOpaque(table.pointee.table).release()
    table.deallocate()
    return SQLITE_OK
}

private func dropTable(_ context: UnsafeMutableRawPointer?) {
    if let context { Unmanaged<TableBox>.fromOpaque(context).release() }
}

// MARK: - The plan

private func chooseIndex(_ pointer: TablePointer?, _ info: UnsafeMutablePointer<sqlite3_index_info>?) -> Int32 {
    let info = info!
    let (use, places) = read(info)
    do {
        guard let plan = try table(pointer).plan(use) else { return SQLITE_CONSTRAINT }
        return write(plan, use, places, into: info)
    } catch {
        return report(error, pointer)
    }
}

private func read(_ info: UnsafeMutablePointer<sqlite3_index_info>) -> (use: TableUse, places: [Int]) {
    var places: [Int] = []
    var conditions: [TableUse.Condition] = []
    for place in 0..<Int(info.pointee.nConstraint) {
        let constraint = info.pointee.aConstraint[place]
        guard constraint.iColumn >= 0, let operation = operation(constraint.op),
            // Others take different texts for the same; a table that narrows by one would leave them out.
            String(cString: sqlite3_vtab_collation(info, Int32(place))) == "BINARY"
        else { continue }
        places.append(place)
        conditions.append(
            TableUse.Condition(
                column: Int(constraint.iColumn), operation: operation, isUsable: constraint.usable != 0,
                canBeList: operation == .equal && sqlite3_vtab_in(info, Int32(place), -1) != 0,
                isWithText: isWithText(info, place)))
    }
    let order = (0..<Int(info.pointee.nOrderBy)).map {
        TableUse.Ordering(
            column: Int(info.pointee.aOrderBy[$0].iColumn), descending: info.pointee.aOrderBy[$0].desc != 0)
    }
    return (TableUse(conditions: conditions, order: order, columns: info.pointee.colUsed), places)
}

private func operation(_ code: UInt8) -> TableUse.Condition.Operation? {
    switch Int32(code) {
    case SQLITE_INDEX_CONSTRAINT_EQ: .equal
    case SQLITE_INDEX_CONSTRAINT_LT: .less
    case SQLITE_INDEX_CONSTRAINT_LE: .lessOrEqual
    case SQLITE_INDEX_CONSTRAINT_GT: .greater
    case SQLITE_INDEX_CONSTRAINT_GE: .greaterOrEqual
    case SQLITE_INDEX_CONSTRAINT_GLOB: .glob
    case SQLITE_INDEX_CONSTRAINT_LIKE: .like
    default: nil
    }
}

private func isWithText(_ info: UnsafeMutablePointer<sqlite3_index_info>, _ place: Int) -> Bool {
    var value: OpaquePointer?
    return sqlite3_vtab_rhs_value(info, Int32(place), &value) == SQLITE_OK && sqlite3_value_type(value) == SQLITE_TEXT
}

private func write(
    _ plan: TablePlan, _ use: TableUse, _ places: [Int], into info: UnsafeMutablePointer<sqlite3_index_info>
) -> Int32 {
    for (argument, want) in plan.wants.enumerated() {
        let place = places[want.condition]
        info.pointee.aConstraintUsage[place].argvIndex = Int32(argument + 1)
        info.pointee.aConstraintUsage[place].omit = want.isExact ? 1 : 0
        if want.isList { sqlite3_vtab_in(info, Int32(place), 1) }
    }
    let meanings = String(decoding: plan.wants.map(\.meaning), as: UTF8.self)
    guard let text = outpost_sqlite_copy(meanings) else { return SQLITE_NOMEM }
    info.pointee.idxStr = text
    info.pointee.needToFreeIdxStr = 1
    info.pointee.idxNum = Int32(plan.number)
    info.pointee.estimatedCost = plan.cost
    info.pointee.estimatedRows = sqlite3_int64(min(max(plan.rows, 1), 1e15))
    info.pointee.orderByConsumed = plan.isOrdered && !use.order.isEmpty ? 1 : 0
    return SQLITE_OK
}

// MARK: - The life of a cursor

private func openCursor(_ pointer: TablePointer?, _ result: UnsafeMutablePointer<CursorPointer?>?) -> Int32 {
    do {
        let box = CursorBox(try table(pointer).open())
        let cursor = UnsafeMutablePointer<outpost_virtual_cursor>.allocate(capacity: 1)
        cursor.initialize(to: outpost_virtual_cursor())
        // Owned by SQLite's cursor, until `closeCursor`.
        cursor.pointee.cursor = Unmanaged.passRetained(box).toOpaque()
        result?.pointee = UnsafeMutableRawPointer(cursor).assumingMemoryBound(to: sqlite3_vtab_cursor.self)
        return SQLITE_OK
    } catch {
        return report(error, pointer)
    }
}

private func closeCursor(_ cursor: CursorPointer?) -> Int32 {
    let cursor = ours(cursor)
    Unmanaged<CursorBox>.fromOpaque(cursor.pointee.cursor).release()
    cursor.deallocate()
    return SQLITE_OK
}

private func startCursor(
    _ pointer: CursorPointer?, _ number: Int32, _ meanings: UnsafePointer<CChar>?, _ count: Int32,
    _ arguments: UnsafeMutablePointer<OpaquePointer?>?
) -> Int32 {
    let cursor = ours(pointer)
    cursor.pointee.row = -1
    let conditions = TableConditions(meanings: meanings, values: SQLArguments(arguments, count: count))
    return Unmanaged<CursorBox>.fromOpaque(cursor.pointee.cursor)._withUnsafeGuaranteedRef { box in
        do { try box.cursor.start(Int(number), conditions) } catch { return report(error, pointer!.pointee.pVtab) }
        return nextRow(pointer)
    }
}

private func nextRow(_ pointer: CursorPointer?) -> Int32 {
    let cursor = ours(pointer)
    return Unmanaged<CursorBox>.fromOpaque(cursor.pointee.cursor)._withUnsafeGuaranteedRef { box in
        do {
            cursor.pointee.is_at_end = try box.cursor.next() ? 0 : 1
            cursor.pointee.row += 1
            return SQLITE_OK
        } catch {
            return report(error, pointer!.pointee.pVtab)
        }
    }
}

private func isAtEnd(_ cursor: CursorPointer?) -> Int32 { ours(cursor).pointee.is_at_end }

private func giveColumn(_ pointer: CursorPointer?, _ context: OpaquePointer?, _ column: Int32) -> Int32 {
    Unmanaged<CursorBox>.fromOpaque(ours(pointer).pointee.cursor)._withUnsafeGuaranteedRef { box in
        do {
            try box.cursor.column(Int(column), SQLResult(context: context!))
            return SQLITE_OK
        } catch {
            return report(error, pointer!.pointee.pVtab)
        }
    }
}

private func giveRowNumber(_ cursor: CursorPointer?, _ result: UnsafeMutablePointer<sqlite3_int64>?) -> Int32 {
    result?.pointee = ours(cursor).pointee.row
    return SQLITE_OK
}
