import Synchronization

/// `stale_after`: no reading with a value has come for so long, or its source has said that it is gone.
public struct Staleness: Sendable, Hashable {
    /// Nanoseconds.
    public var duration: Int64
    public var level: AlarmLevel

    public init(_ duration: Int64, level: AlarmLevel = .warning) {
        self.duration = duration
        self.level = level
    }

    var complaint: String { "has had no reading for \(MessageTemplate.duration(duration))" }
}

/// Written by the thread that reads a series, and read by the one that knows the time: no lock between them.
final class SignOfLife: Sendable {
    private let last: Atomic<Int64>
    /// It has been said that none has come: the next one is news.
    private let isMissed = Atomic<Bool>(false)

    init(_ now: Int64) { last = Atomic(now) }

    var moment: Int64 { last.load(ordering: .relaxed) }

    /// Whether that is news.
    @inline(__always)
    func give(_ now: Int64) -> Bool {
        last.store(now, ordering: .sequentiallyConsistent)
        return isMissed.load(ordering: .sequentiallyConsistent)
            && isMissed.exchange(false, ordering: .sequentiallyConsistent)
    }

    /// False where one has come meanwhile, which is no news then.
    func miss(after moment: Int64) -> Bool {
        isMissed.store(true, ordering: .sequentiallyConsistent)
        guard last.load(ordering: .sequentiallyConsistent) > moment else { return true }
        // The one who gave it may have seen the flag, and told of it: that is heard then, and changes nothing.
        isMissed.store(false, ordering: .sequentiallyConsistent)
        return false
    }
}
