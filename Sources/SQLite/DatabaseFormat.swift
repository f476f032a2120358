import Platform

/// A kind of database file that the product writes: what tells it from any other, and its tables.
public struct DatabaseFormat: Sendable {
    /// For people: "journal".
    public var kind: String
    public var applicationID: Int64
    /// From 1 to 127.
    public var version: Int64
    public var pageBytes: Int
    /// Whether free pages can be given back to the disk a few at a time.
    public var shrinksInSteps: Bool
    /// The statements that make its tables.
    public var tables: String
    /// And those that came later, one after the other: a file without the last of them gets them when it is opened.
    public var laterTables: [String]

    /// A file up to this size is looked through for broken trees when it is opened; a larger one would take seconds.
    private static let mostCheckedBytes = 64 << 20

    public static func isChecked(_ path: String) -> Bool { (Files.size(path) ?? 0) <= mostCheckedBytes }

    public init(
        kind: String, applicationID: Int64, version: Int64, pageBytes: Int, shrinksInSteps: Bool, tables: String,
        laterTables: [String] = []
    ) {
        self.kind = kind
        self.applicationID = applicationID
        self.version = version
        self.pageBytes = pageBytes
        self.shrinksInSteps = shrinksInSteps
        self.tables = tables
        self.laterTables = laterTables
    }

    /// Opens the file to be written, and makes a new one where none is. The caller moves the log into the database.
    /// An error that `isDamage` means: set it aside.
    public func open(_ path: String, isSynced: Bool, vfs: String? = nil) throws(SQLiteError) -> Connection {
        let isNew = try checkHeader(path)
        let connection = try Connection(path, .readWrite, vfs: vfs)
        // Before the log is there: then the database's own first page always tells what it is.
        if isNew { try create(connection) }
        try connection.execute(
            """
            PRAGMA journal_mode = WAL;
            PRAGMA synchronous = \(isSynced ? "FULL" : "NORMAL");
            PRAGMA secure_delete = OFF;
            PRAGMA cache_size = -1024;
            PRAGMA cell_size_check = ON;
            PRAGMA wal_autocheckpoint = 0;
            """)
        try check(connection, path)
        connection.takeOverCheckpoints()
        return connection
    }

    /// The version in each of its four bytes: a flipped bit does not look like another version.
    private var storedVersion: Int64 { version * 0x0101_0101 }

    /// True when there is no file yet, or one that was never finished.
    private func checkHeader(_ path: String) throws(SQLiteError) -> Bool {
        // A rollback journal beside it means that its creation was cut short: SQLite sees to that.
        guard let size = Files.size(path), size > 0, !Files.exists(path + "-journal") else { return true }
        let header = (try? Files.head(path, count: 100)) ?? []
        if isUnfinished(header) { return true }
        guard isIntact(header) else { throw damaged("this is no \(kind), or no longer", path) }
        return false
    }

    /// No table has been made yet: the disk failed, or was full, just then.
    private func isUnfinished(_ header: [UInt8]) -> Bool {
        header.count == 100 && header.starts(with: Self.magic) && number(header, 40) == 0 && number(header, 68) == 0
    }

    /// What the first 100 bytes of the file hold for good: where SQLite would believe a flipped bit, or only refuse to
    /// write, it must be known that the file is damaged.
    private func isIntact(_ header: [UInt8]) -> Bool {
        // The log is the last thing that a new file gets.
        let modes: [[UInt8]] = [[2, 2], [1, 1]]
        return header.count == 100 && header.starts(with: Self.magic) && modes.contains(Array(header[18..<20]))
            && Array(header[16..<18] + header[20..<24]) == [
                UInt8(pageBytes >> 8), UInt8(pageBytes & 0xFF), 0, 64, 32, 32,
            ]
            && number(header, 44) == 4 && [0, 1].contains(number(header, 56))
            && (number(header, 52) != 0) == shrinksInSteps && number(header, 64) == (shrinksInSteps ? 1 : 0)
            && number(header, 68) == applicationID
    }

    private static let magic = Array("SQLite format 3\0".utf8)

    private func number(_ header: [UInt8], _ offset: Int) -> Int64 {
        header[offset..<offset + 4].reduce(0) { $0 << 8 | Int64($1) }
    }

    private func create(_ connection: Connection) throws(SQLiteError) {
        guard try pragma("schema_version", connection) == 0 else { return }
        try connection.execute(
            "PRAGMA page_size = \(pageBytes); PRAGMA auto_vacuum = \(shrinksInSteps ? "INCREMENTAL" : "NONE")")
        try connection.transaction { () throws(SQLiteError) in
            try makeTables(in: connection)
        } failed: {
            $0
        }
    }

    private func makeTables(in connection: Connection) throws(SQLiteError) {
        try connection.execute(
            "\(all(laterTables.count)); PRAGMA application_id = \(applicationID); PRAGMA user_version = \(storedVersion)"
        )
    }

    private func pragma(_ name: String, _ connection: Connection) throws(SQLiteError) -> Int64 {
        let statement = try connection.prepare("PRAGMA \(name)")
        try statement.step()
        return statement.integer(0)
    }

    private func check(_ connection: Connection, _ path: String) throws(SQLiteError) {
        let found = try pragma("user_version", connection)
        if found != storedVersion, (1...127).contains(found & 0xFF), found == (found & 0xFF) * 0x0101_0101 {
            throw SQLiteError(
                code: SQLiteError.tooNew, message: "was written by a newer version of Outpost", subject: path)
        }
        do throws(SQLiteError) {
            guard found == storedVersion, try hasItsTables(connection) else {
                throw damaged("its tables are not those of a \(kind)", path)
            }
            guard Self.isChecked(path) else { return }
            let check = try connection.prepare("PRAGMA integrity_check(1)")
            try check.step()
            if let problem = check.text(0), problem != "ok" { throw damaged(problem, path) }
        } catch {
            // SQL that the tables do not understand.
            throw error.isGenericError ? damaged(error.message, path) : error
        }
    }

    private func hasItsTables(_ connection: Connection) throws(SQLiteError) -> Bool {
        let fresh = try Connection("", .memory)
        try makeTables(in: fresh)
        if try definitions(connection) == definitions(fresh) { return true }
        return try isCompleted(connection)
    }

    /// True when it had all but the last of the later tables, and has them now.
    private func isCompleted(_ connection: Connection) throws(SQLiteError) -> Bool {
        for count in laterTables.indices.reversed() {
            let earlier = try Connection("", .memory)
            try earlier.execute(all(count))
            guard try definitions(connection) == definitions(earlier) else { continue }
            try connection.transaction { () throws(SQLiteError) in
                try connection.execute(laterTables[count...].joined(separator: "; "))
            } failed: {
                $0
            }
            return true
        }
        return false
    }

    /// The first tables, and so many of the later ones.
    private func all(_ count: Int) -> String { ([tables] + laterTables[..<count]).joined(separator: "; ") }

    private func definitions(_ connection: Connection) throws(SQLiteError) -> [String] {
        let rows = try connection.prepare("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name")
        var definitions: [String] = []
        while try rows.step() { definitions.append((0..<4).map { rows.text($0) ?? "" }.joined(separator: " ")) }
        return definitions
    }

    private func damaged(_ reason: String, _ path: String) -> SQLiteError {
        SQLiteError(code: SQLiteError.damaged, message: reason, subject: path)
    }
}
