import Readings
import Testing

@testable import Delivery

@Suite struct BudgetPeriodTests {
    /// Every day of years with and without a leap day, for every day that a month may begin on.
    @Test(arguments: 1...31) func monthsFollowEachOther(startingOn day: Int) {
        let first = Int64(CivilDate.daysSince1970(year: 2023, month: 1, day: 1))
        var before: BudgetPeriod?
        for today in first..<first + 3 * 366 {
            let period = BudgetPeriod(monthAt: today * 86_400 + 86_399, startingOn: day)
            #expect(period.start <= today && today < period.end)
            #expect((28...31).contains(period.end - period.start))
            let date = CivilDate(daysSince1970: Int(period.start))
            #expect(date.day == min(day, CivilDate.days(inMonth: date.month, year: date.year)))
            if let before, before != period { #expect(before.end == period.start) }
            before = period
        }
    }

    @Test func daysFollowEachOther() {
        for (local, start) in [(0, 0), (86_399, 0), (86_400, 1), (-1, -1), (-86_400, -1), (-86_401, -2)]
            as [(Int64, Int64)]
        {
            let day = BudgetPeriod(dayAt: local)
            #expect(day.start == start && day.end == start + 1)
        }
    }

    @Test func howMuchHasPassed() {
        #expect(BudgetPeriod(dayAt: 43_200).passed(at: 43_200) == 0.5)
        let april = Int64(CivilDate.daysSince1970(year: 2026, month: 4, day: 16)) * 86_400
        #expect(BudgetPeriod(monthAt: april, startingOn: 1).passed(at: april) == 0.5)
    }
}
