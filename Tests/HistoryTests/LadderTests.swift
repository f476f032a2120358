import Encoding
import Journal
import Platform
import Readings
import SQLite
import TestSupport
import Testing

@testable import History

/// What goes when there is no room, and that the table of gaps says all of it.
@Suite(.serialized) struct LadderTests {
    /// Readings that no encoding makes small, a second apart.
    private struct Noise {
        private var generator = SeededGenerator(seed: 5)
        private(set) var count = 0

        mutating func batch(rows: Int, of bench: HistoryBench) -> ReadingBatch {
            var batch = ReadingBatch()
            for _ in 0..<rows {
                let noise = Double(bitPattern: generator.next() & 0x3FFF_FFFF_FFFF_FFFF)
                let time = Timestamp(microseconds: ModelStore.start + Int64(count / 2) * 1_000_000)
                batch.append(Reading(series: bench.series("noise/\(count % 2)"), time: time, value: .number(noise)))
                count += 1
            }
            return batch
        }
    }

    private struct Balance: Equatable {
        var present = 0
        /// What the gaps say of readings, and of rollups.
        var readings = 0
        var rollups = 0
        var reasons: Set<String> = []

        init(_ directory: TemporaryDirectory) throws {
            let reader = try StoreReader(directory: directory.path)
            for id in reader.ids { present += try reader.count(id, TimeRange()) }
            for row in try reader.rows(of: .gaps) {
                guard case .text(let source) = row[0], case .text(let reason) = row[1],
                    case .integer(let count) = row[4]
                else { continue }
                if source.hasSuffix(")") { rollups += Int(count) } else { readings += Int(count) }
                reasons.insert(reason)
            }
        }
    }

    private func problems(in directory: TemporaryDirectory) throws -> [String] {
        var problems: [String] = []
        try StoreVerification(directory: directory.path, report: { problems.append($0) }).run()
        return problems
    }

    @Test func maxSizeTakesTheOldestReadingsAndSaysSo() throws {
        let bench = try HistoryBench(
            journal: { $0.maxSize = 8 << 20 },
            history: {
                $0.maxSize = 8 << 20
                $0.headMemory = 500_000
            })
        var noise = Noise()
        for _ in 0..<150 {
            #expect(bench.waitUntilCommitted(bench.journal.submit(noise.batch(rows: 10_000, of: bench))))
        }
        #expect(bench.drain())
        let isSmall = try eventually {
            let used = try HistoryFigures(directory: bench.directory.path)
            return used.bytes - used.freeBytes + bench.journal.bytesUsed < 8 << 20
        }
        #expect(isSmall)
        #expect(bench.stop())
        let balance = try Balance(bench.directory)
        #expect(balance.reasons == ["size"])
        #expect(balance.present > 300_000)
        #expect(balance.present + balance.readings == noise.count)
        #expect(try problems(in: bench.directory) == [])
        // The rollups of what went are there.
        let reader = try StoreReader(directory: bench.directory.path)
        let rolledUp = try reader.ids.reduce(0) { sum, id in
            try sum + reader.buckets(id, TimeRange(), width: 3600 * 1_000_000).reduce(0) { $0 + $1.count }
        }
        #expect(rolledUp >= balance.present)
    }

    /// The history's disk fails for a while: the journal has to let go of what nobody has sealed, and of no more.
    @Test func aHistoryThatCannotWriteCostsTheOldestOfTheJournal() throws {
        try DiskFaults.use { disk in
            disk.fill()
            let bench = try HistoryBench(
                journal: { $0.maxSize = 4 << 20 },
                history: {
                    $0.maxSize = 40 << 20
                    $0.headMemory = 2_000_000
                    $0.vfs = DiskFaults.name
                })
            var noise = Noise()
            for _ in 0..<150 {
                #expect(bench.waitUntilCommitted(bench.journal.submit(noise.batch(rows: 1000, of: bench))))
            }
            #expect(bench.scene.logged("what arrives stays in the journal meanwhile"))
            disk.works()
            for _ in 0..<150 {
                #expect(bench.waitUntilCommitted(bench.journal.submit(noise.batch(rows: 1000, of: bench))))
            }
            #expect(bench.drain() && bench.stop())
            let balance = try Balance(bench.directory)
            #expect(balance.readings > 0)
            #expect(balance.present + balance.readings == noise.count)
            #expect(try problems(in: bench.directory) == [])
        }
    }

    // MARK: A small disk

    @Test(.enabled(if: SmallDisk.canBeMounted, "mounting a small disk takes root"))
    func aDiskThatFillsAndEmptiesCostsNothing() throws {
        let disk = try SmallDisk(megabytes: 16)
        let bench = try HistoryBench(in: disk.directory, history: { $0.headMemory = 100_000 })
        var noise = Noise()
        for _ in 0..<10 { #expect(bench.waitUntilCommitted(bench.journal.submit(noise.batch(rows: 1000, of: bench)))) }
        #expect(bench.drain())
        try disk.fill()
        var tickets: [UInt64?] = []
        for _ in 0..<100 { tickets.append(bench.journal.submit(noise.batch(rows: 1000, of: bench))) }
        #expect(eventually { bench.scene.logged("cannot write: database or disk is full") })
        disk.free()
        #expect(tickets.allSatisfy(bench.waitUntilCommitted))
        #expect(bench.drain() && bench.stop())
        let balance = try Balance(disk.directory)
        #expect(balance.present == noise.count && balance.reasons == [])
        #expect(try problems(in: disk.directory) == [])
    }

    @Test(.enabled(if: SmallDisk.canBeMounted, "mounting a small disk takes root"))
    func theReserveOfTheDiskIsKept() throws {
        let disk = try SmallDisk(megabytes: 96)
        let reserve = 8 << 20
        let bench = try HistoryBench(
            in: disk.directory,
            history: {
                $0.headMemory = 500_000
                $0.reserve = reserve
            })
        var noise = Noise()
        for _ in 0..<40 {
            #expect(bench.waitUntilCommitted(bench.journal.submit(noise.batch(rows: 10_000, of: bench))))
        }
        #expect(bench.drain())
        try disk.fill(leaving: reserve - (1 << 20))
        #expect(eventually { Files.space(disk.path)!.free >= reserve })
        #expect(bench.drain() && bench.stop())
        let balance = try Balance(disk.directory)
        #expect(balance.reasons == ["reserve"])
        #expect(balance.present > noise.count / 2)
        #expect(balance.present + balance.readings == noise.count)
        #expect(try problems(in: disk.directory) == [])
    }

    /// As long as somebody reads an old moment the file cannot become smaller: that is no reason to empty it.
    @Test(.enabled(if: SmallDisk.canBeMounted, "mounting a small disk takes root"))
    func aReaderThatHoldsTheFileDoesNotEmptyIt() throws {
        let disk = try SmallDisk(megabytes: 96)
        let reserve = 8 << 20
        var noise = Noise()
        var bench = try HistoryBench(in: disk.directory, history: { $0.headMemory = 500_000 })
        for _ in 0..<40 {
            #expect(bench.waitUntilCommitted(bench.journal.submit(noise.batch(rows: 10_000, of: bench))))
        }
        // All of it in the file itself.
        #expect(bench.drain() && bench.stop())
        bench = try HistoryBench(in: disk.directory, history: { $0.reserve = reserve })
        #expect(bench.drain())
        let reader = try StoreReader(directory: disk.path)
        try disk.fill(leaving: reserve - (1 << 20))
        #expect(eventually { bench.history.metrics.shed.value > 0 })
        // Each asks for a round more.
        for _ in 0..<3 { #expect(bench.drain()) }
        #expect(try reader.count(bench.series("noise/0"), TimeRange()) == noise.count / 2)
        reader.rest()
        #expect(eventually { Files.space(disk.path)!.free >= reserve })
        #expect(bench.drain() && bench.stop())
        let balance = try Balance(disk.directory)
        #expect(balance.present > noise.count / 2)
        #expect(balance.present + balance.readings == noise.count)
    }
}
