import Platform

extension Connection {
    /// What SQLite finds wrong with the database's trees, or with those of one table; it reads all of them.
    public func integrityProblems(of table: String? = nil) throws(SQLiteError) -> [String] {
        let rows = try prepare("PRAGMA integrity_check(\(table ?? "100"))")
        var problems: [String] = []
        while try rows.step() { problems.append(rows.text(0) ?? "") }
        return problems == ["ok"] ? [] : problems
    }

    /// Opens a database that another process may be writing, or that lies where nothing can be written. `table` is one of
    /// its tables.
    public convenience init(reading path: String, table: String) throws(SQLiteError) {
        do throws(SQLiteError) {
            try self.init(path, .readOnly)
            _ = try prepare("SELECT 1 FROM \(table)").step()
        } catch {
            // Where nothing can be written SQLite cannot coordinate with a gateway; without a log, or with an empty one
            // whose index nobody shares, there is none.
            let log = Files.size(path + "-wal")
            guard log == nil || (log == 0 && !Files.exists(path + "-shm")) else { throw error }
            try self.init(path, .readOnlyUnchanging)
        }
        // Of what is damaged in a page more is found.
        try execute("PRAGMA cell_size_check = ON")
    }
}
