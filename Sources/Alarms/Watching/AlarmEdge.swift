import Readings

/// A reading that has changed what a rule makes of its series.
public struct AlarmEdge: Sendable {
    /// Of the alarm on the board.
    let alarm: Int32
    /// Who has seen it.
    let share: Int
    /// 0: none.
    let level: UInt8
    let reading: Reading
    let arrival: Arrival
    /// How much longer ago it was than when it came in, where that makes it old; else 0. Nanoseconds.
    let lag: Int64
    var finding: Finding?
}

/// When a reading came in.
public struct Arrival: Sendable, Hashable {
    /// By the clock that does not jump, in nanoseconds.
    public var now: Int64
    /// Microseconds since 1970.
    public var wall: Int64
    /// The reading has a time of its own, not that of its arrival.
    public var hasOwnTime: Bool

    public init(now: Int64, wall: Int64, hasOwnTime: Bool = false) {
        self.now = now
        self.wall = wall
        self.hasOwnTime = hasOwnTime
    }
}

/// A reading that matters for rules over several series, or whose series several threads read.
public struct ForwardedReading: Sendable {
    let reading: Reading
    let arrival: Arrival
    let share: Int
}
