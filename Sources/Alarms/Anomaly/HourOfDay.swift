/// 0 to 23, in the time zone of those who live with the series.
public struct HourOfDay: Sendable, Hashable {
    public let number: Int

    public init?(_ number: Int) {
        guard (0..<24).contains(number) else { return nil }
        self.number = number
    }

    /// - Parameter time: microseconds since 1970.
    /// - Parameter offset: how many seconds the clocks are ahead of UTC at that time.
    public init(at time: Int64, offset: Int) {
        let day: Int64 = 86_400_000_000
        let second = time % day / 1_000_000 - (time % day % 1_000_000 < 0 ? 1 : 0) + Int64(offset % 86_400)
        // A rest in both directions: two days are more than it can be below.
        number = Int((second + 2 * 86_400) % 86_400 / 3600)
    }
}
