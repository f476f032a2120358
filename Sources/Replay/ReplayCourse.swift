import Alarms
import History
import Readings

/// A replay on its way: takes slices of readings in the order of their times, and hands what happens to a tally.
struct ReplayCourse {
    /// What is done for each reading of a series beside the rules.
    private enum Care: UInt8 {
        /// None has come yet.
        case new
        case none
        /// An alarm stands on it, and how far its values go matters.
        case values
    }

    /// When it begins: with the range where something was there before, else with the first reading.
    let begin: Int64
    /// About how many readings there are.
    let expected: Int
    private(set) var readings = 0
    /// How many series have had readings.
    private(set) var seen = 0
    private var desk: VirtualDesk
    private var care: [Care] = []
    private let names: [SeriesID: String]
    private let ids: [String: SeriesID]

    init(
        _ rules: [AlarmRule], _ place: ReplayPlace, _ reader: StoreReader, _ series: [SeriesID], in range: TimeRange
    ) throws {
        var (known, first) = ([SeriesID](), Int64?.none)
        for id in series {
            if range.first > Replay.livable.first, try reader.reading(of: id, asOf: range.first - 1) != nil {
                known.append(id)
            }
            let scan = try reader.scan(id, range)
            guard try scan.next() else { continue }
            first = min(first ?? .max, scan.batch.times[scan.rows.lowerBound])
        }
        begin = known.isEmpty ? first ?? range.last : range.first
        expected = try series.reduce(0) { try $0 + reader.count($1, range) }
        names = Dictionary(uniqueKeysWithValues: series.map { ($0, reader.definition(of: $0).name.description) })
        ids = Dictionary(names.map { ($1, $0) }) { first, _ in first }
        care = Array(repeating: .new, count: Int(series.max()?.rawValue ?? 0) + 1)
        // Whose silence is known of from the start are those that were there; the others come as they came.
        let catalogue = SeriesCatalogue(limit: .max)
        catalogue.restore(known.map { ($0, reader.definition(of: $0)) })
        desk = VirtualDesk(rules, place, catalogue, at: begin)
        catalogue.restore(series.map { ($0, reader.definition(of: $0)) })
    }

    mutating func take(_ slice: ReadingSlices, _ tally: inout EpisodeTally, _ note: (AlarmEvent) -> Void) {
        let batch = slice.batch
        var merge = RowMerge(slice.runs, batch.times)
        merge.forEach(batch.times) { row in take(batch[row], &tally, note) }
        readings += batch.count
    }

    @inline(__always)
    private mutating func take(_ reading: Reading, _ tally: inout EpisodeTally, _ note: (AlarmEvent) -> Void) {
        let moment = reading.time.microseconds
        if desk.isDue(at: moment) { elapse(through: moment, &tally, note) }
        let isNews = desk.take(reading)
        let care = care[Int(reading.series.rawValue)]
        if care != .none { look(at: reading, care, &tally) }
        guard isNews || care == .new else { return }
        desk.settle(at: moment)
        tell(&tally, note)
    }

    @inline(never)
    private mutating func look(at reading: Reading, _ care: Care, _ tally: inout EpisodeTally) {
        if care == .new {
            seen += 1
            self.care[Int(reading.series.rawValue)] = .none
        }
        if care == .values, case .number(let value) = reading.value, !reading.isBad {
            tally.take(value, of: names[reading.series] ?? "")
        }
    }

    private mutating func elapse(
        through moment: Int64, _ tally: inout EpisodeTally, _ note: (AlarmEvent) -> Void
    ) {
        desk.elapse(through: moment)
        tell(&tally, note)
    }

    private mutating func tell(_ tally: inout EpisodeTally, _ note: (AlarmEvent) -> Void) {
        for event in desk.takeEvents() {
            tally.take(event)
            note(event)
            guard let id = ids[event.key.series], care[Int(id.rawValue)] != .new else { continue }
            care[Int(id.rawValue)] = tally.follows(event.key.series) ? .values : .none
        }
    }

    mutating func finish(at moment: Int64, _ tally: inout EpisodeTally, _ note: (AlarmEvent) -> Void) {
        elapse(through: moment, &tally, note)
        tally.finish(at: moment)
    }
}
