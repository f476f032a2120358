import Readings

/// How far a budget goes, as `status` shows it: "2.1 of 5 GB, full on the 23rd at this rate".
public struct DataForecast: Sendable, Hashable, CustomStringConvertible {
    /// In bytes, alarms included.
    public let used: Int64
    public let limit: Int64
    public let isOfMonth: Bool
    /// When it is used up if all goes on as it did since the period began, in microseconds since 1970; nil: not within the
    /// period, or it has only begun.
    public let fullAt: Int64?
    /// When the next period begins.
    public let endsAt: Int64
    public let description: String

    /// Of the share of a period that has to have passed.
    private static let least = 0.01

    init(
        _ counted: PeriodLedger.Period, _ period: BudgetPeriod, limit: Int64, isOfMonth: Bool, at local: Int64,
        _ offset: (Int64) -> Int
    ) {
        used = counted.sent.total
        self.limit = limit
        self.isOfMonth = isOfMonth
        let end = period.end * LocalTime.day
        endsAt = LocalTime.moment(showing: end, offset)
        let span = Double(local - counted.since)
        let isKnown = span >= Self.least * Double((period.end - period.start) * LocalTime.day)
        let left = Double(limit - used) / Double(max(1, used)) * span
        let full = isKnown && used > 0 && left < Double(end - local) ? local + Int64(max(0, left)) : nil
        fullAt = full.map { LocalTime.moment(showing: $0, offset) }
        let amount = Self.amount(used, of: limit)
        if used >= limit {
            description = "\(amount), full until \(isOfMonth ? "the \(Self.day(end))" : "midnight")"
        } else if let full {
            let time = isOfMonth ? "on the \(Self.day(full))" : "at \(Self.time(full))"
            description = "\(amount), full \(time) at this rate"
        } else {
            description = isKnown ? "\(amount), enough at this rate" : amount
        }
    }

    private static func amount(_ used: Int64, of limit: Int64) -> String {
        let units = [("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1000)] as [(String, Int64)]
        let unit = units.first { limit >= $0.1 } ?? ("kB", 1000)
        func text(_ bytes: Int64) -> String {
            let tenths = (bytes + unit.1 / 20) / (unit.1 / 10)
            return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
        }
        return "\(text(used)) of \(text(limit)) \(unit.0)"
    }

    private static func day(_ local: Int64) -> String {
        let day = CivilDate(daysSince1970: Int(LocalTime.split(local).day)).day
        let ending =
            switch day {
            case 1, 21, 31: "st"
            case 2, 22: "nd"
            case 3, 23: "rd"
            default: "th"
            }
        return "\(day)\(ending)"
    }

    private static func time(_ local: Int64) -> String {
        let minute = LocalTime.split(local).second / 60
        func padded(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(padded(minute / 60)):\(padded(minute % 60))"
    }
}
