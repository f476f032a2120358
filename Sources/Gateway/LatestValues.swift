import Readings
import Synchronization

/// The newest reading of some series, taken on their way into the journal. Any thread.
final class LatestValues: ReadingSink {
    private struct State {
        /// By the number of the series the place in `latest`; -1: nobody asks for it.
        var places: [Int32] = []
        var latest: [Reading?]
    }

    private let journal: any ReadingSink
    private let catalogue: SeriesCatalogue
    private let names: [SeriesName: Int]
    private let state: Mutex<State>

    /// Hands everything on to the journal.
    init(of names: [SeriesName], to journal: any ReadingSink, catalogue: SeriesCatalogue) {
        self.journal = journal
        self.catalogue = catalogue
        self.names = Dictionary(names.enumerated().map { ($1, $0) }) { first, _ in first }
        state = Mutex(State(latest: Array(repeating: nil, count: names.count)))
    }

    func latest(_ name: SeriesName) -> Reading? {
        guard let place = names[name] else { return nil }
        return state.withLock { $0.latest[place] }
    }

    func submit(_ readings: ReadingBatch) -> UInt64? {
        state.withLock { state in
            for row in 0..<readings.count { note(readings, row, &state) }
        }
        return journal.submit(readings)
    }

    private func note(_ readings: ReadingBatch, _ row: Int, _ state: inout State) {
        let number = Int(readings.series[row].rawValue)
        if number >= state.places.count { learn(&state) }
        guard number < state.places.count, state.places[number] >= 0 else { return }
        let place = Int(state.places[number])
        // What comes late is no news.
        if let known = state.latest[place], known.time.microseconds > readings.times[row] { return }
        state.latest[place] = readings[row]
    }

    private func learn(_ state: inout State) {
        for (_, name) in catalogue.names(from: state.places.count) {
            state.places.append(name.flatMap { names[$0] }.map { Int32($0) } ?? -1)
        }
    }

    func submit(_ letter: DeadLetter) -> UInt64 { journal.submit(letter) }
    func submit(_ gap: Gap) { journal.submit(gap) }
    func submit(_ entry: AuditEntry) { journal.submit(entry) }
    var hasRoom: Bool { journal.hasRoom }
    var committed: UInt64 { journal.committed }
    func hurry() { journal.hurry() }
    func afterCommits(_ call: @escaping @Sendable () -> Void) { journal.afterCommits(call) }
}
