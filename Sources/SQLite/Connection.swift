import CSQLite

/// One connection, used by one thread at a time: it is opened without SQLite's own mutexes.
public final class Connection {
    public enum Mode: Sendable {
        case readWrite
        case readOnly
        /// For a file that nothing writes, on a disk where nothing can be: no lock, no log.
        case readOnlyUnchanging
        case memory
    }

    public let path: String
    let handle: OpaquePointer
    private let isOwned: Bool
    /// Pages in the write-ahead log after the latest commit.
    public private(set) var pagesInLog = 0
    var brake: StatementBrake?
    /// Why the authorizer has refused the latest statement that it refused.
    var refusal = ""

    public init(_ path: String, _ mode: Mode, vfs: String? = nil) throws(SQLiteError) {
        self.path = path
        var handle: OpaquePointer?
        let name: String
        let flags: Int32
        switch mode {
        case .readWrite: (name, flags) = (path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)
        case .readOnly: (name, flags) = (path, SQLITE_OPEN_READONLY)
        case .readOnlyUnchanging:
            (name, flags) = ("file:\(Connection.escaped(path))?immutable=1", SQLITE_OPEN_READONLY | SQLITE_OPEN_URI)
        case .memory: (name, flags) = (":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY)
        }
        let code = sqlite3_open_v2(name, &handle, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, vfs)
        guard code == SQLITE_OK, let handle else {
            let message = handle.map { String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
            sqlite3_close_v2(handle)
            throw SQLiteError(code: code, message: message, subject: path)
        }
        self.handle = handle
        isOwned = true
        sqlite3_busy_timeout(handle, 2000)
    }

    /// The connection of a program that has loaded us, to add tables and functions to. It stays the program's.
    public init(host handle: OpaquePointer) {
        self.handle = handle
        isOwned = false
        path = "the connection"
    }

    /// The absolute path of the main database; nil where that is in memory.
    public var mainFile: String? {
        sqlite3_db_filename(handle, "main").flatMap { $0.pointee == 0 ? nil : String(cString: $0) }
    }

    deinit { if isOwned { sqlite3_close_v2(handle) } }

    /// Runs statements that take nothing and give nothing.
    public func execute(_ sql: String) throws(SQLiteError) {
        let code = sqlite3_exec(handle, sql, nil, nil, nil)
        if code != SQLITE_OK { throw error(code, sql) }
    }

    public func prepare(_ sql: String) throws(SQLiteError) -> Statement {
        guard let (statement, _) = try prepareFirst(of: sql) else {
            throw SQLiteError(code: SQLITE_ERROR, message: "there is no statement here", subject: sql)
        }
        return statement
    }

    /// The first statement and the text after it; nil where nothing but blanks and comments are left.
    public func prepareFirst(of sql: String) throws(SQLiteError) -> (statement: Statement, rest: String)? {
        var statement: OpaquePointer?
        var sql = sql
        var rest = ""
        let code = sql.withUTF8 { bytes -> Int32 in
            var tail: UnsafePointer<CChar>?
            return bytes.withMemoryRebound(to: CChar.self) { text in
                let code = sqlite3_prepare_v3(handle, text.baseAddress, Int32(text.count), 0, &statement, &tail)
                if let tail, let start = text.baseAddress {
                    rest = String(decoding: bytes[(tail - start)...], as: UTF8.self)
                }
                return code
            }
        }
        if code != SQLITE_OK { throw error(code, sql) }
        if let statement { return (Statement(statement, self), rest) }
        return rest.isEmpty || rest == sql ? nil : try prepareFirst(of: rest)
    }

    /// Runs the body in one transaction: all of it stays, or nothing.
    public func transaction<Failure: Error>(
        _ body: () throws(Failure) -> Void, failed: (SQLiteError) -> Failure
    ) throws(Failure) {
        do { try execute("BEGIN IMMEDIATE") } catch { throw failed(error) }
        do { try body() } catch {
            rollBack()
            throw error
        }
        do { try execute("COMMIT") } catch {
            rollBack()
            throw failed(error)
        }
    }

    /// SQLite has rolled back by itself after some errors; then there is nothing left to undo.
    private func rollBack() {
        if sqlite3_get_autocommit(handle) == 0 { try? execute("ROLLBACK") }
    }

    public enum Checkpoint { case passive, truncate }

    /// Moves the log into the database; returns how many pages of the log are in there by now.
    @discardableResult
    public func checkpoint(_ mode: Checkpoint) throws(SQLiteError) -> Int {
        var inLog: Int32 = 0
        var moved: Int32 = 0
        let code = sqlite3_wal_checkpoint_v2(
            handle, nil, mode == .passive ? SQLITE_CHECKPOINT_PASSIVE : SQLITE_CHECKPOINT_TRUNCATE, &inLog, &moved)
        // Busy: a reader holds a part of the log. What could be moved has been.
        guard code == SQLITE_OK || code & 0xFF == SQLITE_BUSY else { throw error(code, "checkpoint of \(path)") }
        return max(0, Int(moved))
    }

    /// From now on the connection's owner moves the log, and `pagesInLog` tells when.
    public func takeOverCheckpoints() {
        // The connection outlives its own hook.
        sqlite3_wal_hook(handle, noteLogPages, Unmanaged.passUnretained(self).toOpaque())
    }

    fileprivate func noteLog(pages: Int) { pagesInLog = pages }

    /// Pages written to the file or its log by this connection.
    public var pagesWritten: Int {
        var current: Int32 = 0
        var highest: Int32 = 0
        sqlite3_db_status(handle, SQLITE_DBSTATUS_CACHE_WRITE, &current, &highest, 0)
        return Int(current)
    }

    func error(_ code: Int32, _ subject: String) -> SQLiteError {
        switch code & 0xFF {
        case SQLITE_AUTH: SQLiteError(code: code, message: refusal, subject: subject)
        case SQLITE_INTERRUPT where brake?.isTimeUp == true:
            SQLiteError(code: SQLiteError.timeUp, message: "the time for it is up", subject: subject)
        default: SQLiteError(code: code, message: String(cString: sqlite3_errmsg(handle)), subject: subject)
        }
    }

    private static func escaped(_ path: String) -> String {
        var result = ""
        for byte in path.utf8 {
            switch byte {
            case 0x2D...0x39, 0x41...0x5A, 0x5F, 0x61...0x7A: result.unicodeScalars.append(Unicode.Scalar(byte))
            default: result += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
        }
        return result
    }
}

private func noteLogPages(
    _ context: UnsafeMutableRawPointer?, _: OpaquePointer?, _: UnsafePointer<CChar>?, _ pages: Int32
) -> Int32 {
    Unmanaged<Connection>.fromOpaque(context!).takeUnretainedValue().noteLog(pages: Int(pages))
    return SQLITE_OK
}
