import Readings
import SQLite

/// What a query says of the column `time`: handled exactly, whatever it is compared with.
enum TimeConditions {
    enum Meaning: UInt8 {
        case equal = 0x74  // t
        case less = 0x3C  // <
        case lessOrEqual = 0x5B  // [
        case greater = 0x3E  // >
        case greaterOrEqual = 0x5D  // ]
    }

    static func want(_ place: Int, _ condition: TableUse.Condition) -> TablePlan.Want? {
        meaning(condition.operation).map { TablePlan.Want(place, meaning: $0.rawValue, isExact: true) }
    }

    static func meaning(_ operation: TableUse.Condition.Operation) -> Meaning? {
        switch operation {
        case .equal: .equal
        case .less: .less
        case .lessOrEqual: .lessOrEqual
        case .greater: .greater
        case .greaterOrEqual: .greaterOrEqual
        case .glob, .like: nil
        }
    }

    /// The part of a range that fulfils a condition; nil where none does.
    static func narrow(_ range: TimeRange, _ meaning: Meaning, _ argument: SQLArgument) -> TimeRange? {
        switch argument.numericKind {
        case .null: nil
        case .integer: narrow(range, meaning, below: argument.integer, above: argument.integer)
        case .real: narrow(range, meaning, argument.real)
        // To SQLite every number is less than a text or a blob.
        case .text, .blob: [.less, .lessOrEqual].contains(meaning) ? range : nil
        }
    }

    private static func narrow(_ range: TimeRange, _ meaning: Meaning, _ bound: Double) -> TimeRange? {
        if let below = Int64(exactly: bound.rounded(.down)) {
            // Above the largest double that is a time there is none with a fraction.
            return narrow(range, meaning, below: below, above: Int64(exactly: bound.rounded(.up)) ?? below)
        }
        let holds: [Meaning] = bound < 0 ? [.greater, .greaterOrEqual] : [.less, .lessOrEqual]
        return holds.contains(meaning) ? range : nil
    }

    /// `below` and `above` are the whole numbers next to the bound, the same where it is whole itself.
    private static func narrow(_ range: TimeRange, _ meaning: Meaning, below: Int64, above: Int64) -> TimeRange? {
        var (first, last): (Int64?, Int64?) = (range.first, range.last)
        switch meaning {
        case .equal: (first, last) = below == above ? (below, below) : (nil, nil)
        case .less: last = previous(above)
        case .lessOrEqual: last = below
        case .greater: first = next(below)
        case .greaterOrEqual: first = above
        }
        guard let first, let last else { return nil }
        let narrowed = TimeRange(first: max(first, range.first), last: min(last, range.last))
        return narrowed.first <= narrowed.last ? narrowed : nil
    }

    private static func next(_ time: Int64) -> Int64? { time == .max ? nil : time + 1 }
    private static func previous(_ time: Int64) -> Int64? { time == .min ? nil : time - 1 }
}
