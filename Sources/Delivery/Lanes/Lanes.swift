/// What an uplink sends next: alarms, then what has just arrived, then what is left of before, so that who looks at the far end
/// sees the present soon after an outage of any length, while the rest comes behind it.
///
/// Fresh is what is no older than an interval, or two. What arrives while an attempt lasts has its turn with the next interval,
/// and not in a small frame of its own after each other one. All times are nanoseconds of a clock that never jumps.
public struct Lanes: Sendable {
    /// `backlog`: which end of it goes first.
    public enum BacklogOrder: String, Sendable, CaseIterable {
        case oldest, newest
    }

    public enum Frame: Sendable, Hashable {
        case alarms
        /// Batches of the journal by their sequence numbers, as many as probably fit: none of them has arrived yet.
        case readings(Lane, Range<Int64>)
    }

    /// Where the journal ended at a moment.
    private struct Mark: Sendable {
        var time: Int64
        var end: Int64
    }

    private let order: BacklogOrder
    private let frame: Int
    private let freshness: Int64
    /// What has arrived.
    public private(set) var sent: SentRanges
    /// The last ones, an interval apart: fresh is what came after the older one.
    private var older: Mark?
    private var newer: Mark?
    /// What is not in the journal yet is not looked at: one more than the last that counts.
    private var end: Int64
    /// On the wire.
    private var bytesPerBatch: Double = 1000

    /// - Parameter frame: how many bytes go at once.
    /// - Parameter freshness: the interval, in nanoseconds: see SendSchedule.
    public init(order: BacklogOrder, frame: Int, freshness: Int64, sent: SentRanges) {
        self.order = order
        self.frame = frame
        self.freshness = max(1, freshness)
        self.sent = sent
        end = sent.lowestMissing
    }

    /// How far the journal is durable now: one more than its newest batch. To be said as an attempt begins, and then once in
    /// each interval, whether anything can be sent or not.
    public mutating func note(end: Int64, at now: Int64) {
        self.end = max(self.end, end)
        let mark = Mark(time: now, end: self.end)
        guard let last = newer else {
            // What was there at the start came before it: nobody knows when.
            (older, newer) = (mark, mark)
            return
        }
        let gap = now - last.time
        guard gap >= freshness else { return }
        older = last
        newer = mark
        // Nothing was said for long: as much as came in an interval on average.
        if gap / 2 > freshness {
            let batches = Double(mark.end - last.end) * Double(freshness) / Double(gap)
            older = Mark(time: now - freshness, end: mark.end - Int64(batches.rounded(.up)))
        }
    }

    private var freshStart: Int64 { older?.end ?? end }

    private var fresh: Range<Int64> { freshStart..<max(freshStart, end) }

    private var backlog: Range<Int64> { sent.lowestMissing..<max(sent.lowestMissing, freshStart) }

    /// How many batches wait, of what has its turn now.
    public func waiting(in lane: Lane) -> Int {
        switch lane {
        case .alarms: 0
        case .fresh: fresh.count - sent.count(in: fresh)
        case .backlog: backlog.count - sent.count(in: backlog)
        }
    }

    /// Nil: nothing, or nothing that there is room for. `room` says how many bytes a lane may send.
    public func next(hasAlarms: Bool, room: (Lane) -> Int64) -> Frame? {
        if hasAlarms { return .alarms }
        if let gap = sent.firstGap(in: fresh), let count = batches(room(.fresh)) {
            return .readings(.fresh, gap.prefix(count))
        }
        switch order {
        case .oldest:
            guard let gap = sent.firstGap(in: backlog), let count = batches(room(.backlog)) else { return nil }
            return .readings(.backlog, gap.prefix(count))
        case .newest:
            guard let gap = sent.lastGap(in: backlog), let count = batches(room(.backlog)) else { return nil }
            return .readings(.backlog, gap.suffix(count))
        }
    }

    /// That fit into a frame; nil where there is room for none.
    private func batches(_ room: Int64) -> Int? {
        guard Double(room) >= min(bytesPerBatch, Double(frame)) else { return nil }
        return max(1, Int(Double(min(Int64(frame), room)) / bytesPerBatch))
    }

    /// The far end has them now. What is less than was asked for has its turn again. Returns what it is not known of any more
    /// that they have arrived: see SentRanges.
    @discardableResult
    public mutating func arrived(_ range: Range<Int64>, bytes: Int) -> Range<Int64>? {
        if !range.isEmpty {
            // A quarter of what is new.
            bytesPerBatch += (Double(max(1, bytes)) / Double(range.count) - bytesPerBatch) / 4
        }
        return sent.insert(range)
    }

    /// They are no longer in the journal, and nobody will ask for them.
    public mutating func lost(_ range: Range<Int64>) { sent.insert(range) }
}

extension Range<Int64> {
    fileprivate func prefix(_ count: Int) -> Range<Int64> {
        lowerBound..<Swift.min(upperBound, lowerBound + Int64(count))
    }

    fileprivate func suffix(_ count: Int) -> Range<Int64> {
        Swift.max(lowerBound, upperBound - Int64(count))..<upperBound
    }
}
