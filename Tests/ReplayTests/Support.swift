import Alarms
import History
import Journal
import Platform
import Readings
import Synchronization
import TestSupport

let second: Int64 = 1_000_000_000

/// A reading as a test thinks of it. Microseconds.
struct Past {
    var series: String
    var time: Int64
    var value: Value
    var quality = Quality.good
}

/// A store on the disk, a part of it sealed and the rest in the journal.
struct PastStore {
    let directory = TemporaryDirectory()

    init(_ readings: [Past], sealed: Double = 0.7) throws {
        let scene = Scene()
        let catalogue = SeriesCatalogue(limit: 1000)
        let options = JournalOptions(directory: directory.path, durability: .process, commitEvery: .milliseconds(5))
        let journal = Journal(options, catalogue: catalogue, surroundings: scene.surroundings)
        let history = History(
            HistoryOptions(directory: directory.path), journal: journal, surroundings: scene.surroundings)
        try journal.start()
        guard try journal.waitUntilOpen(deadline: Clocks.farAway) else { fatalError("the journal does not open") }
        try history.start()
        let count = Int(Double(readings.count) * sealed)
        for part in [readings[..<count], readings[count...]] {
            var batch = ReadingBatch()
            for reading in part {
                let name = SeriesName(path: reading.series)
                guard case .known(let id) = catalogue.resolve(SeriesDefinition(name: name)) else { fatalError("full") }
                batch.append(
                    Reading(
                        series: id, time: Timestamp(microseconds: reading.time), value: reading.value,
                        quality: reading.quality))
            }
            if !batch.isEmpty { _ = journal.submit(batch) }
            if part.startIndex == 0, count > 0 { _ = history.drain(deadline: Clocks.farAway) }
        }
        guard history.stop(deadline: Clocks.farAway), journal.stop(deadline: Clocks.farAway) else {
            fatalError("the store does not end")
        }
    }

    func reader() throws -> StoreReader { try StoreReader(directory: directory.path) }
}

/// A gateway's alarms, told reading by reading as they come, with a look at the clock whenever something is due.
final class LiveAlarms {
    private final class Box: Sendable {
        let mail = Mutex(AlarmMail())
    }

    private(set) var events: [AlarmEvent] = []
    private let catalogue = SeriesCatalogue(limit: 1000)
    private let box = Box()
    private let share: AlarmShare
    private var desk: AlarmDesk

    /// `known` series have been there before it began.
    init(_ rules: [AlarmRule], known: [String], at wall: Int64) {
        for name in known { _ = catalogue.resolve(SeriesDefinition(name: SeriesName(path: name))) }
        let board = AlarmBoard(rules, catalogue: catalogue, maxAge: 60_000_000, levels: [:]) { [box] news in
            box.mail.withLock { $0.add(news) }
        }
        desk = AlarmDesk(
            board, actions: [], options: .init(floodLimit: .max), restored: [], nextNumber: 1, now: wall * 1000,
            wall: wall)
        share = board.share()
    }

    func read(_ reading: Past) {
        wait(until: reading.time)
        guard case .known(let id) = catalogue.resolve(SeriesDefinition(name: SeriesName(path: reading.series))) else {
            fatalError("full")
        }
        share.take(
            Reading(
                series: id, time: Timestamp(microseconds: reading.time), value: reading.value, quality: reading.quality),
            Arrival(now: reading.time * 1000, wall: reading.time))
        share.flush()
        let mail = box.mail.withLock { mail in
            defer { mail.removeAll() }
            return mail
        }
        desk.take(mail, now: reading.time * 1000, wall: reading.time)
        tick(at: reading.time * 1000)
    }

    func wait(until wall: Int64) {
        while desk.nextDue <= wall * 1000 { tick(at: desk.nextDue) }
    }

    private func tick(at now: Int64) {
        desk.tick(now: now, wall: now / 1000)
        events += desk.takeOutbox().events
    }
}
