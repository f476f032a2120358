import History
import Journal
import Platform
import Readings
import SQLite
import StoreSQL
import TestSupport

/// One reading as a test thinks of it.
struct Arrival: Hashable {
    var series: String
    var time: Int64
    var value: Value
    var quality = Quality.good

    /// As a row of `readings`. SQL has no NaN.
    var row: [SQLValue] {
        var (number, text) = (SQLValue.null, SQLValue.null)
        switch value {
        case .number(let value) where !value.isNaN: number = .real(value)
        case .text(let value): text = .text(value)
        default: break
        }
        return [.text(series), .integer(time), number, text, .text(quality.name)]
    }
}

/// A journal that a test fills, and asks in SQL while it is open or not.
final class StoreBench {
    let directory: TemporaryDirectory
    let catalogue = SeriesCatalogue(limit: 1000)
    let journal: Journal

    init(in directory: TemporaryDirectory = TemporaryDirectory()) throws {
        self.directory = directory
        let options = JournalOptions(
            directory: directory.path, durability: .process, commitEvery: .milliseconds(5))
        journal = Journal(options, catalogue: catalogue, surroundings: Scene().surroundings)
        try journal.start()
        guard try journal.waitUntilOpen(deadline: Clocks.farAway) else { fatalError("the journal does not open") }
    }

    func series(_ name: String, unit: String? = nil, tags: [String: String] = [:]) -> SeriesID {
        let definition = SeriesDefinition(name: SeriesName(path: name), unit: unit, tags: tags)
        guard case .known(let id) = catalogue.resolve(definition) else { fatalError("the catalogue is full") }
        return id
    }

    func submit(_ arrivals: some Sequence<Arrival>) -> UInt64? {
        var batch = ReadingBatch()
        for arrival in arrivals {
            let known = catalogue.definition(named: SeriesName(path: arrival.series))
            batch.append(
                Reading(
                    series: series(arrival.series, unit: known.unit, tags: known.tags),
                    time: Timestamp(microseconds: arrival.time), value: arrival.value, quality: arrival.quality))
        }
        return journal.submit(batch)
    }

    /// Readings of one series, whose values are their moments.
    func submit(_ name: String, _ moments: some Sequence<Int64>) -> UInt64? {
        submit(moments.map { Arrival(series: name, time: $0, value: .number(Double($0))) })
    }

    func waitUntilCommitted(_ ticket: UInt64?) -> Bool {
        guard let ticket else { return false }
        return eventually { journal.committed >= ticket }
    }

    /// Moves everything into the history.
    func seal() -> Bool {
        let history = History(
            HistoryOptions(directory: directory.path), journal: journal, surroundings: Scene().surroundings)
        guard (try? history.start()) != nil else { return false }
        return history.drain(deadline: Clocks.farAway) && history.stop(deadline: Clocks.farAway)
    }

    func stop() -> Bool { journal.stop(deadline: Clocks.farAway) }

    func ask(_ sql: String) throws -> [[SQLValue]] { try StoreSQLTests.ask(directory.path, sql) }
}

/// The rows of all statements, from a store that is opened for them.
func ask(_ directory: String, _ sql: String) throws -> [[SQLValue]] {
    try ask(StoreQuery(directory: directory), sql)
}

func ask(_ store: StoreQuery, _ sql: String) throws -> [[SQLValue]] {
    var rows: [[SQLValue]] = []
    try store.run(sql) { _ in
    } row: {
        rows.append($0)
    }
    guard store.damages.isEmpty else { throw Damaged(damages: store.damages) }
    return rows
}

struct Damaged: Error { var damages: [String] }

/// A text as SQL writes it.
func quoted(_ text: String) -> String {
    "'" + String(String.UnicodeScalarView(text.unicodeScalars.flatMap { $0 == "'" ? ["'", "'"] : [$0] })) + "'"
}

extension SQLValue {
    /// As SQL writes it.
    var literal: String {
        switch self {
        case .null: "NULL"
        case .integer(let number): String(number)
        case .real(let number): "\(number)"
        case .text(let text): quoted(text)
        case .blob(let bytes):
            "x'" + bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined() + "'"
        }
    }
}
