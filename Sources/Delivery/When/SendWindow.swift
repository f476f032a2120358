/// `only_between`: times of the day, and perhaps days of the week, by the clocks where the gateway is: `22:00-06:00`,
/// `Mon-Fri 09:00-17:30`, `Sat,Sun 00:00-24:00`. One that ends past midnight belongs to the day on which it begins.
public struct SendWindow: Sendable, Hashable {
    /// Minutes of the day; the second may be the whole day, or lie in the next one.
    private let begin: Int
    private let end: Int
    /// On which it begins: a bit for each, from Sunday on.
    private let weekdays: UInt64

    public init(parsing text: String) throws(DeliveryTextError) {
        var scanner = TextScanner(text)
        let start = scanner.position
        var words = scanner.words()
        guard (1...2).contains(words.count) else {
            throw DeliveryTextError(
                "times of the day are needed, such as \"22:00-06:00\" or \"Mon-Fri 22:00-06:00\"", offset: start)
        }
        var weekdays: UInt64 = 0x7F
        if words.count == 2 {
            let named = try CronField.weekday.numbers(&words[0])
            weekdays = (named | named >> 7) & 0x7F
        }
        var times = words[words.count - 1]
        let startOfTimes = times.position
        let begin = try Self.time(&times, through: 1439)
        guard times.take("-") else {
            throw DeliveryTextError("\"-\" and the time of the end are missing", offset: times.position)
        }
        let end = try Self.time(&times, through: 1440)
        guard times.isAtEnd else {
            throw DeliveryTextError("nothing stands behind the time of the end", offset: times.position)
        }
        guard begin != end else {
            throw DeliveryTextError("these times are the same: all day is 00:00-24:00", offset: startOfTimes)
        }
        self.begin = begin
        self.end = end > begin ? end : end + 1440
        self.weekdays = weekdays
    }

    private static func time(_ scanner: inout TextScanner, through last: Int) throws(DeliveryTextError) -> Int {
        let start = scanner.position
        guard let hour = scanner.number(), hour <= 24, scanner.take(":"), let minute = scanner.number(), minute < 60,
            hour * 60 + minute <= last
        else { throw DeliveryTextError("a time of the day is needed, such as 06:00", offset: start) }
        return hour * 60 + minute
    }

    /// At a time of the clocks: see LocalTime.
    func contains(_ local: Int64) -> Bool {
        let (today, second) = LocalTime.split(local)
        let minute = Int(second / 60)
        return has(today) && (begin..<end).contains(minute)
            || has(today - 1) && (begin..<end).contains(minute + 1440)
    }

    private func has(_ day: Int64) -> Bool { weekdays >> UInt64(LocalTime.weekday(ofDay: day)) & 1 == 1 }
}
