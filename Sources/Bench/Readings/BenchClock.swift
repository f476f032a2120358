/// When the readings of a series are taken. Half of the series are polled by the gateway, a few milliseconds about
/// the grid; the others are sent by devices with a clock of their own, which is a little off. Some readings are late,
/// a few are lost, and about once a day there is an outage.
struct BenchClock {
    private static let start: Int64 = 1_704_067_200_000
    private static let lateShare = 0.01
    private static let longestDelay = 150.0
    private static let lostShare = 0.002
    private static let day = 86_400_000.0
    private static let longestOutage = 1_200_000.0

    private let interval: Double
    private let jitter: Double
    private let outageShare: Double
    /// Where the next reading belongs, since the start.
    private var due: Double
    private var last = start - 1

    init(interval: Double, isPolled: Bool, _ random: inout BenchRandom) {
        self.interval = isPolled ? interval : interval * (1 + (random.uniform() - 0.5) * 80e-6)
        jitter = isPolled ? 2 : 12
        outageShare = interval / Self.day
        due = random.uniform() * interval
    }

    /// Later than the one before by a millisecond at least.
    mutating func next(_ random: inout BenchRandom) -> Int64 {
        due += interval
        while random.happens(Self.lostShare) { due += interval }
        if random.happens(outageShare) {
            due += (random.uniform() * Self.longestOutage / interval).rounded(.up) * interval
        }
        var time = due + random.normal() * jitter
        if random.happens(Self.lateShare) { time += random.uniform() * Self.longestDelay }
        last = max(Self.start + Int64(time), last + 1)
        return last
    }
}
