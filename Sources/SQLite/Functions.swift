import CSQLite

/// A function of SQL that Swift answers. Called by the thread that steps the statement.
public protocol ScalarFunction {
    var name: String { get }
    var argumentCount: Int { get }
    /// It has effects: no view or trigger of a database that somebody else has made may call it.
    var isDirectOnly: Bool { get }
    func call(_ arguments: SQLArguments, _ result: SQLResult) throws
}

extension ScalarFunction {
    public var isDirectOnly: Bool { false }
}

/// What a group of rows comes to. SQLite makes one for each group, and drops it after its result, or when the statement
/// ends early.
public protocol Aggregate: AnyObject {
    static var name: String { get }
    static var argumentCount: Int { get }
    init()
    func add(_ arguments: SQLArguments) throws
    func result(_ result: SQLResult) throws
}

/// An aggregate for windows that move, too (`OVER ...`): its result is asked for again and again while rows come and go.
public protocol WindowAggregate: Aggregate {
    /// Rows go in the order in which they came, with the arguments of then.
    func remove(_ arguments: SQLArguments) throws
}

extension Connection {
    public func register(_ function: some ScalarFunction) throws(SQLiteError) {
        // SQLite owns the box until `dropFunction`, which it calls when this fails, too.
        let box = Unmanaged.passRetained(FunctionBox(function)).toOpaque()
        // Deterministic is what lets SQLite call it once for a statement where its arguments are constant, so that now()
        // is one moment.
        let flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | (function.isDirectOnly ? SQLITE_DIRECTONLY : 0)
        let code = sqlite3_create_function_v2(
            handle, function.name, Int32(function.argumentCount), flags, box, callFunction, nil, nil, dropFunction)
        if code != SQLITE_OK { throw error(code, function.name) }
    }

    public func register<State: Aggregate>(_ aggregate: State.Type) throws(SQLiteError) {
        // SQLite owns the box until `dropAggregate`, which it calls when this fails, too.
        let box = Unmanaged.passRetained(AggregateBox(aggregate)).toOpaque()
        let isForWindows = aggregate is any WindowAggregate.Type
        let code = sqlite3_create_window_function(
            handle, aggregate.name, Int32(aggregate.argumentCount), SQLITE_UTF8 | SQLITE_DETERMINISTIC, box, addRow,
            finishGroup, isForWindows ? giveResult : nil, isForWindows ? removeRow : nil, dropAggregate)
        if code != SQLITE_OK { throw error(code, aggregate.name) }
    }
}

// MARK: - Functions

private final class FunctionBox {
    let function: any ScalarFunction

    init(_ function: any ScalarFunction) { self.function = function }
}

private func callFunction(
    _ context: OpaquePointer?, _ count: Int32, _ arguments: UnsafeMutablePointer<OpaquePointer?>?
) {
    let function = Unmanaged<FunctionBox>.fromOpaque(sqlite3_user_data(context)).takeUnretainedValue().function
    let result = SQLResult(context: context!)
    do { try function.call(SQLArguments(arguments, count: count), result) } catch {
        result.error(error, of: function.name)
    }
}

private func dropFunction(_ context: UnsafeMutableRawPointer?) {
    if let context { Unmanaged<FunctionBox>.fromOpaque(context).release() }
}

// MARK: - Aggregates

private final class AggregateBox {
    let aggregate: any Aggregate.Type

    init(_ aggregate: any Aggregate.Type) { self.aggregate = aggregate }
}

private final class StateBox {
    let state: any Aggregate

    init(_ state: any Aggregate) { self.state = state }
}

/// Where SQLite keeps the state of the group, zero at first; nil for a group that has had no row.
private func slot(_ context: OpaquePointer?, makes: Bool) -> UnsafeMutablePointer<UnsafeMutableRawPointer?>? {
    let bytes = makes ? Int32(MemoryLayout<UnsafeMutableRawPointer?>.size) : 0
    return sqlite3_aggregate_context(context, bytes)?.assumingMemoryBound(to: UnsafeMutableRawPointer?.self)
}

private func aggregate(_ context: OpaquePointer?) -> any Aggregate.Type {
    Unmanaged<AggregateBox>.fromOpaque(sqlite3_user_data(context)).takeUnretainedValue().aggregate
}

private func addRow(_ context: OpaquePointer?, _ count: Int32, _ arguments: UnsafeMutablePointer<OpaquePointer?>?) {
    guard let slot = slot(context, makes: true) else { return sqlite3_result_error_nomem(context) }
    if slot.pointee == nil {
        // Owned by the slot, until `finishGroup`.
        slot.pointee = Unmanaged.passRetained(StateBox(aggregate(context).init())).toOpaque()
    }
    update(context, slot) { try $0.add(SQLArguments(arguments, count: count)) }
}

private func removeRow(_ context: OpaquePointer?, _ count: Int32, _ arguments: UnsafeMutablePointer<OpaquePointer?>?) {
    guard let slot = slot(context, makes: false) else { return }
    update(context, slot) { try ($0 as? any WindowAggregate)?.remove(SQLArguments(arguments, count: count)) }
}

private func update(
    _ context: OpaquePointer?, _ slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>,
    _ body: (any Aggregate) throws -> Void
) {
    guard let box = slot.pointee else { return }
    Unmanaged<StateBox>.fromOpaque(box)._withUnsafeGuaranteedRef { box in
        do { try body(box.state) } catch { SQLResult(context: context!).error(error, of: type(of: box.state).name) }
    }
}

private func giveResult(_ context: OpaquePointer?) {
    giveResult(of: slot(context, makes: false)?.pointee, context)
}

/// Called for each group, also when the statement ends early.
private func finishGroup(_ context: OpaquePointer?) {
    let slot = slot(context, makes: false)
    giveResult(of: slot?.pointee, context)
    if let box = slot?.pointee { Unmanaged<StateBox>.fromOpaque(box).release() }
    slot?.pointee = nil
}

private func giveResult(of box: UnsafeMutableRawPointer?, _ context: OpaquePointer?) {
    let state = box.map { Unmanaged<StateBox>.fromOpaque($0).takeUnretainedValue().state } ?? aggregate(context).init()
    let result = SQLResult(context: context!)
    do { try state.result(result) } catch { result.error(error, of: type(of: state).name) }
}

private func dropAggregate(_ context: UnsafeMutableRawPointer?) {
    if let context { Unmanaged<AggregateBox>.fromOpaque(context).release() }
}
