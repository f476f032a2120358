/// What was sent in a period, in bytes on the wire, by lane; what had to be sent again is in it each time.
public struct SentBytes: Sendable, Hashable {
    /// Nobody sends more; and the sum of three still is a number.
    static let most: Int64 = 1 << 60

    private(set) var alarms: Int64 = 0
    private(set) var fresh: Int64 = 0
    private(set) var backlog: Int64 = 0

    public init() {}

    init?(alarms: Int64, fresh: Int64, backlog: Int64) {
        guard [alarms, fresh, backlog].allSatisfy({ (0...Self.most).contains($0) }) else { return nil }
        (self.alarms, self.fresh, self.backlog) = (alarms, fresh, backlog)
    }

    public var total: Int64 { alarms + fresh + backlog }

    public subscript(_ lane: Lane) -> Int64 {
        switch lane {
        case .alarms: alarms
        case .fresh: fresh
        case .backlog: backlog
        }
    }

    mutating func add(_ bytes: Int, _ lane: Lane) {
        func sum(_ old: Int64) -> Int64 { min(old + min(max(0, Int64(bytes)), Self.most), Self.most) }
        switch lane {
        case .alarms: alarms = sum(alarms)
        case .fresh: fresh = sum(fresh)
        case .backlog: backlog = sum(backlog)
        }
    }
}

/// The periods of one kind, days or months, that the wall clock was in last.
///
/// Each has a count of its own, and the last few are remembered: a clock that is set back comes to what it has spent there
/// already, and gets nothing again; one that was far in the future has spent what was that period's, and nothing of those
/// to which it returns. So a clock that goes to and fro spends each period's budget once, and no period is ever without one.
struct PeriodLedger: Sendable, Hashable {
    static let remembered = 4

    struct Period: Sendable, Hashable {
        /// The day on which it begins, counted from 1970.
        var start: Int64
        /// When counting began in it, in seconds of the local clock.
        var since: Int64
        var sent = SentBytes()
    }

    /// That in which the clock is comes first.
    private(set) var periods: [Period]

    init(_ periods: [Period] = []) { self.periods = periods }

    mutating func turn(to start: Int64, at local: Int64) {
        if periods.first?.start != start {
            let known = periods.firstIndex { $0.start == start }.map { periods.remove(at: $0) }
            periods.insert(known ?? Period(start: start, since: local), at: 0)
            if periods.count > Self.remembered { periods.removeLast() }
        }
        periods[0].since = min(periods[0].since, local)
    }

    mutating func add(_ bytes: Int, _ lane: Lane) {
        if !periods.isEmpty { periods[0].sent.add(bytes, lane) }
    }
}

/// What an uplink has sent, by days and months: what is kept of a budget over restarts.
public struct DataLedger: Sendable, Hashable {
    var days = PeriodLedger()
    var months = PeriodLedger()

    public init() {}
}
