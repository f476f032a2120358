import Readings

/// The part of the alarms that one thread sees to: it looks at each reading before anything else is done with it, and tells
/// the desk what has changed. Used by one thread; nothing of it is shared, nothing is locked or allocated while nothing
/// changes.
public final class AlarmShare {
    /// A series that the thread reads.
    private struct Series {
        let id: SeriesID
        var watches: Range<Int>
        var forwards: Bool
        var freshness: Freshness
    }

    private struct State {
        /// By the number of the series its place in `series`; -1: not asked yet, -2: nobody cares.
        var places: [Int32] = []
        var series: [Series] = []
        var watches: [Watch] = []
        var edges: [AlarmEdge] = []
        var forwarded: [ForwardedReading] = []
        var generation = 0
    }

    private let number: Int
    private let board: AlarmBoard
    private var state = State()

    init(_ number: Int, _ board: AlarmBoard) {
        self.number = number
        self.board = board
        state.generation = board.generation
    }

    func knows(_ series: SeriesID) -> Bool {
        Int(series.rawValue) < state.places.count && state.places[Int(series.rawValue)] != -1
    }

    /// Looks at a reading, and notes what it changes until `flush`.
    public func take(_ reading: borrowing Reading, _ arrival: Arrival) {
        let generation = board.generation
        if generation != state.generation { handOver(generation, arrival) }
        let id = Int(reading.series.rawValue)
        if id >= state.places.count || state.places[id] == -1 { learn(reading.series, arrival) }
        let place = Int(state.places[id])
        guard place >= 0 else { return }
        evaluate(reading, arrival, place, &state)
    }

    /// Tells the desk what has changed since it was told last.
    @inline(__always)
    public func flush() {
        if !state.edges.isEmpty || !state.forwarded.isEmpty { send() }
    }

    /// The same for the desk itself, which is told at once.
    func takeEdges() -> [AlarmEdge] {
        defer { state.edges.removeAll(keepingCapacity: true) }
        return state.edges
    }

    private func send() {
        board.send(state.edges, state.forwarded)
        state.edges.removeAll(keepingCapacity: true)
        state.forwarded.removeAll(keepingCapacity: true)
    }

    // MARK: - A reading

    @inline(__always)
    private func evaluate(_ reading: borrowing Reading, _ arrival: Arrival, _ place: Int, _ state: inout State) {
        if state.series[place].forwards {
            state.forwarded.append(ForwardedReading(reading: copy reading, arrival: arrival, share: number))
        }
        let watches = state.series[place].watches
        guard !watches.isEmpty else { return }
        var moment = arrival.now
        var lag: Int64 = 0
        if arrival.hasOwnTime {
            switch state.series[place].freshness.judge(
                time: reading.time.microseconds, now: arrival.now / 1000, maxAge: board.maxAge)
            {
            case .present(let own): moment = own * 1000
            case .late(let own):
                moment = own * 1000
                lag = arrival.now - moment
            case .old: return
            }
        }
        let isBad = reading.isBad
        for index in watches {
            var level = state.watches[index].level(of: reading, isBad: isBad, moment: moment, now: arrival.now)
            // What old readings have raised is told once more when a reading of the present says the same.
            guard level != state.watches[index].level || state.watches[index].isLate && level > 0 && lag == 0 else {
                continue
            }
            if level == Watch.isBack { level = 0 }
            state.watches[index].level = level
            state.watches[index].isLate = lag > 0
            state.edges.append(
                AlarmEdge(
                    alarm: state.watches[index].number, share: number, level: level, reading: copy reading,
                    arrival: arrival, lag: lag))
        }
    }

    // MARK: - Which series

    private func learn(_ id: SeriesID, _ arrival: Arrival) {
        while state.places.count <= Int(id.rawValue) { state.places.append(-1) }
        let duty = board.duty(for: id, share: number, now: arrival.now)
        guard !duty.watches.isEmpty || duty.forwards else {
            state.places[Int(id.rawValue)] = -2
            return
        }
        state.places[Int(id.rawValue)] = Int32(state.series.count)
        let first = state.watches.count
        state.watches += duty.watches
        state.series.append(
            Series(
                id: id, watches: first..<state.watches.count, forwards: duty.forwards,
                freshness: Freshness(now: arrival.now / 1000, wall: arrival.wall)))
    }

    /// What another thread reads as well is the desk's from now on.
    private func handOver(_ generation: Int, _ arrival: Arrival) {
        state.generation = generation
        guard number != AlarmBoard.desk else { return }
        for index in state.series.indices where board.isShared(state.series[index].id) {
            state.series[index].forwards = true
            state.series[index].watches = 0..<0
        }
    }
}
