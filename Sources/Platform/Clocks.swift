import Glibc

/// A moment of the clock that never jumps; timers, back-off and pacing run on it.
public struct MonotonicTime: Sendable, Hashable, Comparable {
    public var nanoseconds: Int64

    @inlinable
    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    @inlinable
    public static func < (left: MonotonicTime, right: MonotonicTime) -> Bool { left.nanoseconds < right.nanoseconds }

    @inlinable
    public static func + (time: MonotonicTime, duration: Duration) -> MonotonicTime {
        MonotonicTime(nanoseconds: time.nanoseconds + duration.nanoseconds)
    }

    @inlinable
    public static func - (left: MonotonicTime, right: MonotonicTime) -> Duration {
        .nanoseconds(left.nanoseconds - right.nanoseconds)
    }
}

extension Duration {
    @inlinable
    public var nanoseconds: Int64 { components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000 }

    @inlinable
    public var milliseconds: Int64 { nanoseconds / 1_000_000 }

    @inlinable
    public var inSeconds: Double { Double(nanoseconds) / 1e9 }
}

/// Both clocks; tests put their own in its place.
public struct Clocks: Sendable {
    public var monotonic: @Sendable () -> MonotonicTime
    /// Microseconds since 1970.
    public var wall: @Sendable () -> Int64

    public init(monotonic: @escaping @Sendable () -> MonotonicTime, wall: @escaping @Sendable () -> Int64) {
        self.monotonic = monotonic
        self.wall = wall
    }

    public static let system = Clocks(
        monotonic: { MonotonicTime(nanoseconds: read(CLOCK_MONOTONIC)) },
        wall: { read(CLOCK_REALTIME) / 1000 })

    /// CPU time of the whole process.
    public static func processorTime() -> Duration { .nanoseconds(read(CLOCK_PROCESS_CPUTIME_ID)) }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
