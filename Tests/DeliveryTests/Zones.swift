import Readings

/// Places with the rules by which their clocks are put forward and back, each by itself.
enum Zone: CaseIterable {
    case utc
    /// An hour ahead; the last Sundays of March and October, at 1:00 UTC.
    case european
    /// Twelve hours ahead; the last Sunday of September and the first of April, at 14:00 UTC of the day before.
    case southern
    /// Ten and a half hours ahead, and half an hour more in summer; the first Sundays of October and April.
    case halfHour
    /// Three and a half hours behind, at one minute past midnight.
    case atMidnight

    /// Of a month: the nth Sunday, the last where there is no such; microseconds since 1970.
    private static func sunday(_ number: Int, _ month: Int, _ year: Int) -> Int64 {
        let first = CivilDate.daysSince1970(year: year, month: month, day: 1)
        let days = (0..<CivilDate.days(inMonth: month, year: year)).map { first + $0 }.filter { ($0 + 4) % 7 == 0 }
        return Int64(days[min(number, days.count) - 1]) * 86_400
    }

    /// From which second on they are ahead by how many.
    private static let changes = Dictionary(
        uniqueKeysWithValues: allCases.map { zone in
            let changes = (1960...2200).flatMap { zone.changes(in: $0) }.sorted { $0.second < $1.second }
            return (zone, changes)
        })

    private func changes(in year: Int) -> [(second: Int64, ahead: Int)] {
        switch self {
        case .utc: [(Self.sunday(1, 1, year), 0)]
        case .european: [(Self.sunday(5, 3, year) + 3600, 7200), (Self.sunday(5, 10, year) + 3600, 3600)]
        case .southern: [(Self.sunday(5, 9, year) - 36_000, 46_800), (Self.sunday(1, 4, year) - 36_000, 43_200)]
        case .halfHour:
            [(Self.sunday(1, 10, year) - 30_600, 39_600), (Self.sunday(1, 4, year) - 32_400, 37_800)]
        case .atMidnight:
            [(Self.sunday(2, 3, year) + 12_660, -9000), (Self.sunday(1, 11, year) + 9060, -12_600)]
        }
    }

    func offset(at moment: Int64) -> Int {
        let second = moment / 1_000_000
        let changes = Self.changes[self] ?? []
        var (low, high) = (0, changes.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if changes[middle].second <= second { low = middle } else { high = middle }
        }
        return changes[low].ahead
    }
}

/// Microseconds since 1970, in UTC.
func utc(_ year: Int, _ month: Int, _ day: Int, _ hour: Int = 0, _ minute: Int = 0) -> Int64 {
    let days = CivilDate.daysSince1970(year: year, month: month, day: day)
    return (Int64(days) * 86_400 + Int64(hour * 3600 + minute * 60)) * 1_000_000
}
