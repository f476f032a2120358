import CSQLite

/// A prepared statement. Columns and parameters count from 0.
public final class Statement {
    private let handle: OpaquePointer
    private let connection: Connection

    init(_ handle: OpaquePointer, _ connection: Connection) {
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
    public func real(_ column: Int) -> Double { sqlite3_column_double(handle, Int32(column)) }

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
        case SQLITE_FLOAT: .real(real(column))
        case SQLITE_TEXT: .text(text(column) ?? "")
        case SQLITE_BLOB: .blob(blob(column) { Array($0) })
        default: .null
        }
    }
}
