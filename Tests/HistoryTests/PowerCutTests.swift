import Readings
import TestSupport
import Testing

@testable import History
@testable import Journal

/// The power fails at any moment: what had been synced is on the disk, of the rest any part.
@Suite(.serialized) struct PowerCutTests {
    private static let cutsPerLife = 50

    @Test(arguments: 0..<6) func whatWasAcknowledgedSurvives(life: Int) throws {
        let seed = UInt64.random(in: 0 ... .max)
        try DiskRecording.use { disk in
            var life = try Life(seed: seed, disk)
            for _ in 0..<60 { try life.step() }
            life.store.close()
            var generator = SeededGenerator(seed: seed)
            for _ in 0..<Self.cutsPerLife {
                let position = Int.random(in: 0...disk.position, using: &generator)
                try cut(life, disk, position, seed: generator.next(), "seed \(seed), cut after operation \(position)")
            }
        }
    }

    private func cut(_ life: Life, _ disk: DiskRecording, _ position: Int, seed: UInt64, _ what: String) throws {
        let directory = disk.cut(after: position, seed: seed)
        let survivors = life.survivors(at: position)
        let again = try ModelStore(series: 3, in: directory)
        #expect(try survivors.problems(in: directory) == [], "\(what), loss \(seed)")
        try again.seal(rows: 500, deleting: 100)
        #expect(try survivors.problems(in: directory) == [], "\(what), loss \(seed), sealed afterwards")
    }

    /// Both files on the recorded disk, and every kind of thing that is done with them.
    private struct Life {
        let store: ModelStore
        private let disk: DiskRecording
        private var generator: SeededGenerator
        private var time = ModelStore.start
        private var marks: [(position: Int, survivors: Survivors)] = []

        init(seed: UInt64, _ disk: DiskRecording) throws {
            self.disk = disk
            generator = SeededGenerator(seed: seed)
            store = try ModelStore(series: 3, disks: .init(journal: DiskRecording.name, history: DiskRecording.name))
            marks.append((disk.position, Survivors(store)))
        }

        mutating func step() throws {
            switch random(0...19) {
            case 0...8: try store.commit(readings(rows: random(1...200)))
            case 9...12: try store.seal(rows: random(50...1000), deleting: random(0...20))
            case 13...14: try store.journal.checkpointIfDue(force: true)
            case 15...16: try store.history.checkpointIfDue(force: true)
            case 17: try expire()
            case 18: try store.history.shrink(pages: random(1...20))
            default: try store.reopen()
            }
            marks.append((disk.position, Survivors(store)))
        }

        private mutating func random(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }

        private mutating func readings(rows: Int) -> [Reading] {
            (0..<rows).map { _ in
                time += Int64(random(1...20)) * 1_000_000
                let late = random(0...9) == 0 ? Int64(random(0...3_600)) * 1_000_000 : 0
                return Reading(
                    series: SeriesID(UInt32(random(0...2))), time: Timestamp(microseconds: time - late),
                    value: .number(Double(random(0...1000))))
            }
        }

        private mutating func expire() throws {
            let kept = Int64(random(600...20_000)) * 1_000_000
            store.retention.rules = [
                Retention.Rule(series: SeriesGlob("series/\(random(0...2))"), readings: kept, rollups: [nil, nil, nil])
            ]
            try store.expire(at: time)
        }

        /// What came before a moment is to be there; what was under way then may be.
        func survivors(at position: Int) -> Survivors {
            let done = marks.lastIndex { $0.position <= position } ?? 0
            let under = marks[min(done + 1, marks.count - 1)].survivors
            return Survivors(
                acknowledged: marks[done].position <= position ? marks[done].survivors.acknowledged : [:],
                submitted: under.submitted, kept: under.kept)
        }
    }
}
