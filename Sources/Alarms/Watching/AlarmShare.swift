import Readings

/// The part of the alarms that one thread sees to: it looks at each reading before anything else is done with it, and tells
/// the desk what has changed. Used by one thread; nothing of it is shared, nothing is locked or allocated while nothing
/// changes.
public final class AlarmShare {
    /// A series that the thread reads.
    private struct Series {
        var limits: Range<Int>
        var watches: Range<Int>
        var forwards: Bool
        var freshness: Freshness
    }

    private struct State {
        /// By the number of the series its place in `series`; -1: not asked yet, -2: nobody cares.
        var places: [Int32] = []
        var series: [Series] = []
        var limits: [LimitWatch] = []
        var watches: [Watch] = []
        var news = AlarmNews()
        var generation = 0
    }

    private let number: Int
    private let board: AlarmBoard
    /// Behind a pointer, because each access to a property of a class is checked while it runs: several times a reading.
    private let state: UnsafeMutablePointer<State>

    init(_ number: Int, _ board: AlarmBoard) {
        self.number = number
        self.board = board
        state = .allocate(capacity: 1)
        state.initialize(to: State(generation: board.generation))
    }

    deinit {
        state.deinitialize(count: 1)
        state.deallocate()
    }

    func knows(_ series: SeriesID) -> Bool {
        Int(series.rawValue) < state.pointee.places.count && state.pointee.places[Int(series.rawValue)] != -1
    }

    /// Looks at a reading, and notes what it changes until `flush`.
    public func take(_ reading: borrowing Reading, _ arrival: Arrival) {
        let generation = board.generation
        if generation != state.pointee.generation { handOver() }
        let id = Int(reading.series.rawValue)
        if id >= state.pointee.places.count || state.pointee.places[id] == -1 { learn(reading.series, arrival) }
        let place = Int(state.pointee.places[id])
        if place >= 0 { evaluate(reading, arrival, &state.pointee.series[place]) }
    }

    /// Tells the desk what has changed since it was told last.
    @inline(__always)
    public func flush() {
        if !state.pointee.news.isEmpty { send() }
    }

    /// The same for the desk itself, which is told at once.
    func takeNews() -> AlarmNews {
        defer { state.pointee.news.removeAll() }
        return state.pointee.news
    }

    private func send() {
        board.send(state.pointee.news)
        state.pointee.news.removeAll()
    }

    // MARK: - A reading

    @inline(__always)
    private func evaluate(_ reading: borrowing Reading, _ arrival: Arrival, _ series: inout Series) {
        if series.forwards { forward(reading, arrival) }
        var moment = arrival.now
        var lag: Int64 = 0
        if arrival.hasOwnTime {
            let judged = series.freshness.judge(
                time: reading.time.microseconds, now: arrival.now / 1000, maxAge: board.maxAge)
            switch judged {
            case .present(let own): moment = own * 1000
            case .late(let own, let behind): (moment, lag) = (own * 1000, behind * 1000)
            case .old: return
            }
        }
        let isBad = reading.isBad
        if !isBad, case .number(let value) = reading.value {
            for index in series.limits where !state.pointee.limits[index].isQuiet(value) {
                let level = state.pointee.limits[index].level(of: value)
                if isNews(level, state.pointee.limits[index], lag) { tell(index, level, reading, arrival, lag) }
            }
        } else {
            for index in series.limits {
                guard let level = state.pointee.limits[index].levelOfBad else { continue }
                if isNews(level, state.pointee.limits[index], lag) { tell(index, level, reading, arrival, lag) }
            }
        }
        for index in series.watches {
            let level = state.pointee.watches[index].level(
                of: reading, isBad: isBad, moment: moment, now: arrival.now)
            if state.pointee.watches[index].hasScores {
                state.pointee.watches[index].takeScores(into: &state.pointee.news.scores)
            }
            let watch = state.pointee.watches[index]
            guard let level, level != watch.level || watch.isLate && lag == 0 else { continue }
            let told = level == Watch.isBack ? 0 : level
            state.pointee.watches[index].level = told
            state.pointee.watches[index].isLate = lag > 0
            note(watch.number, told, watch.shown(for: reading), arrival, lag, watch.finding)
        }
    }

    /// What old readings have said is told once more when a reading of the present says the same.
    private func isNews(_ level: UInt8, _ watch: LimitWatch, _ lag: Int64) -> Bool {
        level != watch.level || watch.isLate && lag == 0
    }

    @inline(never)
    private func tell(
        _ index: Int, _ level: UInt8, _ reading: borrowing Reading, _ arrival: Arrival, _ lag: Int64
    ) {
        state.pointee.limits[index].tell(level, isLate: lag > 0)
        note(state.pointee.limits[index].number, level, reading, arrival, lag)
    }

    @inline(never)
    private func note(
        _ alarm: Int32, _ level: UInt8, _ reading: borrowing Reading, _ arrival: Arrival, _ lag: Int64,
        _ finding: Finding? = nil
    ) {
        state.pointee.news.edges.append(
            AlarmEdge(
                alarm: alarm, share: number, level: level, reading: copy reading, arrival: arrival, lag: lag,
                finding: finding))
    }

    @inline(never)
    private func forward(_ reading: borrowing Reading, _ arrival: Arrival) {
        state.pointee.news.forwarded.append(ForwardedReading(reading: copy reading, arrival: arrival, share: number))
    }

    // MARK: - Which series

    @inline(never)
    private func learn(_ id: SeriesID, _ arrival: Arrival) {
        while state.pointee.places.count <= Int(id.rawValue) { state.pointee.places.append(-1) }
        let duty = board.duty(for: id, share: number, now: arrival.now)
        guard !duty.limits.isEmpty || !duty.watches.isEmpty || duty.forwards else {
            state.pointee.places[Int(id.rawValue)] = -2
            return
        }
        state.pointee.places[Int(id.rawValue)] = Int32(state.pointee.series.count)
        let (firstLimit, firstWatch) = (state.pointee.limits.count, state.pointee.watches.count)
        state.pointee.limits += duty.limits
        state.pointee.watches += duty.watches
        state.pointee.series.append(
            Series(
                limits: firstLimit..<state.pointee.limits.count,
                watches: firstWatch..<state.pointee.watches.count, forwards: duty.forwards,
                freshness: Freshness(now: arrival.now / 1000, wall: arrival.wall)))
    }

    /// What another thread reads as well is the desk's from now on.
    @inline(never)
    private func handOver() {
        let new = board.handedOver(since: state.pointee.generation)
        state.pointee.generation += new.count
        guard number != AlarmBoard.desk else { return }
        for id in new where knows(id) && state.pointee.places[Int(id.rawValue)] >= 0 {
            let place = Int(state.pointee.places[Int(id.rawValue)])
            state.pointee.series[place].forwards = true
            state.pointee.series[place].limits = 0..<0
            state.pointee.series[place].watches = 0..<0
        }
    }
}
