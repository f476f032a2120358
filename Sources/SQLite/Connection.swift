import CSQLite

/// What SQLite refused, with its own words and the statement or file that it was about.
public struct SQLiteError: Error, CustomStringConvertible, Sendable {
    /// The extended result code.
    public let code: Int32
    public let message: String
    public let subject: String

    public init(code: Int32, message: String, subject: String) {
        self.code = code
        self.message = message
        self.subject = subject
    }

    public var description: String { "\(subject): \(message)" }

    /// What SQLite itself says of a damaged file, for those who find damage that it does not look for.
    public static let damaged = SQLITE_CORRUPT
    /// A file that a later version has written.
    public static let tooNew: Int32 = -2
    public var isTooNew: Bool { code == SQLiteError.tooNew }

    /// The file is not, or no longer, a sound database.
    public var isDamage: Bool { [SQLITE_CORRUPT, SQLITE_NOTADB].contains(code & 0xFF) }
    public var isNoSpace: Bool { code & 0xFF == SQLITE_FULL }
    /// A statement that does not fit the schema (or is not SQL).
    public var isGenericError: Bool { code & 0xFF == SQLITE_ERROR }
}

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
    /// Pages in the write-ahead log after the latest commit.
    public private(set) var pagesInLog = 0

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
        sqlite3_busy_timeout(handle, 2000)
    }

    deinit { sqlite3_close_v2(handle) }

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

    /// No other file can be reached through this connection.
    public func forbidAttaching() { sqlite3_limit(handle, SQLITE_LIMIT_ATTACHED, 0) }

    func error(_ code: Int32, _ subject: String) -> SQLiteError {
        SQLiteError(code: code, message: String(cString: sqlite3_errmsg(handle)), subject: subject)
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

/// A prepared statement. Columns and parameters count from 0.
public final class Statement {
    private let handle: OpaquePointer
    private let connection: Connection

    fileprivate init(_ handle: OpaquePointer, _ connection: Connection) {
        self.handle = handle
        self.connection = connection
    }

    deinit { sqlite3_finalize(handle) }

    public var columnNames: [String] {
        (0..<sqlite3_column_count(handle)).map { String(cString: sqlite3_column_name(handle, $0)) }
    }

    // Binding fails only on a wrong index or without memory: both show at `step`.
    public func bind(_ index: Int, _ value: Int64) { sqlite3_bind_int64(handle, Int32(index + 1), value) }

    public func bind(_ index: Int, _ text: String?) {
        guard var text else {
            sqlite3_bind_null(handle, Int32(index + 1))
            return
        }
        text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) {
                _ = outpost_sqlite_bind_text(handle, Int32(index + 1), $0.baseAddress, sqlite3_uint64($0.count))
            }
        }
    }

    public func bind(_ index: Int, _ value: SQLValue) {
        switch value {
        case .null: sqlite3_bind_null(handle, Int32(index + 1))
        case .integer(let number): bind(index, number)
        case .real(let number): sqlite3_bind_double(handle, Int32(index + 1), number)
        case .text(let text): bind(index, text)
        case .blob(let bytes): outpost_sqlite_bind_blob(handle, Int32(index + 1), bytes, sqlite3_uint64(bytes.count))
        }
    }

    /// True while there is a row.
    @discardableResult
    public func step() throws(SQLiteError) -> Bool {
        switch sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code: throw connection.error(code, String(cString: sqlite3_sql(handle)))
        }
    }

    public func reset() {
        sqlite3_reset(handle)
    }

    /// Runs to the end and is ready for the next time, however it ends.
    public func run() throws(SQLiteError) {
        defer { reset() }
        while try step() {}
    }

    /// Runs with borrowed bytes in one parameter: no copy of a large blob is made.
    public func run(blob index: Int, _ bytes: [UInt8]) throws(SQLiteError) {
        var failure: SQLiteError?
        bytes.withUnsafeBytes { buffer in
            sqlite3_bind_null(handle, Int32(index + 1))
            if let base = buffer.baseAddress {
                outpost_sqlite_bind_borrowed_blob(handle, Int32(index + 1), base, sqlite3_uint64(buffer.count))
            }
            do throws(SQLiteError) { try run() } catch { failure = error }
            sqlite3_bind_null(handle, Int32(index + 1))
        }
        if let failure { throw failure }
    }

    public func integer(_ column: Int) -> Int64 { sqlite3_column_int64(handle, Int32(column)) }

    public func isNull(_ column: Int) -> Bool { sqlite3_column_type(handle, Int32(column)) == SQLITE_NULL }

    public func text(_ column: Int) -> String? {
        guard let text = sqlite3_column_text(handle, Int32(column)) else { return nil }
        let count = Int(sqlite3_column_bytes(handle, Int32(column)))
        return String(decoding: UnsafeBufferPointer(start: text, count: count), as: UTF8.self)
    }

    /// Borrowed until the next step or reset.
    public func blob<Result, Failure: Error>(
        _ column: Int, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let bytes = sqlite3_column_blob(handle, Int32(column))
        return try body(UnsafeRawBufferPointer(start: bytes, count: Int(sqlite3_column_bytes(handle, Int32(column)))))
    }

    public func value(_ column: Int) -> SQLValue {
        switch sqlite3_column_type(handle, Int32(column)) {
        case SQLITE_INTEGER: .integer(integer(column))
        case SQLITE_FLOAT: .real(sqlite3_column_double(handle, Int32(column)))
        case SQLITE_TEXT: .text(text(column) ?? "")
        case SQLITE_BLOB: .blob(blob(column) { Array($0) })
        default: .null
        }
    }
}

public enum SQLValue: Sendable, Equatable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    case blob([UInt8])
}
