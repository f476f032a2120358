import Alarms
import Platform

/// Requests that wait for their turn: which is next, and which makes way when there is no room.
///
/// What tells keeps all events in order for each alarm, and the worst alarm goes first. What moves something has one
/// place, for the newest wish: nobody wants the ones before it any more.
struct ActionQueue {
    struct Entry {
        var request: ActionRequest
        let submitted: MonotonicTime
        var attempts = 0
        /// When it was tried first.
        var began: MonotonicTime?
        /// Not tried before this.
        var due: MonotonicTime
        var backoff: Backoff

        fileprivate var rank: Rank { Rank(request) }
    }

    /// What leaves the queue undone.
    struct Removal {
        var entry: Entry
        var outcome: ActionReport.Outcome
    }

    /// Of one alarm: the oldest first, and one at a time.
    private struct Lane {
        var entries: [Entry] = []
        var isInHand = false
        /// Of the most urgent one: for its sake those before it hurry, too.
        var rank = Rank.none

        var isReady: Bool { !isInHand && !entries.isEmpty }

        mutating func insert(_ entry: Entry) {
            let number = entry.request.event.number
            let index = entries.lastIndex { $0.request.event.number <= number }.map { $0 + 1 } ?? 0
            entries.insert(entry, at: index)
            rank = max(rank, entry.rank)
        }

        mutating func remove(at index: Int) -> Entry {
            let entry = entries.remove(at: index)
            rank = entries.reduce(.none) { max($0, $1.rank) }
            return entry
        }

        mutating func hurry(_ now: MonotonicTime) {
            for index in entries.indices { entries[index].due = min(entries[index].due, now) }
        }
    }

    let limit: Int
    private(set) var count = 0
    private var lanes: [AlarmKey: Lane] = [:]
    private var wish = Lane()

    init(limit: Int) {
        self.limit = max(1, limit)
    }

    // MARK: - In

    mutating func add(_ entry: Entry) -> [Removal] {
        if entry.request.task != .tell { return wishFor(entry) }
        insert(entry)
        return makeRoom()
    }

    /// What could not be done yet, and was in hand until now.
    mutating func putBack(_ entry: Entry) -> [Removal] {
        if entry.request.task != .tell {
            wish.isInHand = false
            // What came meanwhile counts.
            guard wish.entries.isEmpty else { return [Removal(entry: entry, outcome: .superseded)] }
            return wishFor(entry)
        }
        lanes[entry.request.event.key]?.isInHand = false
        insert(entry)
        return makeRoom()
    }

    private mutating func wishFor(_ entry: Entry) -> [Removal] {
        let older = wish.entries
        wish.entries = [entry]
        wish.rank = entry.rank
        count += 1 - older.count
        return older.map { Removal(entry: $0, outcome: .superseded) }
    }

    private mutating func insert(_ entry: Entry) {
        lanes[entry.request.event.key, default: Lane()].insert(entry)
        count += 1
    }

    private mutating func makeRoom() -> [Removal] {
        guard count > limit, let (key, index) = leastWanted(), let entry = remove(at: index, of: key) else { return [] }
        return [Removal(entry: entry, outcome: .dropped)]
    }

    /// The oldest request of the lowest level.
    private func leastWanted() -> (AlarmKey, Int)? {
        var least: (rank: Rank, key: AlarmKey, index: Int)?
        for (key, lane) in lanes {
            for (index, entry) in lane.entries.enumerated() where least.map({ entry.rank.yields(to: $0.rank) }) ?? true
            {
                least = (entry.rank, key, index)
            }
        }
        return least.map { ($0.key, $0.index) }
    }

    // MARK: - Out

    /// The next one that is due; it is in hand until `finish` or `putBack`.
    mutating func take(_ now: MonotonicTime) -> Entry? {
        var next: (rank: Rank, key: AlarmKey)?
        for (key, lane) in lanes where lane.isReady && lane.entries[0].due <= now {
            if next.map({ lane.rank > $0.rank }) ?? true { next = (lane.rank, key) }
        }
        if wish.isReady, wish.entries[0].due <= now, next.map({ wish.rank > $0.rank }) ?? true { return takeWish() }
        guard let key = next?.key else { return nil }
        lanes[key]?.isInHand = true
        return remove(at: 0, of: key)
    }

    private mutating func takeWish() -> Entry {
        wish.isInHand = true
        count -= 1
        return wish.entries.removeFirst()
    }

    /// It is over.
    mutating func finish(_ entry: Entry) {
        if entry.request.task != .tell {
            wish.isInHand = false
            return
        }
        let key = entry.request.event.key
        lanes[key]?.isInHand = false
        if lanes[key]?.entries.isEmpty == true { lanes[key] = nil }
    }

    /// When the next one is due; nil where none waits that could be taken.
    var nextDue: MonotonicTime? {
        (lanes.values.lazy + [wish]).filter(\.isReady).map { $0.entries[0].due }.min()
    }

    /// What stood in the way of all of them is gone.
    mutating func hurry(_ now: MonotonicTime) {
        for key in lanes.keys { lanes[key]?.hurry(now) }
        wish.hurry(now)
    }

    private mutating func remove(at index: Int, of key: AlarmKey) -> Entry? {
        guard let entry = lanes[key]?.remove(at: index) else { return nil }
        count -= 1
        if let lane = lanes[key], lane.entries.isEmpty, !lane.isInHand { lanes[key] = nil }
        return entry
    }
}

/// How soon a request has its turn: the greater, the sooner.
private struct Rank: Comparable {
    /// A siren that is to sound comes before all words.
    private static let siren = Int(AlarmLevel.emergency.rawValue) + 1

    var weight: Int
    var number: Int64

    static let none = Rank(weight: 0, number: .max)

    init(weight: Int, number: Int64) {
        self.weight = weight
        self.number = number
    }

    init(_ request: ActionRequest) {
        let level = request.event.level
        weight = request.task == .turnOn && level == .emergency ? Self.siren : Int(level.rawValue)
        number = request.event.number
    }

    static func < (left: Rank, right: Rank) -> Bool {
        (left.weight, right.number) < (right.weight, left.number)
    }

    /// Whether it makes way before the other one: what is less bad, and of that what is older.
    func yields(to other: Rank) -> Bool { (weight, number) < (other.weight, other.number) }
}
