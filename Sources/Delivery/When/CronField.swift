/// One of the five fields of a crontab's line.
enum CronField: CaseIterable {
    case minute, hour, day, month, weekday

    private var range: ClosedRange<Int> {
        switch self {
        case .minute: 0...59
        case .hour: 0...23
        case .day: 1...31
        case .month: 1...12
        // Sunday is 0 and 7.
        case .weekday: 0...7
        }
    }

    private var name: String {
        switch self {
        case .minute: "minute"
        case .hour: "hour"
        case .day: "day of the month"
        case .month: "month"
        case .weekday: "weekday"
        }
    }

    static let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
    static let weekdays = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]

    /// A list of numbers and ranges, as a bit for each number.
    func numbers(_ field: inout TextScanner) throws(DeliveryTextError) -> UInt64 {
        var numbers: UInt64 = 0
        repeat { numbers |= try part(&field) } while field.take(",")
        guard field.isAtEnd else {
            throw DeliveryTextError(
                "a \(name) is a number, a range such as \(range.lowerBound)-5, * or a list, and a step stands behind a range or *",
                offset: field.position)
        }
        return numbers
    }

    private func part(_ field: inout TextScanner) throws(DeliveryTextError) -> UInt64 {
        let start = field.position
        var first = range.lowerBound
        var last = range.upperBound
        var isRange = true
        if !field.take("*") {
            first = try number(&field)
            isRange = field.take("-")
            last = isRange ? try number(&field) : first
            // Friday to Sunday.
            if self == .weekday, last == 0, first > 0 { last = 7 }
        }
        guard first <= last else { throw DeliveryTextError("this range ends before it begins", offset: start) }
        return stride(from: first, through: last, by: isRange ? try step(&field) : 1).reduce(0) { $0 | 1 << UInt64($1) }
    }

    private func step(_ field: inout TextScanner) throws(DeliveryTextError) -> Int {
        guard field.take("/") else { return 1 }
        let start = field.position
        guard let step = field.number(), (1...range.upperBound).contains(step) else {
            throw DeliveryTextError("a step is a number from 1 to \(range.upperBound)", offset: start)
        }
        return step
    }

    private func number(_ field: inout TextScanner) throws(DeliveryTextError) -> Int {
        let start = field.position
        if let number = field.number(), range.contains(number) { return number }
        if let number = named(field.word()) { return number }
        let names = self == .month ? " or a name such as jan" : self == .weekday ? " or a name such as mon" : ""
        throw DeliveryTextError(
            "a \(name) is a number from \(range.lowerBound) to \(range.upperBound)\(names)", offset: start)
    }

    private func named(_ word: String) -> Int? {
        switch self {
        case .month: Self.months.firstIndex(of: word).map { $0 + 1 }
        case .weekday: Self.weekdays.firstIndex(of: word)
        case .minute, .hour, .day: nil
        }
    }
}
