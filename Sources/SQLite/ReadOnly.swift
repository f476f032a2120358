import CSQLite

extension Connection {
    /// From now on statements can read and nothing else: no change, no other file, no setting.
    public func allowReadingAlone() throws(SQLiteError) {
        outpost_sqlite_defensive(handle)
        try execute("PRAGMA query_only = ON")
        // The connection outlives its own authorizer.
        sqlite3_set_authorizer(handle, authorize, Unmanaged.passUnretained(self).toOpaque())
    }
}

/// Asked for everything that a statement would do, while it is prepared: about what `query_only` lets pass. Changes must
/// pass here, since the declaration of a virtual table looks like one.
private func authorize(
    _ context: UnsafeMutableRawPointer?, _ action: Int32, _ first: UnsafePointer<CChar>?,
    _: UnsafePointer<CChar>?, _: UnsafePointer<CChar>?, _: UnsafePointer<CChar>?
) -> Int32 {
    let name = first.map { String(cString: $0).lowercased() } ?? ""
    func deny(_ why: String) -> Int32 {
        Unmanaged<Connection>.fromOpaque(context!)._withUnsafeGuaranteedRef { $0.refusal = why }
        return SQLITE_DENY
    }
    switch action {
    case SQLITE_ATTACH: return deny("no other file can be opened or written here")
    case SQLITE_PRAGMA where !readingPragmas.contains(name):
        return deny("PRAGMA \(name) is none of those that only read")
    default: return SQLITE_OK
    }
}

/// Those that tell of tables and of SQLite itself, and change nothing whatever their argument is.
private let readingPragmas: Set<String> = [
    "collation_list", "compile_options", "database_list", "function_list", "integrity_check", "module_list",
    "pragma_list", "quick_check", "table_info", "table_list", "table_xinfo",
]
