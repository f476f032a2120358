import Readings
import TestSupport
import Testing

@testable import Delivery

/// A crontab's line as the sets that it stands for, and its text.
private struct WrittenCron: CustomStringConvertible {
    var fields: [(text: String, numbers: Set<Int>)] = []

    var description: String { fields.map(\.text).joined(separator: " ") }

    init(using random: inout SeededGenerator) {
        for (index, range) in [0...59, 0...23, 1...31, 1...12, 0...7].enumerated() {
            fields.append(Self.field(range, index, using: &random))
        }
        fields[4].numbers = Set(fields[4].numbers.map { $0 % 7 })
    }

    private static func field(
        _ range: ClosedRange<Int>, _ index: Int, using random: inout SeededGenerator
    ) -> (String, Set<Int>) {
        if index > 1, Int.random(in: 0..<3, using: &random) > 0 { return ("*", Set(range)) }
        let parts = (0..<Int.random(in: 1...3, using: &random)).map { _ in part(range, index, using: &random) }
        return (parts.map(\.0).joined(separator: ","), parts.reduce([]) { $0.union($1.1) })
    }

    private static func part(
        _ range: ClosedRange<Int>, _ index: Int, using random: inout SeededGenerator
    ) -> (String, Set<Int>) {
        let first = Int.random(in: range, using: &random)
        let last = Int.random(in: first...range.upperBound, using: &random)
        let step = Int.random(in: 1...12, using: &random)
        let isStepped = Bool.random(using: &random) && step <= range.upperBound
        let end = isStepped ? "/\(step)" : ""
        switch Int.random(in: 0..<8, using: &random) {
        case 0:
            return ("*" + end, Set(stride(from: range.lowerBound, through: range.upperBound, by: isStepped ? step : 1)))
        case 1, 2:
            return ("\(first)-\(last)" + end, Set(stride(from: first, through: last, by: isStepped ? step : 1)))
        case 3 where index == 3: return (CronField.months[first - 1].uppercased(), [first])
        case 3 where index == 4: return (CronField.weekdays[first % 7].capitalizedFirst, [first])
        default: return ("\(first)", [first])
        }
    }

    /// By clocks that show these.
    func includes(minute: Int, date: CivilDate, weekday: Int) -> Bool {
        guard fields[0].numbers.contains(minute % 60), fields[1].numbers.contains(minute / 60),
            fields[3].numbers.contains(date.month)
        else { return false }
        let (isDay, isWeekday) = (fields[2].numbers.contains(date.day), fields[4].numbers.contains(weekday))
        let isFree = fields[2].text.hasPrefix("*") || fields[4].text.hasPrefix("*")
        return isFree ? isDay && isWeekday : isDay || isWeekday
    }
}

extension String {
    fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}

/// Goes through the minutes one by one, and looks at what the clocks show that they have not shown before.
private func slowMoments(_ cron: WrittenCron, _ zone: Zone, from start: Int64, minutes: Int) -> [Int64] {
    let minute: Int64 = 60_000_000
    func shown(_ moment: Int64) -> Int { Int(moment / minute) + zone.offset(at: moment) / 60 }
    var last = shown(start)
    var found: [Int64] = []
    for moment in stride(from: start + minute, through: start + Int64(minutes) * minute, by: Int(minute)) {
        let now = shown(moment)
        guard now > last else { continue }
        let isOne = (last + 1...now).contains { local in
            let day = local / 1440
            return cron.includes(
                minute: local % 1440, date: CivilDate(daysSince1970: day), weekday: (day + 4) % 7)
        }
        if isOne { found.append(moment) }
        last = now
    }
    return found
}

@Suite struct CronTests {
    private func moments(_ text: String, _ zone: Zone, from start: Int64, count: Int) throws -> [Int64] {
        let cron = try CronSchedule(parsing: text)
        var moments = [start]
        for _ in 0..<count { moments.append(cron.next(after: moments[moments.count - 1], offset: zone.offset)) }
        return Array(moments.dropFirst())
    }

    /// A year of each zone in all, in pieces that hold a change of the clocks or begin anywhere.
    @Test(arguments: Zone.allCases, 0..<11 as Range<UInt64>) func asMinuteByMinute(zone: Zone, seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let cron = WrittenCron(using: &random)
        guard let schedule = try? CronSchedule(parsing: cron.description) else { return }
        let month = [3, 4, 10, 11, Int.random(in: 1...12, using: &random)].randomElement(using: &random) ?? 1
        let start = utc(Int.random(in: 1999...2033, using: &random), month, 1)
        let slow = slowMoments(cron, zone, from: start, minutes: 35 * 1440)
        var quick: [Int64] = []
        var moment = schedule.next(after: start, offset: zone.offset)
        while moment <= start + 35 * 86_400_000_000 {
            quick.append(moment)
            moment = schedule.next(after: moment, offset: zone.offset)
        }
        #expect(quick == slow, "seed \(seed), \(cron)")
    }

    /// Whatever the moment from which one looks, the next one is the same as for those who look from any other before it.
    @Test(arguments: 0..<40 as Range<UInt64>) func fromAnyMoment(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let zone = Zone.allCases.randomElement(using: &random) ?? .utc
        let cron = WrittenCron(using: &random)
        guard let schedule = try? CronSchedule(parsing: cron.description) else { return }
        let start = utc(2024, 1, 1)
        for _ in 0..<50 {
            let moment = start + .random(in: 0..<366 * 86_400_000_000, using: &random)
            let next = schedule.next(after: moment, offset: zone.offset)
            #expect(next > moment, "seed \(seed)")
            let between = Int64.random(in: moment..<next, using: &random)
            #expect(schedule.next(after: between, offset: zone.offset) == next, "seed \(seed), \(cron), \(zone)")
        }
    }

    @Test func aTimeThatIsLeftOutComesRightAfterThat() throws {
        // On 31 March 2024 the clocks go from 2:00 to 3:00, at 1:00 UTC.
        let found = try moments("30 2 * * *", .european, from: utc(2024, 3, 30), count: 3)
        #expect(found == [utc(2024, 3, 30, 1, 30), utc(2024, 3, 31, 1), utc(2024, 4, 1, 0, 30)])
        // All of them as one, with that which the clocks show then.
        let often = try moments("*/20 * * * *", .european, from: utc(2024, 3, 31, 0, 40) - 1, count: 3)
        #expect(often == [utc(2024, 3, 31, 0, 40), utc(2024, 3, 31, 1), utc(2024, 3, 31, 1, 20)])
    }

    @Test func aTimeThatComesTwiceIsOne() throws {
        // On 27 October 2024 the clocks go from 3:00 to 2:00, at 1:00 UTC.
        let found = try moments("30 2 * * *", .european, from: utc(2024, 10, 26), count: 3)
        #expect(found == [utc(2024, 10, 26, 0, 30), utc(2024, 10, 27, 0, 30), utc(2024, 10, 28, 1, 30)])
        let often = try moments("*/30 * * * *", .european, from: utc(2024, 10, 27, 0, 15), count: 3)
        #expect(often == [utc(2024, 10, 27, 0, 30), utc(2024, 10, 27, 2), utc(2024, 10, 27, 2, 30)])
    }

    /// An island went to the other side of the date line: there was no 30 December 2011.
    @Test func aDayThatThereIsNot() throws {
        let schedule = try CronSchedule(parsing: "0 12 30 12 *")
        let change = utc(2011, 12, 30, 10)
        let offset: (Int64) -> Int = { $0 < change ? -36_000 : 50_400 }
        #expect(schedule.next(after: utc(2011, 12, 1), offset: offset) == change)
        #expect(schedule.next(after: change, offset: offset) == utc(2012, 12, 29, 22))
    }

    @Test func eitherDayIsEnoughWhereBothAreRestricted() throws {
        // The 13th, and each Friday: March 2026 began on a Sunday.
        let either = try moments("0 0 13 3 Fri", .utc, from: utc(2026, 3, 1) - 1, count: 5)
        #expect(either == [6, 13, 20, 27].map { utc(2026, 3, $0) } + [utc(2027, 3, 5)])
        // One that begins with a star is not restricted, as in crontab(5): the odd days that are Fridays.
        let both = try moments("0 0 */2 3 5", .utc, from: utc(2026, 3, 1) - 1, count: 3)
        #expect(both == [13, 27].map { utc(2026, 3, $0) } + [utc(2027, 3, 5)])
    }

    @Test func names() throws {
        let pairs = [
            ("@hourly", "0 * * * *"), ("@daily", "0 0 * * *"), ("@midnight", "0 0 * * *"), ("@weekly", "0 0 * * 7"),
            ("@monthly", "0 0 1 * *"), ("@yearly", "0 0 1 1 *"), (" @annually\t", "0 0 1 JAN *"),
            ("0 0 * * mon-FRI", "0 0 * * 1-5"), ("0 0 * * Fri-Sun", "0 0 * * 5,6,0"), ("0 0 * * 5-7", "0 0 * * 0,5-6"),
            ("0 0 1 jan,Feb-apr *", "0 0 1 1-4 *"), ("  0\t0  * * * ", "0 0 * * *"),
        ]
        for (left, right) in pairs {
            #expect(try CronSchedule(parsing: left) == CronSchedule(parsing: right), "\(left)")
        }
    }

    /// The longest way to the next one.
    @Test func aLeapDayThatIsASunday() throws {
        let found = try moments("0 0 29 2 */7", .utc, from: utc(2072, 3, 1), count: 2)
        #expect(found == [utc(2088, 2, 29), utc(2128, 2, 29)])
        #expect(
            try moments("59 23 31 12 *", .utc, from: utc(9998, 12, 31, 23, 59), count: 1)[0]
                == utc(9999, 12, 31, 23, 59))
        #expect(try moments("0 0 1 1 *", .utc, from: .min, count: 2) == [utc(1971, 1, 1), utc(1972, 1, 1)])
        #expect(try moments("0 0 1 1 *", .utc, from: .max, count: 1) == [utc(10_000, 1, 1)])
    }

    /// Clocks that show anything: there is an answer, and soon.
    @Test func brokenClocks() throws {
        for text in ["* * * * *", "0 0 29 2 *", "30 2 * * *"] {
            let cron = try CronSchedule(parsing: text)
            for offset in [{ Int($0 % 200_000) }, { _ in .max }, { _ in .min }] as [(Int64) -> Int] {
                var moment = utc(2024, 1, 1)
                for _ in 0..<100 {
                    let next = cron.next(after: moment, offset: offset)
                    #expect(next > moment)
                    moment = next
                }
            }
        }
    }

    @Test(arguments: [
        ("", 0), ("* * * *", 0), ("* * * * * *", 10), ("60 * * * *", 0), ("* 24 * * *", 2), ("* * 0 * *", 4),
        ("* * 32 * *", 4), ("* * * 13 *", 6), ("* * * foo *", 6), ("* * * * 8", 8), ("5-3 * * * *", 0),
        ("5,, * * * *", 2), ("5/2 * * * *", 1), ("*/0 * * * *", 2), ("*/60 * * * *", 2), ("1- * * * *", 2),
        ("0 0 31 2 *", 4), ("0 0 30,31 feb *", 4), ("0 0 31 4,6,9,11 *", 4), ("0 0 31 2 */2", 4), ("@never", 0),
        (" @daily x", 1), ("99999999999999999999 * * * *", 0), ("-1 * * * *", 0), ("* * * * mon-", 12),
        ("a * * * *", 0), ("* * * * sat-mon", 8), ("1;2 * * * *", 1),
    ])
    func refused(text: String, offset: Int) {
        let error = #expect(throws: DeliveryTextError.self, "\(text)") { try CronSchedule(parsing: text) }
        #expect(error?.offset == offset, "\(text): \(error?.message ?? "")")
    }

    @Test func aDayOrAWeekdayIsNeverImpossible() throws {
        #expect(try moments("0 0 31 2 Mon", .utc, from: utc(2026, 2, 1), count: 1) == [utc(2026, 2, 2)])
    }
}
