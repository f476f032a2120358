import Journal
import Platform
import Readings
import TestSupport
import Testing

/// A journal that is no longer what was written.
@Suite(.serialized) struct DamageTests {
    private static let batches = 150
    private static let rowsPerBatch: Int64 = 40

    /// A closed journal of some hundred pages: small batches, and some large enough to overflow their page.
    private func closedJournal() throws -> (bytes: [UInt8], readings: [Stored]) {
        let bench = try JournalBench(durability: .process)
        #expect(try bench.waitUntilOpen())
        var generator = SeededGenerator(seed: 11)
        for number in 0..<Self.batches {
            var batch = ReadingBatch()
            let rows = number % 30 == 7 ? 1500 : Self.rowsPerBatch
            for row in 0..<rows {
                let id = bench.series("hall/\(row % 7)")
                let noise = Double(Int64.random(in: 0..<1_000_000, using: &generator)) / 7
                let time = Timestamp(microseconds: Int64(number) * 10_000 + row)
                batch.append(Reading(series: id, time: time, value: .number(noise)))
            }
            #expect(bench.waitUntilCommitted(bench.journal.submit(batch)))
        }
        #expect(bench.stop())
        let readings = try stored(in: bench.directory).readings
        return (try Files.read(bench.directory.path + "/journal.db"), readings)
    }

    /// The gateway comes up with the damaged file, ingests, and the rest is readable: nothing that was not written.
    private func check(_ bytes: [UInt8], _ original: Set<Stored>, _ what: String) throws -> Int {
        let directory = TemporaryDirectory()
        try Files.write(bytes, to: directory.path + "/journal.db")
        let bench = try JournalBench(in: directory, durability: .process)
        guard try bench.waitUntilOpen() else {
            Issue.record("\(what): it does not come up: \(bench.scene.log)")
            return 0
        }
        #expect(bench.waitUntilCommitted(bench.submit("new", 1...1)), "\(what)")
        #expect(bench.stop(), "\(what)")
        var missing = original
        for reading in try stored(in: directory).readings where reading.series != "new" {
            if missing.remove(reading) != nil { continue }
            // Only its name may be lost, never said wrongly.
            let named = original.first { $0.time == reading.time && $0.value == reading.value }
            if reading.series.hasPrefix("unnamed/"), let named {
                missing.remove(named)
            } else {
                Issue.record("\(what): \(reading) was never written")
            }
        }
        return missing.count
    }

    @Test func aFlippedBitInAnyKilobyteCostsNoMoreThanItsPage() throws {
        let (bytes, readings) = try closedJournal()
        let original = Set(readings)
        #expect(bytes.count > 100 * 1024)
        let seed = UInt64.random(in: 0 ... .max)
        var generator = SeededGenerator(seed: seed)
        var worst = 0
        for kilobyte in 0..<bytes.count / 1024 {
            let bit = kilobyte * 8192 + Int.random(in: 0..<8192, using: &generator)
            var damaged = bytes
            damaged[bit / 8] ^= 1 << (bit % 8)
            let missing = try check(damaged, original, "seed \(seed), kilobyte \(kilobyte), bit \(bit)")
            worst = max(worst, missing)
            // A page of small batches holds about 20 of them; a large batch has 1,500 readings.
            #expect(missing <= 1500 + 20 * Int(Self.rowsPerBatch), "seed \(seed), kilobyte \(kilobyte), bit \(bit)")
        }
        #expect(worst > 0, "no bit mattered: the test tests nothing")
    }

    @Test func aFlippedBitInTheHeaderOrTheSchemaCostsNothing() throws {
        let (bytes, readings) = try closedJournal()
        let original = Set(readings)
        let seed = UInt64.random(in: 0 ... .max)
        var generator = SeededGenerator(seed: seed)
        // The header, the root's, and the rest of the first page with definitions of the tables.
        for byte in Array(0..<112) + Array(stride(from: 112, to: 1024, by: 23)) {
            var damaged = bytes
            damaged[byte] ^= 1 << Int.random(in: 0..<8, using: &generator)
            #expect(try check(damaged, original, "seed \(seed), byte \(byte)") == 0, "seed \(seed), byte \(byte)")
        }
    }

    @Test func whatIsNoDatabaseIsSetAside() throws {
        for bytes in [Array("not a database at all, but long enough to be read as one".utf8), [], [0]] {
            #expect(try check(bytes, [], "\(bytes.count) bytes") == 0)
        }
        let directory = TemporaryDirectory()
        try Files.write(Array("This is a letter to my aunt.\n".utf8), to: directory.path + "/journal.db")
        let bench = try JournalBench(in: directory)
        #expect(try bench.waitUntilOpen())
        #expect(bench.stop())
        let aside = try Files.list(directory.path).filter { $0.hasPrefix("journal.db.damaged-") }
        #expect(aside.count == 1)
        #expect(bench.scene.logged("is kept as \(directory.path)/journal.db.damaged-"))
        #expect(try Files.read(directory.path + "/" + aside[0]) == Array("This is a letter to my aunt.\n".utf8))
    }

    @Test func aFileCutShortGivesWhatIsLeft() throws {
        let (bytes, readings) = try closedJournal()
        let missing = try check(Array(bytes[..<(bytes.count / 2)]), Set(readings), "half")
        #expect(missing > 0)
        #expect(missing < readings.count)
    }

    @Test(arguments: [0, 12, 24, 2000]) func whatTheLogHoldsIsSavedToo(tornBytes: Int) throws {
        let bench = try JournalBench()
        #expect(try bench.waitUntilOpen())
        for round in Int64(0)..<20 {
            #expect(bench.waitUntilCommitted(bench.submit("s", round * 10..<round * 10 + 10)))
        }
        // As a crash leaves it: the log has not been moved into the database, whose first page is broken.
        let copy = TemporaryDirectory()
        var database = try Files.read(bench.directory.path + "/journal.db")
        for offset in 0..<16 { database[offset] = 0xFF }
        try Files.write(database, to: copy.path + "/journal.db")
        let log = try Files.read(bench.directory.path + "/journal.db-wal")
        // The beginning of a frame that never became whole.
        try Files.write(log + log[32...].prefix(tornBytes), to: copy.path + "/journal.db-wal")
        #expect(bench.stop())

        let again = try JournalBench(in: copy)
        #expect(try again.waitUntilOpen())
        #expect(again.stop())
        #expect(try moments(stored(in: copy).readings) == Array(0..<200))
    }

    @Test func aRescueCutShortIsCompleted() throws {
        let bench = try JournalBench()
        #expect(bench.waitUntilCommitted(bench.submit("s", 1...9)))
        #expect(bench.stop())
        // Killed between its renames: the new journal is whole and waits, the damaged one is in its place.
        let directory = TemporaryDirectory()
        try Files.write(
            try Files.read(bench.directory.path + "/journal.db"), to: directory.path + "/journal.db.rescued")
        try Files.write(Array("damaged".utf8), to: directory.path + "/journal.db")
        try Files.write(Array("old log".utf8), to: directory.path + "/journal.db-wal")
        let again = try JournalBench(in: directory)
        #expect(try again.waitUntilOpen())
        #expect(again.stop())
        #expect(try moments(stored(in: directory).readings) == Array(1...9))
        let names = try Files.list(directory.path)
        #expect(names.contains { $0.hasPrefix("journal.db.damaged-") && $0.hasSuffix("-wal") })
        #expect(!names.contains("journal.db.rescued"))
    }

    @Test func aJournalOfALaterVersionIsLeftAlone() throws {
        let bench = try JournalBench()
        #expect(try bench.waitUntilOpen())
        #expect(bench.stop())
        let path = bench.directory.path + "/journal.db"
        var bytes = try Files.read(path)
        for offset in 60..<64 { bytes[offset] = 2 }
        try Files.write(bytes, to: path)
        let again = try JournalBench(in: bench.directory)
        #expect(throws: JournalError.self) { _ = try again.waitUntilOpen() }
        _ = again.stop()
        #expect(try Files.read(path) == bytes)
    }

    @Test func damageFoundWhileRunningIsRepairedWithoutLoss() throws {
        let bench = try JournalBench(durability: .process)
        #expect(try bench.waitUntilOpen())
        let id = bench.series("noise")
        var generator = SeededGenerator(seed: 5)
        func submitNoise(_ number: Int64) -> UInt64? {
            var batch = ReadingBatch()
            for row in Int64(0)..<1000 {
                let noise = Double(bitPattern: generator.next() & 0x3FFF_FFFF_FFFF_FFFF)
                let time = Timestamp(microseconds: number * 1000 + row)
                batch.append(Reading(series: id, time: time, value: .number(noise)))
            }
            return bench.journal.submit(batch)
        }
        // More than is cached, and more than stays in the log.
        for number in Int64(0)..<800 { #expect(bench.waitUntilCommitted(submitNoise(number))) }
        let path = bench.directory.path + "/journal.db"
        #expect(overwritePages(10...30, of: path))
        // To delete the oldest batches it has to read the pages that are broken.
        bench.journal.move(cursor: "hq", to: 50)
        #expect(bench.waitUntilCommitted(submitNoise(800)))
        #expect(eventually { bench.scene.logged("is kept as") })
        #expect(bench.waitUntilCommitted(submitNoise(801)))
        #expect(bench.stop())
        let found = Set(try moments(stored(in: bench.directory).readings))
        #expect(found.isSuperset(of: 100_000..<802_000))
    }

    private func overwritePages(_ pages: ClosedRange<Int>, of path: String) -> Bool {
        let shell = try? ChildProcess(
            "/bin/sh",
            [
                "-c",
                "tr '\\0' '\\377' < /dev/zero | dd of='\(path)' bs=4096 seek=\(pages.lowerBound) count=\(pages.count) "
                    + "conv=notrunc iflag=fullblock",
            ])
        return shell?.wait().status == 0
    }
}
