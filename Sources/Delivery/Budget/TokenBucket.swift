/// Keeps to a rate on the wire. What was sent has been paid for at some moment, and the next frame goes once it has been, but
/// for what was saved before: a second, or one frame of the longest kind.
///
/// Alarms never wait. What they take others wait for, up to a minute: past that it is no longer paid back, so that a flood of
/// alarms does not keep everything else from ever going. All times are nanoseconds of a clock that never jumps.
public struct TokenBucket: Sendable {
    private static let second: Int64 = 1_000_000_000
    private static let mostDebt = 60 * second
    /// No frame has more, and none is counted as more.
    private static let longestFrame = 1 << 30

    private let rate: DataRate
    /// How much time may be saved.
    private let burst: Int64
    /// All that was sent has been paid for then.
    private var paidAt: Int64

    public init(_ rate: DataRate, frame: Int, start: Int64) {
        self.rate = rate
        burst = max(Self.second, Self.cost(of: frame, rate))
        paidAt = start - burst
    }

    private static func cost(of bytes: Int, _ rate: DataRate) -> Int64 {
        let bits = Int64(min(max(0, bytes), longestFrame)) * 8
        let (seconds, rest) = bits.quotientAndRemainder(dividingBy: Int64(rate.bitsPerSecond))
        let part = (rest * second + Int64(rate.bitsPerSecond) - 1) / Int64(rate.bitsPerSecond)
        return seconds * second + part
    }

    /// 0: they may go, and are counted. Otherwise so long is to be waited before they are asked for again. More than can be
    /// saved goes at once when all that can be is.
    public mutating func take(_ bytes: Int, now: Int64) -> Int64 {
        let paid = max(paidAt, now - burst)
        let cost = Self.cost(of: bytes, rate)
        let wait = paid + min(cost, burst) - now
        guard wait <= 0 else { return wait }
        paidAt = paid + cost
        return 0
    }

    /// What goes in any case.
    public mutating func takeAlarm(_ bytes: Int, now: Int64) {
        let paid = max(paidAt, now - burst)
        paidAt = max(paid, min(paid + Self.cost(of: bytes, rate), now + Self.mostDebt))
    }
}
