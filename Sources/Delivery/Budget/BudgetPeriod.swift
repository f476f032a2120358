import Readings

/// The day or the month of a budget that a local time is in, by whole days counted from 1970.
struct BudgetPeriod: Sendable, Hashable {
    let start: Int64
    let end: Int64

    init(dayAt local: Int64) {
        start = LocalTime.split(local).day
        end = start + 1
    }

    /// One that begins on a day that a month does not have begins on its last.
    init(monthAt local: Int64, startingOn day: Int) {
        let today = LocalTime.split(local).day
        let date = CivilDate(daysSince1970: Int(today))
        let month = date.year * 12 + date.month - 1
        let begin = Self.start(ofMonth: month, on: day)
        if today >= begin {
            (start, end) = (begin, Self.start(ofMonth: month + 1, on: day))
        } else {
            (start, end) = (Self.start(ofMonth: month - 1, on: day), begin)
        }
    }

    /// Months are counted from the year 0.
    private static func start(ofMonth number: Int, on day: Int) -> Int64 {
        let (year, month) = number.flooredDivision(by: 12)
        let last = CivilDate.days(inMonth: month + 1, year: year)
        return Int64(CivilDate.daysSince1970(year: year, month: month + 1, day: min(max(1, day), last)))
    }

    /// The share of it that has passed.
    func passed(at local: Int64) -> Double {
        Double(local - start * LocalTime.day) / Double((end - start) * LocalTime.day)
    }
}
