import CSQLite

extension Connection {
    /// Writes the database, as this connection sees it, into a new file. Inside a transaction that is one moment,
    /// whatever others write. `progress` gets the pages that are done, now and then.
    public func copy(to path: String, progress: (Int) -> Void) throws(SQLiteError) {
        let target = try Connection(path, .readWrite)
        try target.execute("PRAGMA synchronous = OFF")
        guard let copy = sqlite3_backup_init(target.handle, "main", handle, "main") else {
            throw target.error(sqlite3_errcode(target.handle), path)
        }
        var code = SQLITE_OK
        repeat {
            code = sqlite3_backup_step(copy, 4096)
            progress(Int(sqlite3_backup_pagecount(copy) - sqlite3_backup_remaining(copy)))
        } while code == SQLITE_OK
        sqlite3_backup_finish(copy)
        if code != SQLITE_DONE { throw target.error(code, path) }
    }
}
