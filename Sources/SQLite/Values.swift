import CSQLite

public enum SQLValue: Sendable, Equatable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    case blob([UInt8])
}

/// A value that SQLite hands to a function or a table: borrowed for the time of the call.
public struct SQLArgument {
    let value: OpaquePointer

    public enum Kind: Sendable { case null, integer, real, text, blob }

    public var kind: Kind { Self.kind(sqlite3_value_type(value)) }

    /// The kind after SQLite has tried to take a text for a number, as its comparisons with a column of numbers do;
    /// `integer` and `real` then give that number.
    public var numericKind: Kind { Self.kind(sqlite3_value_numeric_type(value)) }

    public var integer: Int64 { sqlite3_value_int64(value) }
    public var real: Double { sqlite3_value_double(value) }

    /// The bytes as text; a number as SQLite writes it, nothing of NULL.
    public func withText<Result, Failure: Error>(
        _ body: (UnsafeBufferPointer<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let text = sqlite3_value_text(value)
        return try body(UnsafeBufferPointer(start: text, count: Int(sqlite3_value_bytes(value))))
    }

    public var text: String { withText { String(decoding: $0, as: UTF8.self) } }

    public var copy: SQLValue {
        switch kind {
        case .null: .null
        case .integer: .integer(integer)
        case .real: .real(real)
        case .text: .text(text)
        case .blob:
            .blob(
                Array(UnsafeRawBufferPointer(start: sqlite3_value_blob(value), count: Int(sqlite3_value_bytes(value)))))
        }
    }

    /// Whether SQLite's GLOB with this as the pattern takes a text, which ends in a zero.
    public func matchesAsGlob(_ text: KeptText) -> Bool {
        guard let pattern = sqlite3_value_text(value) else { return false }
        return sqlite3_strglob(UnsafePointer<CChar>(OpaquePointer(pattern)), text.start) == 0
    }

    /// Calls for each element of the list that stands on the right of IN.
    public func forEachInList(_ body: (SQLArgument) throws -> Void) throws {
        var element: OpaquePointer?
        var code = sqlite3_vtab_in_first(value, &element)
        while code == SQLITE_OK, let found = element {
            try body(SQLArgument(value: found))
            code = sqlite3_vtab_in_next(value, &element)
        }
        guard code == SQLITE_OK || code == SQLITE_DONE else {
            throw SQLiteError(code: code, message: String(cString: sqlite3_errstr(code)), subject: "a list")
        }
    }

    private static func kind(_ type: Int32) -> Kind {
        switch type {
        case SQLITE_INTEGER: .integer
        case SQLITE_FLOAT: .real
        case SQLITE_TEXT: .text
        case SQLITE_BLOB: .blob
        default: .null
        }
    }
}

/// What a function or a table is called with: borrowed for the time of the call.
public struct SQLArguments {
    public let count: Int
    private let values: UnsafeMutablePointer<OpaquePointer?>?

    init(_ values: UnsafeMutablePointer<OpaquePointer?>?, count: Int32) {
        self.values = values
        self.count = Int(count)
    }

    public subscript(index: Int) -> SQLArgument {
        precondition(index < count)
        return SQLArgument(value: values![index]!)
    }
}

/// Where the answer to a call goes. Without one it is NULL.
public struct SQLResult {
    let context: OpaquePointer

    public func null() { sqlite3_result_null(context) }
    public func integer(_ number: Int64) { sqlite3_result_int64(context, number) }
    /// SQL has no NaN: it becomes NULL.
    public func real(_ number: Double) { sqlite3_result_double(context, number) }

    public func text(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) {
                outpost_sqlite_result_text(context, $0.baseAddress, sqlite3_uint64($0.count))
            }
        }
    }

    /// Costs no copy.
    public func text(_ text: KeptText) { outpost_sqlite_result_kept_text(context, text.start) }

    public func value(_ value: SQLValue) {
        switch value {
        case .null: null()
        case .integer(let number): integer(number)
        case .real(let number): real(number)
        case .text(let text): self.text(text)
        case .blob(let bytes): outpost_sqlite_result_blob(context, bytes, sqlite3_uint64(bytes.count))
        }
    }

    func error(_ error: any Error, of name: String) {
        sqlite3_result_error(context, "\(name): \(error)", -1)
        if let error = error as? SQLiteError, error.isNoMemory { sqlite3_result_error_nomem(context) }
    }
}

/// Something that is wrong with what a query asks, in a sentence for who wrote it.
public struct SQLProblem: Error, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }
}

/// Texts that are given to SQLite over and over, each of them stored once. SQLite may hold on to such a text for longer
/// than to the row, or even the cursor, that it came from: they live as long as the tables that give them.
public final class KeptTexts {
    private var texts: [UnsafeMutablePointer<CChar>] = []

    public init() {}

    deinit {
        for text in texts { text.deallocate() }
    }

    /// `text` has no zero in it.
    public func keep(_ text: String) -> KeptText {
        let bytes = text.utf8
        let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count + 1)
        for (index, byte) in bytes.enumerated() { copy[index] = CChar(bitPattern: byte) }
        copy[bytes.count] = 0
        texts.append(copy)
        return KeptText(start: copy, count: bytes.count)
    }
}

/// A text that ends in a zero, in `KeptTexts`.
public struct KeptText {
    let start: UnsafePointer<CChar>
    let count: Int

    public func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        start.withMemoryRebound(to: UInt8.self, capacity: count) {
            body(UnsafeBufferPointer(start: $0, count: count))
        }
    }
}
