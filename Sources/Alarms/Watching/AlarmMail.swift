import Readings

/// What a thread has to tell the desk.
public struct AlarmNews: Sendable {
    var edges: [AlarmEdge] = []
    var forwarded: [ForwardedReading] = []
    var scores: [Reading] = []

    var isEmpty: Bool { edges.isEmpty && forwarded.isEmpty && scores.isEmpty }

    /// Keeps the memory.
    mutating func removeAll() {
        edges.removeAll(keepingCapacity: true)
        forwarded.removeAll(keepingCapacity: true)
        scores.removeAll(keepingCapacity: true)
    }
}

/// What waits for the desk, in the order of arrival. Past `limit` it keeps of each alarm only what is needed to know how bad
/// it was and how it is, and of each series the latest reading: so it is bounded by their numbers. Scores past it are left out.
public struct AlarmMail: Sendable {
    static let limit = 16_384

    private(set) var edges: [AlarmEdge] = []
    private(set) var readings: [ForwardedReading] = []
    /// Readings that rules have made, for the store as well.
    public private(set) var scores: [Reading] = []
    /// How many were merged into others.
    public private(set) var merged = 0
    public private(set) var droppedScores = 0
    /// By alarm, once there are too many: its last edge, and the worst of those before that.
    private var lastEdges: [Int32: (index: Int, worstBefore: UInt8)]?
    private var lastReadings: [UInt32: Int]?

    public init() {}

    public var isEmpty: Bool { edges.isEmpty && readings.isEmpty && scores.isEmpty }

    public mutating func add(_ news: AlarmNews) {
        for edge in news.edges { add(edge) }
        for reading in news.forwarded { add(reading) }
        let room = max(0, Self.limit - scores.count)
        scores += news.scores.prefix(room)
        droppedScores += max(0, news.scores.count - room)
    }

    /// Forgets what it holds and keeps the memory.
    public mutating func removeAll() {
        edges.removeAll(keepingCapacity: true)
        readings.removeAll(keepingCapacity: true)
        scores.removeAll(keepingCapacity: true)
        droppedScores = 0
        lastEdges = nil
        lastReadings = nil
        merged = 0
    }

    private mutating func add(_ edge: AlarmEdge) {
        guard edges.count >= Self.limit else { return edges.append(edge) }
        if lastEdges == nil { noteEdges() }
        if let last = lastEdges![edge.alarm],
            edge.level >= edges[last.index].level || last.worstBefore >= edges[last.index].level
        {
            edges[last.index] = edge
            merged += 1
            return
        }
        edges.append(edge)
        note(edge, at: edges.count - 1)
    }

    private mutating func noteEdges() {
        lastEdges = [:]
        for index in edges.indices { note(edges[index], at: index) }
    }

    private mutating func note(_ edge: AlarmEdge, at index: Int) {
        let before = lastEdges![edge.alarm].map { max($0.worstBefore, edges[$0.index].level) } ?? 0
        lastEdges![edge.alarm] = (index, before)
    }

    private mutating func add(_ reading: ForwardedReading) {
        guard readings.count >= Self.limit else { return readings.append(reading) }
        if lastReadings == nil {
            lastReadings = [:]
            for index in readings.indices { lastReadings![readings[index].reading.series.rawValue] = index }
        }
        if let last = lastReadings![reading.reading.series.rawValue] {
            readings[last] = reading
            merged += 1
        } else {
            readings.append(reading)
            lastReadings![reading.reading.series.rawValue] = readings.count - 1
        }
    }
}
