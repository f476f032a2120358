import Readings
import TestSupport
import Testing

@testable import History

/// The nth write or sync of a history fails, for every n of a short life.
@Suite(.serialized) struct FailingDiskTests {
    /// One that meets with everything that is written: seals, joins, rollups, expiry, free pages that go back.
    private struct Life {
        let store: ModelStore
        private var generator = SeededGenerator(seed: 7)
        private var time = ModelStore.start

        init(in directory: TemporaryDirectory) throws {
            store = try ModelStore(series: 2, in: directory, disks: .init(history: DiskFaults.name))
            store.retention.rules = [
                Retention.Rule(series: SeriesGlob("series/0"), readings: 3_600_000_000, rollups: [nil, nil, nil])
            ]
        }

        /// Each is done again, as the gateway does, when it fails.
        mutating func run(_ attempt: (() throws -> Void) throws -> Void) throws {
            for _ in 0..<9 {
                let readings = readings(rows: 30)
                try attempt { try store.commit(readings) }
                try attempt { try store.seal(rows: 1000, deleting: 100) }
            }
            try attempt { try store.expire(at: time) }
            try attempt { try store.history.shrink(pages: 4) }
            try attempt { try store.history.checkpointIfDue(force: true) }
            let late = [reading(0, ModelStore.start + 1), reading(1, ModelStore.start)]
            try attempt { try store.commit(late) }
            try attempt { try store.seal(rows: 1000, deleting: 100) }
        }

        private mutating func readings(rows: Int) -> [Reading] {
            (0..<rows).map { row in
                time += 60_000_000
                return reading(row % 2, time)
            }
        }

        private mutating func reading(_ series: Int, _ time: Int64) -> Reading {
            let value = Double(Int.random(in: 0..<50, using: &generator))
            return Reading(
                series: SeriesID(UInt32(series)), time: Timestamp(microseconds: time), value: .number(value))
        }
    }

    /// All goes well but what the disk does; `tries` of each thing that is done.
    private func life(in directory: TemporaryDirectory, tries: Int, failed: () -> Void) throws -> Survivors? {
        guard var life = try eventuallyOpened(in: directory, tries: tries, failed) else { return nil }
        try? life.run { step in
            for attempt in 1...tries {
                do { return try step() } catch {
                    failed()
                    if attempt == tries { throw error }
                }
            }
        }
        return Survivors(life.store)
    }

    private func eventuallyOpened(in directory: TemporaryDirectory, tries: Int, _ failed: () -> Void) throws -> Life? {
        for _ in 1...tries {
            do { return try Life(in: directory) } catch { failed() }
        }
        return nil
    }

    private func expectAll(_ survivors: Survivors?, in directory: TemporaryDirectory, _ what: String) throws {
        guard let survivors else { return }
        #expect(try survivors.problems(in: directory) == [], "\(what)")
        let again = try ModelStore(series: 2, in: directory)
        try again.seal(rows: 1000, deleting: 1000)
        #expect(try survivors.problems(in: directory) == [], "\(what), sealed afterwards")
    }

    private func operationsOfALife() throws -> Int {
        try DiskFaults.use { disk in
            disk.works()
            let directory = TemporaryDirectory()
            let survivors = try life(in: directory, tries: 1) { Issue.record("it fails on a disk that works") }
            let operations = disk.operations
            try expectAll(survivors, in: directory, "a disk that works")
            let parts = try HistoryFigures(directory: directory.path).parts
            #expect(parts.contains { $0.width == ModelStore.minute && $0.rows > 0 }, "nothing was rolled up")
            #expect(survivors!.kept[SeriesID(0)]! > ModelStore.start, "nothing was to expire")
            #expect(parts[0].rows < survivors!.acknowledged.values.reduce(0) { $0 + $1.count }, "nothing expired")
            return operations
        }
    }

    @Test func aFailureThatPassesIsOvercome() throws {
        for n in 1...(try operationsOfALife()) {
            let directory = TemporaryDirectory()
            let survivors = try DiskFaults.use { disk in
                disk.failsOnce(at: n)
                return try life(in: directory, tries: 2) {}
            }
            #expect(survivors != nil)
            try expectAll(survivors, in: directory, "operation \(n)")
        }
    }

    @Test func aDiskThatFillsAndEmptiesIsOvercome() throws {
        for n in 1...(try operationsOfALife()) {
            let directory = TemporaryDirectory()
            let survivors = try DiskFaults.use { disk in
                disk.fill(at: n)
                var failures = 0
                return try life(in: directory, tries: 4) {
                    failures += 1
                    if failures == 3 { disk.works() }
                }
            }
            #expect(survivors != nil)
            try expectAll(survivors, in: directory, "operation \(n)")
        }
    }

    @Test func aDiskThatDiesInAnyWriteKeepsWhatItHad() throws {
        for n in 1...(try operationsOfALife()) {
            let directory = TemporaryDirectory()
            let survivors = try DiskFaults.use { disk in
                disk.tearsAndDies(at: n)
                return try life(in: directory, tries: 1) {}
            }
            try expectAll(survivors, in: directory, "operation \(n)")
        }
    }
}
