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
    /// A brake has ended the statement.
    public var isInterrupted: Bool { code & 0xFF == SQLITE_INTERRUPT }
    /// And that because it took too long.
    public static let timeUp = SQLITE_INTERRUPT | 1 << 8
    public var isTimeUp: Bool { code == SQLiteError.timeUp }
    public var isNoMemory: Bool { code & 0xFF == SQLITE_NOMEM }
}
