import Alarms
import Journal
import Platform
import Readings
import SQLite
import TestSupport
import Testing

/// What is kept of alarms.
@Suite struct AlarmRowsTests {
    private static let key = AlarmKey(rule: "high", series: "plant/ä")

    private static func event(_ number: Int64, _ value: Value = .number(5)) -> AlarmEvent {
        var event = AlarmEvent(
            number: number, key: key, change: .raised, state: .unacknowledged, level: .emergency, value: value,
            quality: .uncertain, limit: 4.5, unit: "°C", message: "it is \u{0} hot", time: .min, arrived: .max,
            decided: 17, age: -3)
        (event.isLate, event.isTest, event.isFirst) = (true, false, true)
        (event.by, event.because) = ("anna", "")
        return event
    }

    private static func state(_ series: String, _ state: AlarmState = .unacknowledged) -> SavedAlarm {
        SavedAlarm(
            key: AlarmKey(rule: "high", series: series), state: state, level: .critical, stands: true,
            isAcknowledged: false, isLatched: true, isFirst: true, isLate: true, shelf: nil, removal: nil, number: 3,
            message: "", since: .min)
    }

    private static func records(_ events: [AlarmEvent], asked: [AlarmRecords.Asked] = []) -> AlarmRecords {
        var records = AlarmRecords()
        (records.events, records.asked) = (events, asked)
        return records
    }

    private func memory(of directory: TemporaryDirectory) throws -> AlarmMemory {
        let bench = try JournalBench(in: directory)
        #expect(try bench.waitUntilOpen())
        defer { #expect(bench.stop()) }
        return bench.journal.alarmsAtStart
    }

    @Test func whatIsPutIsReadBack() throws {
        let bench = try JournalBench()
        #expect(try bench.waitUntilOpen())
        #expect(bench.journal.alarmsAtStart.nextNumber == 1)
        let values: [Value] = [.number(5), .number(-0.0), .number(.infinity), .text(""), .text("A\u{0}B"), .absent]
        let events = values.enumerated().map { Self.event(Int64($0) + 1, $1) }
        var records = Self.records(
            events, asked: events.map { AlarmRecords.Asked(number: $0.number, action: "siren", task: .turnOn) })
        records.asked.append(.init(number: 2, action: "bus", task: .tell))
        var shelved = Self.state("b", .shelved)
        shelved.shelf = .init(by: "anna", because: "", until: 99)
        var removed = Self.state("", .outOfService)
        removed.removal = .init(by: "", because: "broken", until: 0)
        var suppressed = Self.state("c", .suppressed)
        suppressed.shelf = .init(by: "anna", because: "so", until: .max)
        let saved = [Self.state("a"), shelved, removed, suppressed, Self.state("gone")]
        for state in saved { records.states[state.key] = state }
        records.reports = [
            ActionReport(number: 4, action: "siren", outcome: .done, attempts: 1, completed: 5),
            ActionReport(number: 2, action: "bus", outcome: .failed("no"), attempts: 3, completed: 6),
        ]
        bench.journal.submit(records)
        var later = AlarmRecords()
        later.states[AlarmKey(rule: "high", series: "gone")] = .some(nil)
        bench.journal.submit(later)
        #expect(bench.stop())

        let memory = try memory(of: bench.directory)
        #expect(memory.nextNumber == 7)
        #expect(Set(memory.alarms) == Set(saved.dropLast()))
        #expect(memory.undone.map(\.action) == Array(repeating: "siren", count: 5))
        #expect(memory.undone.map(\.request.event) == events.filter { $0.number != 4 })
        #expect(memory.undone.allSatisfy { $0.request.task == .turnOn })
    }

    /// As a bare number where there are none: SQLite has no such value.
    @Test func notANumber() throws {
        let bench = try JournalBench()
        #expect(try bench.waitUntilOpen())
        var event = Self.event(1, .number(.nan))
        event.limit = .nan
        bench.journal.submit(Self.records([event], asked: [.init(number: 1, action: "a", task: .tell)]))
        #expect(bench.stop())
        let kept = try #require(try memory(of: bench.directory).undone.first?.request.event)
        #expect(kept.value == .absent)
        #expect(kept.limit == nil)
    }

    @Test func theNewestEventsAreKept() throws {
        let bench = try JournalBench()
        #expect(try bench.waitUntilOpen())
        let first = (1...10).map { Self.event($0) }
        bench.journal.submit(
            Self.records(first, asked: first.map { .init(number: $0.number, action: "a", task: .tell) }))
        #expect(bench.waitUntilCommitted(bench.submit("a", 1...1)))
        bench.journal.submit(Self.records([Self.event(100_006)]))
        #expect(bench.stop())
        let connection = try Connection(bench.directory.path + "/journal.db", .readOnly)
        for table in ["alarm_events", "alarm_actions"] {
            let row = try connection.prepare("SELECT min(number), count(*) FROM \(table)")
            try row.step()
            #expect(row.integer(0) == 7)
            #expect(row.integer(1) == (table == "alarm_events" ? 5 : 4))
        }
    }

    @Test func aJournalFromBeforeAlarmsGetsThem() throws {
        let bench = try JournalBench()
        #expect(try bench.waitUntilOpen())
        #expect(bench.waitUntilCommitted(bench.submit("a", 1...20)))
        #expect(bench.stop())
        for dropped in [
            ["alarm_events", "alarm_actions", "alarms"], ["audit", "alarm_events", "alarm_actions", "alarms"],
        ] {
            do {
                let connection = try Connection(bench.directory.path + "/journal.db", .readWrite)
                for table in dropped { try connection.execute("DROP TABLE \(table)") }
            }
            let again = try JournalBench(in: bench.directory)
            #expect(try again.waitUntilOpen())
            again.journal.submit(Self.records([Self.event(7)]))
            #expect(again.stop())
            #expect(!again.scene.logged("damaged"), "\(again.scene.log)")
            #expect(try memory(of: bench.directory).nextNumber == 8)
            #expect(moments(try stored(in: bench.directory).readings) == Array(1...20))
        }
    }

    @Test func theyAreSavedFromADamagedJournal() throws {
        let bench = try JournalBench()
        #expect(try bench.waitUntilOpen())
        var records = Self.records(
            [Self.event(1), Self.event(2)], asked: [.init(number: 2, action: "a", task: .turnOff)])
        records.states[AlarmKey(rule: "high", series: "a")] = Self.state("a")
        bench.journal.submit(records)
        #expect(bench.waitUntilCommitted(bench.submit("a", 1...20)))
        #expect(bench.stop())
        do {
            // A table that is not one of a journal's.
            let connection = try Connection(bench.directory.path + "/journal.db", .readWrite)
            try connection.execute("CREATE TABLE stranger(a)")
        }
        let memory = try memory(of: bench.directory)
        #expect(memory.nextNumber == 4)
        #expect(memory.alarms == [Self.state("a")])
        #expect(memory.undone.map(\.request) == [ActionRequest(Self.event(2), .turnOff)])
    }

    /// A number means one event, also where the events of a damaged journal are lost and what was done about them is not.
    @Test func numbersAreNotGivenTwice() throws {
        let bench = try JournalBench()
        #expect(try bench.waitUntilOpen())
        bench.journal.submit(Self.records([Self.event(41)], asked: [.init(number: 41, action: "a", task: .tell)]))
        #expect(bench.stop())
        do {
            let connection = try Connection(bench.directory.path + "/journal.db", .readWrite)
            try connection.execute("DELETE FROM alarm_events")
        }
        #expect(try memory(of: bench.directory).nextNumber == 42)
    }
}
