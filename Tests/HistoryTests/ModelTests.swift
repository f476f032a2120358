import Encoding
import Glibc
import Readings
import TestSupport
import Testing

@testable import History

/// Arrivals, seals, crashes, deletions and questions in any order, beside plain dictionaries.
@Suite struct ModelTests {
    /// More runs on a machine that has the time: OUTPOST_MODEL_RUNS=500. One again: OUTPOST_MODEL_SEED=1234.
    private static let seeds: [UInt64] = {
        func number(_ name: String) -> UInt64? { getenv(name).flatMap { UInt64(String(cString: $0)) } }
        if let seed = number("OUTPOST_MODEL_SEED") { return [seed] }
        return (0..<(number("OUTPOST_MODEL_RUNS") ?? 16)).map { _ in .random(in: 0 ... .max) }
    }()

    @Test(arguments: seeds) func answersAsADictionaryDoes(seed: UInt64) throws {
        var walk = try Walk(seed: seed, deletes: false)
        for _ in 0..<60 { try walk.step() }
        try walk.finish()
    }

    @Test(arguments: seeds) func losesNothingButWhatItIsToDelete(seed: UInt64) throws {
        var walk = try Walk(seed: seed, deletes: true)
        for _ in 0..<80 { try walk.step() }
        try walk.finish()
    }
}

/// One random run.
private struct Walk {
    let seed: UInt64
    let deletes: Bool
    /// Readings from the ends of time are among those that come late.
    let isWild: Bool
    private var generator: SeededGenerator
    private let store: ModelStore
    private var reader: StoreReader?
    /// Where each series has come to, and how far apart its readings are.
    private var clocks: [Int64]
    private let intervals: [Int64]

    init(seed: UInt64, deletes: Bool) throws {
        self.seed = seed
        self.deletes = deletes
        generator = SeededGenerator(seed: seed)
        isWild = Int.random(in: 0...4, using: &generator) == 0
        store = try ModelStore()
        let intervals: [Int64] = [1, 10, 70, 3600]
        self.intervals = intervals.map { $0 * 1_000_000 }
        clocks = intervals.map { _ in ModelStore.start }
    }

    private mutating func random(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }

    mutating func step() throws {
        switch random(0...(deletes ? 24 : 19)) {
        case 0...7: try store.commit(ordered(rows: random(1...300)))
        case 8: try store.commit(ordered(rows: random(1000...4000)))
        case 9...10: try store.commit(late(rows: random(1...60)))
        case 11: try store.commit(repeated())
        case 12...14: try store.seal(rows: random(20...5000), deleting: random(0...20))
        case 15: try store.reopen()
        case 20...22: try expire()
        case 23: try shed()
        case 24: try changeWidths()
        default: try check()
        }
    }

    // MARK: Arrivals

    private mutating func ordered(rows: Int) -> [Reading] {
        (0..<rows).map { _ in
            let series = random(0...3)
            clocks[series] += intervals[series] + Int64(random(-3...3)) * 1000
            if random(0...400) == 0 { clocks[series] += Int64(random(1...50)) * 3_600_000_000 }
            return reading(series, clocks[series])
        }
    }

    private mutating func late(rows: Int) -> [Reading] {
        let series = random(0...3)
        let span = max(1, (clocks[series] - ModelStore.start) / 1000)
        let from = ModelStore.start - 5_000_000 + Int64.random(in: 0...span, using: &generator) * 1000
        return (0..<rows).map { _ in
            reading(series, isWild && random(0...9) == 0 ? endOfTime() : from + Int64(random(0...100_000)) * 7919)
        }
    }

    private mutating func endOfTime() -> Int64 {
        let ends: [Int64] = [-9_000_000_000_000_000_000, -1, 0, 253_402_300_799_999_999, 9_000_000_000_000_000_000]
        return ends[random(0...ends.count - 1)]
    }

    /// Some of what is there comes again, with other values.
    private mutating func repeated() -> [Reading] {
        let series = random(0...3)
        let known = store.expected(SeriesID(UInt32(series)), TimeRange())
        guard !known.isEmpty else { return [] }
        return (0..<random(1...50)).map { _ in reading(series, known[random(0...known.count - 1)].time.microseconds) }
    }

    private mutating func reading(_ series: Int, _ time: Int64) -> Reading {
        let value: Value =
            switch random(0...60) {
            case 0: .absent
            case 1: .text(["OPEN", "FAULT \(random(0...9))", ""][random(0...2)])
            case 2: .number([Double.nan, -0.0, .infinity, 1e300, 0.1][random(0...4)])
            default: .number(Double(random(0...2000)) / 10)
            }
        let quality = random(0...40) == 0 ? Quality.allCases[random(0...6)] : value == .absent ? .stale : .good
        return Reading(
            series: SeriesID(UInt32(series)), time: Timestamp(microseconds: time), value: value, quality: quality)
    }

    // MARK: Deletions

    /// A rule for each series that cuts it somewhere.
    private mutating func expire() throws {
        let clock = clocks.max()! + 1_000_000
        store.retention.rules = (0...3).map { series in
            var kept = clock - min(clock, moment(series))
            let readings = random(0...5) == 0 ? nil : kept
            let rollups = store.widths.map { width -> Int64? in
                kept += Int64(random(0...2)) * width * 50
                return random(0...3) == 0 ? kept : nil
            }
            return Retention.Rule(series: SeriesGlob("series/\(series)"), readings: readings, rollups: rollups)
        }
        try store.expire(at: clock)
    }

    private mutating func shed() throws {
        let before = try rowsInHistory()
        let gone = try store.shed()
        let after = try rowsInHistory()
        // Rollups may have come into being for what went.
        try compare([before.readings - after.readings <= gone], [true], "readings that were shed")
    }

    private func rowsInHistory() throws -> (readings: Int, rollups: Int) {
        let parts = try HistoryFigures(directory: store.directory.path).parts
        return (
            parts.filter { $0.width == 0 }.reduce(0) { $0 + $1.rows },
            parts.filter { $0.width > 0 }.reduce(0) { $0 + $1.rows }
        )
    }

    private mutating func changeWidths() throws {
        let lists: [[Int64]] = [
            [1, 60, 1440], [60, 1440], [1, 1440], [1, 60], [5, 60, 1440], [1, 10, 60, 1440], [10],
        ]
        try store.reopen(widths: lists[random(0...lists.count - 1)].map { $0 * ModelStore.minute })
    }

    // MARK: Questions

    private mutating func moment(_ series: Int) -> Int64 {
        let span = clocks[series] - ModelStore.start + 7_200_000_000
        return ModelStore.start - 3_600_000_000 + Int64.random(in: 0...span, using: &generator)
    }

    mutating func check() throws {
        let reader = try current()
        let series = random(0...3)
        let (one, two) = (moment(series), moment(series))
        let range = random(0...5) == 0 ? TimeRange() : TimeRange(first: min(one, two), last: max(one, two))
        try check(reader, SeriesID(UInt32(series)), range)
    }

    /// Everything, and what the store finds when it looks through itself.
    mutating func finish() throws {
        let reader = try current()
        for id in store.ids { try check(reader, id, TimeRange()) }
        var problems: [String] = []
        try StoreVerification(directory: store.directory.path, report: { problems.append($0) }).run()
        try compare(problems, [], "verification")
    }

    /// Old readers go on, new ones come.
    private mutating func current() throws -> StoreReader {
        if let reader, random(0...2) > 0 {
            try reader.refresh()
            return reader
        }
        let opened = try StoreReader(directory: store.directory.path)
        reader = opened
        return opened
    }

    private mutating func check(_ reader: StoreReader, _ id: SeriesID, _ range: TimeRange) throws {
        let question = "series \(id.rawValue), \(range)"
        let trace = try store.traceWithTail(id)
        let all = store.expected(id, range)
        let found = try scan(reader, id, range)
        let present = Set(found.map(\.time))
        // What is there is right, and what may not be gone is there.
        let expected = all.filter { $0.time.microseconds >= trace.readings || present.contains($0.time) }
        try compare(found, expected, question)
        try compare([reader.count(id, range)], [expected.count], "count of \(question)")
        try compare([reader.latest(id)?.time.microseconds], [store.latest[id]], "latest of \(question)")
        try checkAsOf(reader, id, range.last, trace)
        let width = [1, 7, 60, 120, 300, 900, 3600, 86_400, 7 * 86_400][random(0...8)] * Int64(1_000_000)
        let whole = trace.readings > .min ? Self.whole(range, width) : range
        if let whole { try checkBuckets(reader, id, whole, width, trace) }
        try compare(reader.damages, [], "damages")
    }

    /// The buckets that lie in a range as a whole: at its ends they would be made of readings.
    private static func whole(_ range: TimeRange, _ width: Int64) -> TimeRange? {
        guard range != TimeRange() else { return range }
        let first = Buckets.start(notBefore: range.first, width)
        let end = Buckets.start(of: range.last, width)
        return first < end ? TimeRange(first: first, last: end - 1) : nil
    }

    private func scan(_ reader: StoreReader, _ id: SeriesID, _ range: TimeRange) throws -> [Reading] {
        var directions: [[Reading]] = []
        for descending in [false, true] {
            var found: [Reading] = []
            let scan = try reader.scan(id, range, descending: descending)
            while try scan.next() {
                let block = scan.rows.map { scan.batch[$0] }
                found = descending ? block + found : found + block
            }
            directions.append(found)
        }
        try compare(directions[1], directions[0], "series \(id.rawValue), \(range), descending")
        return directions[0]
    }

    /// What is older than the cutoff may have gone, and something older still be there.
    private func checkAsOf(_ reader: StoreReader, _ id: SeriesID, _ time: Int64, _ trace: DeletionTrace) throws {
        let found = try reader.reading(of: id, asOf: time)
        let range = TimeRange(first: max(trace.readings, found?.time.microseconds ?? .min), last: time)
        let expected = store.expected(id, range).last
        guard expected != nil || found == nil else {
            let known = TimeRange(first: found!.time.microseconds, last: found!.time.microseconds)
            return try compare([found!], store.expected(id, known), "series \(id.rawValue) as of \(time)")
        }
        try compare([found].compactMap { $0 }, [expected].compactMap { $0 }, "series \(id.rawValue) as of \(time)")
    }

    private mutating func checkBuckets(
        _ reader: StoreReader, _ id: SeriesID, _ range: TimeRange, _ width: Int64, _ trace: DeletionTrace
    ) throws {
        let found = try reader.buckets(id, range, width: width)
        let question = "buckets of \(width) of series \(id.rawValue), \(range)"
        guard let stored = store.widths.last(where: { width % $0 == 0 }) else {
            // None of the rollups helps: what is left of the readings does.
            let made = ModelStore.buckets(of: try scan(reader, id, range), width: width)
            return try compare(found, made, question) { $0.isAbout($1) }
        }
        let all = ModelStore.buckets(of: store.expected(id, range), width: width)
        let present = Dictionary(uniqueKeysWithValues: found.map { ($0.start, $0) })
        let complete = trace.rollups(ofWidth: stored)
        let expected = all.filter { $0.start >= complete || present[$0.start] != nil }
        try compare(found, expected, question) {
            let bucket = TimeRange(first: $0.start, last: Buckets.end(of: $0.start, width))
            return $0.start == $1.start
                && $0.holds($1, doubtful: trace.doubtful(bucket, width: stored), isComplete: $0.start >= complete)
        }
    }

    private func compare<Element>(
        _ found: [Element], _ expected: [Element], _ question: String, by isSame: (Element, Element) -> Bool
    ) throws {
        let same = zip(found, expected).prefix(while: isSame).count
        guard same < found.count || same < expected.count else { return }
        func at(_ elements: [Element]) -> String { same < elements.count ? "\(elements[same])" : "nothing" }
        throw Mismatch(
            description: """
                seed \(seed): \(question): \(found.count) found, \(expected.count) expected; \
                at \(same): \(at(found)) and not \(at(expected))
                """)
    }

    private func compare<Element: Equatable>(_ found: [Element], _ expected: [Element], _ question: String) throws {
        try compare(found, expected, question, by: ==)
    }
}

extension Rollup {
    private var all: Int { count + texts + bad }

    /// That this is what all readings that ever came come to. `doubtful`: so many of them may be counted twice, and the
    /// order of some is not known. Where it is not complete it may lack some.
    fileprivate func holds(_ expected: Rollup, doubtful: Int?, isComplete: Bool) -> Bool {
        guard isComplete else { return all <= expected.all + (doubtful ?? 0) }
        guard let doubtful else { return isAbout(expected) }
        guard doubtful == 0 else { return (expected.all...expected.all + doubtful).contains(all) }
        var (one, two) = (self, expected)
        (one.first, one.last, one.lead, one.average) = (0, 0, 0, 0)
        (two.first, two.last, two.lead, two.average) = (0, 0, 0, 0)
        return one.isAbout(two)
    }
}

private struct Mismatch: Error, CustomStringConvertible { var description: String }
