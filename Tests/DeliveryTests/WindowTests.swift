import Readings
import Testing

@testable import Delivery

@Suite struct WindowTests {
    /// Of a week that begins on a Sunday, the minutes at which it is open.
    private func openMinutes(_ text: String) throws -> Set<Int> {
        let window = try SendWindow(parsing: text)
        let sunday = Int64(CivilDate.daysSince1970(year: 2026, month: 11, day: 15)) * 86_400
        return Set((0..<7 * 1440).filter { window.contains(sunday + Int64($0) * 60 + 59) })
    }

    /// What the words say, day by day.
    private func minutes(_ days: Set<Int>, _ begin: Int, _ end: Int) -> Set<Int> {
        Set(days.flatMap { day in (begin..<end).map { (day * 1440 + $0) % (7 * 1440) } })
    }

    @Test func everyDay() throws {
        let all = Set(0...6)
        #expect(try openMinutes("08:00-09:30") == minutes(all, 480, 570))
        #expect(try openMinutes("22:00-06:00") == minutes(all, 1320, 1800))
        #expect(try openMinutes("00:00-24:00") == minutes(all, 0, 1440))
        #expect(try openMinutes("12:00-00:00") == minutes(all, 720, 1440))
        #expect(try openMinutes(" 6:05-6:06 ") == minutes(all, 365, 366))
    }

    /// What ends past midnight belongs to the day on which it begins.
    @Test func someDays() throws {
        #expect(try openMinutes("Mon-Fri 22:00-06:00") == minutes([1, 2, 3, 4, 5], 1320, 1800))
        #expect(try openMinutes("sat 23:00-01:00") == minutes([6], 1380, 1500))
        #expect(try openMinutes("Fri-Sun,3\t00:00-24:00") == minutes([5, 6, 0, 3], 0, 1440))
        #expect(try openMinutes("7 10:00-09:59") == minutes([0], 600, 2039))
    }

    @Test(arguments: [
        ("", 0), ("22:00", 5), ("22:00-", 6), ("24:00-01:00", 0), ("22:00-24:01", 6), ("22:60-23:00", 0),
        ("2200-0600", 0), ("08:00-08:00", 0), ("Mon-Fri", 0), ("Foo 22:00-06:00", 0), ("Mon 22:00-06:00 x", 0),
        ("Mon 22:00-06:00x", 15), ("Mon 22:00 - 06:00", 0), ("99999999999999999999:00-06:00", 0),
    ])
    func refused(text: String, offset: Int) {
        let error = #expect(throws: DeliveryTextError.self, "\(text)") { try SendWindow(parsing: text) }
        #expect(error?.offset == offset, "\(text): \(error?.message ?? "")")
    }
}
