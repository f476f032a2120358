import CSQLite
import Glibc
import Synchronization

/// Ends the statements of a connection when someone asks for it, from any thread, or when their time is up.
public final class StatementBrake: Sendable {
    private let isPulled = Atomic<Bool>(false)
    /// Of the monotonic clock.
    private let deadline = Atomic<Int64>(.max)

    public init() {}

    /// For good: the statement that runs ends within moments, and every later one.
    public func pull() { isPulled.store(true, ordering: .relaxed) }

    /// What is not done after this time, counted from now, ends with an error.
    public func limitTime(to duration: Duration) {
        let (seconds, attoseconds) = duration.components
        let (nanoseconds, isTooLong) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (end, isPastTheEnd) = (nanoseconds &+ attoseconds / 1_000_000_000).addingReportingOverflow(Self.now)
        // A time that is longer than the clock can count is no limit.
        deadline.store(isTooLong || isPastTheEnd ? .max : end, ordering: .relaxed)
    }

    var isTimeUp: Bool { Self.now >= deadline.load(ordering: .relaxed) }
    fileprivate var stops: Bool { isPulled.load(ordering: .relaxed) || isTimeUp }

    private static var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}

extension Connection {
    /// How many steps of SQLite's machine come between two looks at the brake: some ten microseconds.
    private static let stepsBetweenLooks: Int32 = 200

    /// Its statements look at the brake from now on.
    public func use(_ brake: StatementBrake) {
        // The connection keeps the brake, and outlives its own handler.
        self.brake = brake
        sqlite3_progress_handler(
            handle, Self.stepsBetweenLooks, lookAtBrake, Unmanaged.passUnretained(brake).toOpaque())
    }
}

private func lookAtBrake(_ context: UnsafeMutableRawPointer?) -> Int32 {
    Unmanaged<StatementBrake>.fromOpaque(context!)._withUnsafeGuaranteedRef { $0.stops ? 1 : 0 }
}

public enum SQLiteMemory {
    /// What SQLite uses in this process, all connections together, stays below this, or a statement fails.
    public static func limit(toBytes bytes: Int) { sqlite3_hard_heap_limit64(Int64(bytes)) }
}
