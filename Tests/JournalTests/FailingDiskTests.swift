import Journal
import Platform
import Readings
import TestSupport
import Testing

/// The nth write or sync fails, for every n of a short life of a journal.
@Suite(.serialized) struct FailingDiskTests {
    /// Opens, commits three batches one after the other, and stops. Returns the moments that were called durable.
    private func life(in directory: TemporaryDirectory, isDying: Bool = false) throws -> [Int64] {
        let bench = try JournalBench(in: directory, vfs: DiskFaults.name)
        let isSettled = try eventually {
            try bench.journal.waitUntilOpen(deadline: Clocks.system.monotonic()) || bench.scene.logged("cannot")
        }
        #expect(isSettled)
        var durable: [Int64] = []
        for round in Int64(0)..<3 {
            guard let ticket = bench.submit("s", (round * 10)..<(round * 10 + 10)) else { break }
            // A dead disk never answers: the log line about it ends the wait.
            let isOver = eventually { bench.journal.committed >= ticket || bench.scene.logged("cannot") }
            #expect(isOver)
            if !isDying { #expect(bench.waitUntilCommitted(ticket)) }
            guard bench.journal.committed >= ticket else { break }
            durable += (round * 10)..<(round * 10 + 10)
        }
        // It says whether all was taken.
        #expect(bench.stop() == (durable.count == 30))
        return durable
    }

    private func operationsOfALife() throws -> Int {
        try DiskFaults.use { disk in
            disk.works()
            let durable = try life(in: TemporaryDirectory())
            #expect(durable.count == 30)
            return disk.operations
        }
    }

    @Test func aFailureThatPassesIsOvercome() throws {
        let operations = try operationsOfALife()
        #expect(operations > 10)
        for n in 1...operations {
            let directory = TemporaryDirectory()
            let durable = try DiskFaults.use { disk in
                disk.failsOnce(at: n)
                return try life(in: directory)
            }
            #expect(durable.count == 30, "operation \(n)")
            let found = try stored(in: directory)
            #expect(moments(found.readings) == durable, "operation \(n)")
            #expect(found.damages.isEmpty, "operation \(n)")
        }
    }

    @Test func aDiskThatDiesInAnyWriteKeepsWhatWasCalledDurable() throws {
        for n in 1...(try operationsOfALife()) {
            let directory = TemporaryDirectory()
            let durable = try DiskFaults.use { disk in
                disk.tearsAndDies(at: n)
                return try life(in: directory, isDying: true)
            }
            let again = try JournalBench(in: directory)
            #expect(try again.waitUntilOpen(), "operation \(n)")
            #expect(again.waitUntilCommitted(again.submit("later", 100...100)), "operation \(n)")
            #expect(again.stop())
            let found = try stored(in: directory)
            #expect(found.damages.isEmpty, "operation \(n)")
            let seen = moments(found.readings.filter { $0.series == "s" })
            // All that was called durable, and beyond that whole batches alone.
            #expect(seen.starts(with: durable), "operation \(n)")
            #expect(seen.count % 10 == 0, "operation \(n)")
            #expect(found.readings.contains { $0.series == "later" && $0.time == 100 })
        }
    }
}
