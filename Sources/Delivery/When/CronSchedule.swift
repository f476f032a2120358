import Readings

/// Moments of the calendar as in crontab(5): minute, hour, day of the month, month and day of the week.
///
/// Where both days are restricted, which is where neither begins with `*`, one of them is enough. The times are those that
/// the clocks show: one that they leave out when they are put forward comes right after that, all of them as one; one that
/// they show twice comes the first time alone. So `*/5 * * * *` rests in the hour that comes again, and `every` does not.
public struct CronSchedule: Sendable, Hashable {
    /// A bit for each number.
    private let minutes: UInt64
    private let hours: UInt64
    private let days: UInt64
    private let months: UInt64
    /// From Sunday on, which is 0.
    private let weekdays: UInt64
    private let isEitherDayEnough: Bool

    /// From any day to the next that is one, at the longest: from one 29 February that is a certain weekday to another.
    private static let longestPause: Int64 = 41 * 366

    // MARK: - The text

    private static let names = [
        "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 0",
        "@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *",
    ]

    /// `0 2,14 * * *`, `*/15 6-18 * * Mon-Fri`, `@daily`.
    public init(parsing text: String) throws(DeliveryTextError) {
        var scanner = TextScanner(text)
        scanner.skipSpaces()
        let start = scanner.position
        if scanner.next == UInt8(ascii: "@") {
            let name = scanner.take { !TextScanner.isSpace($0) }.lowercased()
            scanner.skipSpaces()
            guard scanner.isAtEnd, let meaning = Self.names[name] else {
                throw DeliveryTextError(
                    "\(name) is none of @hourly, @daily, @weekly, @monthly and @yearly, alone", offset: start)
            }
            self = try CronSchedule(parsing: meaning)
            return
        }
        var fields = scanner.words()
        guard fields.count == CronField.allCases.count else {
            throw DeliveryTextError(
                "five fields are needed, minute, hour, day, month and weekday, and here are \(fields.count)",
                offset: fields.count > 5 ? fields[5].position : start)
        }
        let startsOfDays = (fields[2].position, fields[2].next, fields[4].next)
        minutes = try CronField.minute.numbers(&fields[0])
        hours = try CronField.hour.numbers(&fields[1])
        days = try CronField.day.numbers(&fields[2])
        months = try CronField.month.numbers(&fields[3])
        let named = try CronField.weekday.numbers(&fields[4])
        weekdays = (named | named >> 7) & 0x7F
        let star = UInt8(ascii: "*")
        isEitherDayEnough = startsOfDays.1 != star && startsOfDays.2 != star
        guard isEitherDayEnough || Self.isThereAny(days, months) else {
            throw DeliveryTextError("none of these months has such a day", offset: startsOfDays.0)
        }
    }

    private static func isThereAny(_ days: UInt64, _ months: UInt64) -> Bool {
        (1...12).contains { month in
            let length = CivilDate.days(inMonth: month, year: 2000)
            return months.has(month) && days & ((2 << UInt64(length)) - 1) != 0
        }
    }

    // MARK: - The calendar

    /// The first moment after one, both in microseconds since 1970. `offset` gives the seconds that the clocks are ahead of
    /// UTC at a time.
    public func next(after moment: Int64, offset: (Int64) -> Int) -> Int64 {
        let moment = LocalTime.clamped(moment)
        var local = LocalTime.shown(at: moment, offset)
        while let next = nextLocal(after: local) {
            let found = LocalTime.moment(showing: next, offset)
            // A time that they show again has come already.
            if found > moment { return found }
            local = next
        }
        return .max
    }

    /// By clocks that are never put forward or back.
    private func nextLocal(after local: Int64) -> Int64? {
        let (today, second) = LocalTime.split(local)
        if includes(today), let minute = nextMinute(from: Int(second / 60) + 1) {
            return today * LocalTime.day + Int64(minute) * 60
        }
        guard let day = (1...Self.longestPause).lazy.map({ today + $0 }).first(where: includes),
            let minute = nextMinute(from: 0)
        else { return nil }
        return day * LocalTime.day + Int64(minute) * 60
    }

    private func includes(_ day: Int64) -> Bool {
        let date = CivilDate(daysSince1970: Int(day))
        guard months.has(date.month) else { return false }
        let (isDay, isWeekday) = (days.has(date.day), weekdays.has(LocalTime.weekday(ofDay: day)))
        return isEitherDayEnough ? isDay || isWeekday : isDay && isWeekday
    }

    /// Of the day.
    private func nextMinute(from first: Int) -> Int? {
        guard first < 1440 else { return nil }
        let (hour, minute) = (first / 60, first % 60)
        if hours.has(hour), let next = minutes.first(from: minute) { return hour * 60 + next }
        guard let nextHour = hours.first(from: hour + 1), let next = minutes.first(from: 0) else { return nil }
        return nextHour * 60 + next
    }
}

extension UInt64 {
    fileprivate func has(_ number: Int) -> Bool { self >> UInt64(number) & 1 == 1 }

    fileprivate func first(from number: Int) -> Int? {
        let rest = self & (UInt64.max << UInt64(number))
        return rest == 0 ? nil : rest.trailingZeroBitCount
    }
}
