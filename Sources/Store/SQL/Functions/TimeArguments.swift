import Readings
import SQLite

/// Moments and lengths of time as the functions take them.
extension SQLArgument {
    /// A moment in microseconds since 1970: a number, or a text such as `2024-02-24T22:20:38Z`. Nil for NULL.
    func moment(_ name: StaticString) throws -> Int64? {
        switch kind {
        case .null: return nil
        case .integer: return integer
        case .real:
            if let time = Int64(exactly: real.rounded(.down)) { return time }
            throw SQLProblem("\(name) is \(real), which lies outside of all times")
        case .text:
            if let time = withText({ Timestamp(rfc3339: $0) }) { return time.microseconds }
            throw SQLProblem("\(name) is not a moment: '\(excerpt)'; \(momentHint)")
        case .blob: throw SQLProblem("\(name) is not a moment: a blob; \(momentHint)")
        }
    }

    /// A length of time in microseconds, above 0: a whole number, or a text such as `1h30m`. Nil for NULL.
    func interval(_ name: StaticString) throws -> Int64? {
        switch kind {
        case .null: return nil
        case .integer where integer > 0: return integer
        case .text:
            if let length = withText(Interval.parse), length > 0 { return length }
            fallthrough
        default:
            throw SQLProblem(
                "\(name) is not a length of time: '\(excerpt)'; '15m', '1h30m' and '1d' are, and a whole number of "
                    + "microseconds above 0")
        }
    }

    /// A number. Nil for NULL, which the NaN of a reading is, too.
    func number(_ name: StaticString) throws -> Double? {
        switch kind {
        case .null: return nil
        case .integer, .real: return real
        default: throw SQLProblem("\(name) is not a number: '\(excerpt)'")
        }
    }

    /// For messages.
    private var excerpt: String {
        let text = copy.withoutBytes
        return text.count > 40 ? text.prefix(40) + "..." : text
    }
}

extension SQLValue {
    fileprivate var withoutBytes: String {
        switch self {
        case .null: "NULL"
        case .integer(let number): "\(number)"
        case .real(let number): "\(number)"
        case .text(let text): text
        case .blob: "a blob"
        }
    }
}

private let momentHint = "microseconds since 1970 are, and texts such as '2024-02-24T22:20:38Z'"
