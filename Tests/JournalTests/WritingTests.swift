import Journal
import Platform
import Readings
import SQLite
import TestSupport
import Testing

@Suite struct WritingTests {
    @Test func whatIsCommittedIsThereBitForBit() throws {
        let bench = try JournalBench()
        #expect(try bench.waitUntilOpen())
        let id = bench.series("plant/press-3/temperature", unit: "°C", tags: ["line": "A", "weird \"key\"": "ä\n"])
        let values: [Value] = [
            .number(71.3), .number(-0.0), .number(.nan), .number(Double(bitPattern: 0x7FF0_0000_0000_0001)),
            .number(.infinity), .number(.leastNonzeroMagnitude), .text(""), .text("OPEN"), .text("e\u{301}"),
            .text("\u{e9}"), .absent,
        ]
        var batch = ReadingBatch()
        for (index, value) in values.enumerated() {
            let quality = Quality.allCases[index % Quality.allCases.count]
            let time = index == 0 ? Int64.min : index == 1 ? Int64.max : Int64(index)
            batch.append(Reading(series: id, time: Timestamp(microseconds: time), value: value, quality: quality))
        }
        #expect(bench.waitUntilCommitted(bench.journal.submit(batch)))
        #expect(bench.stop())

        let found = try stored(in: bench.directory)
        let expected = (0..<batch.count).map { batch[$0] }.sorted { $0.time < $1.time }
            .map {
                Stored(
                    series: "plant/press-3/temperature", time: $0.time.microseconds, value: $0.value,
                    quality: $0.quality)
            }
        #expect(found.readings == expected)
        #expect(found.damages.isEmpty)
    }

    @Test func theCatalogueComesBack() throws {
        let bench = try JournalBench()
        let a = bench.series("a", unit: "bar", tags: ["site": "north, \"upper\""])
        let b = bench.series("b")
        #expect(bench.waitUntilCommitted(bench.submit("b", 1...1)))
        #expect(bench.stop())

        let again = try JournalBench(in: bench.directory)
        #expect(try again.waitUntilOpen())
        #expect(again.series("b") == b)
        #expect(
            again.catalogue.definition(of: a)
                == SeriesDefinition(name: SeriesName(path: "a"), unit: "bar", tags: ["site": "north, \"upper\""]))
        #expect(again.series("c") != a)
        #expect(again.stop())
    }

    @Test func aFullCatalogueRefusesNewSeriesAndKeepsTheKnown() {
        let catalogue = SeriesCatalogue(limit: 2)
        func resolve(_ name: String) -> SeriesCatalogue.Answer {
            catalogue.resolve(SeriesDefinition(name: SeriesName(path: name)))
        }
        let first = resolve("a")
        _ = resolve("b")
        #expect(resolve("c") == .refused(isFirst: true))
        #expect(resolve("d") == .refused(isFirst: false))
        #expect(resolve("a") == first)
        #expect(catalogue.refusals == 2)
    }

    @Test func theLastArrivalOfAMomentCounts() throws {
        let bench = try JournalBench()
        let id = bench.series("s")
        for (time, value) in [(5, 1.0), (3, 2), (5, 3), (4, 4), (3, 5)] {
            var batch = ReadingBatch()
            batch.append(Reading(series: id, time: Timestamp(microseconds: Int64(time)), value: .number(value)))
            #expect(bench.waitUntilCommitted(bench.journal.submit(batch)))
        }
        #expect(bench.stop())
        let found = try stored(in: bench.directory).readings
        #expect(found.map(\.time) == [3, 4, 5])
        #expect(found.map(\.value) == [.number(5), .number(4), .number(3)])
    }

    @Test func aFullInboxRefusesUntilThereIsRoom() throws {
        try DiskFaults.use { disk in
            let bench = try JournalBench(mostWaiting: 10, vfs: DiskFaults.name)
            #expect(try bench.waitUntilOpen())
            disk.fill()
            #expect(bench.submit("s", 1...10) != nil)
            #expect(bench.submit("s", 11...20) == nil)
            #expect(!bench.journal.hasRoom)
            disk.works()
            #expect(eventually { bench.journal.hasRoom })
            #expect(bench.waitUntilCommitted(bench.submit("s", 21...30)))
            #expect(bench.stop())
            #expect(try moments(stored(in: bench.directory).readings) == Array(1...10) + Array(21...30))
        }
    }

    @Test func aFullDiskIsWaitedForAndNothingIsCalledDurable() throws {
        try DiskFaults.use { disk in
            let bench = try JournalBench(vfs: DiskFaults.name)
            #expect(bench.waitUntilCommitted(bench.submit("s", 1...3)))
            disk.fill()
            let ticket = try #require(bench.submit("s", 4...6))
            #expect(eventually { bench.scene.logged("cannot write") })
            #expect(bench.journal.committed < ticket)
            #expect(bench.scene.surroundings.parts.all.contains { $0.name == "journal" && $0.state == .degraded })
            disk.works()
            #expect(bench.waitUntilCommitted(ticket))
            #expect(bench.scene.surroundings.parts.all.contains { $0.name == "journal" && $0.state == .running })
            #expect(bench.stop())
            #expect(try moments(stored(in: bench.directory).readings) == Array(1...6))
        }
    }

    @Test func maxSizeKeepsTheNewestAndSaysWhatWent() throws {
        let bench = try JournalBench(durability: .process, maxSize: 16 << 20)
        let id = bench.series("noise")
        var generator = SeededGenerator(seed: 7)
        let batches = 130
        let rows: Int64 = 20_000
        for number in 0..<batches {
            var batch = ReadingBatch()
            for row in 0..<rows {
                let noise = Double(bitPattern: generator.next() & 0x3FFF_FFFF_FFFF_FFFF)
                batch.append(
                    Reading(
                        series: id, time: Timestamp(microseconds: Int64(number) * rows + row), value: .number(noise)))
            }
            #expect(bench.waitUntilCommitted(bench.journal.submit(batch)))
        }
        #expect(bench.stop())
        #expect(Files.size(bench.directory.path + "/journal.db")! <= 16 << 20)

        let reader = try JournalReader(directory: bench.directory.path)
        var count = 0
        var last: Int64 = 0
        try reader.forEachBatch { batch in
            count += batch.count
            last = batch.times.last!
        }
        #expect(last == Int64(batches) * rows - 1)
        // No more went than had to: some 12 MB of 8 bytes a reading are left.
        #expect(count > 1_000_000)
        let gaps = try reader.rows(of: .gaps)
        #expect(gaps.first?[1] == .text("size"))
        #expect(gaps.first?[4] == .integer(Int64(batches) * rows - Int64(count)))
    }

    @Test func whatEveryReaderHasPassedLeaves() throws {
        let bench = try JournalBench()
        for moment in Int64(1)...5 { #expect(bench.waitUntilCommitted(bench.submit("s", moment...moment))) }
        bench.journal.move(cursor: "hq", to: 4)
        bench.journal.move(cursor: "archive", to: 2)
        #expect(bench.waitUntilCommitted(bench.submit("s", 6...6)))
        #expect(bench.stop())
        #expect(try moments(stored(in: bench.directory).readings) == [3, 4, 5, 6])

        let again = try JournalBench(in: bench.directory)
        #expect(try again.waitUntilOpen())
        #expect(again.journal.cursor("hq") == 4)
        #expect(again.journal.cursor("archive") == 2)
        #expect(again.stop())
    }

    @Test func aSlowReaderDoesNotKeepTheLogFromStartingOver() throws {
        let bench = try JournalBench(durability: .process)
        #expect(bench.waitUntilCommitted(bench.submit("s", 0...20_000)))
        let reader = try JournalReader(directory: bench.directory.path)
        var passes = 0
        try reader.forEachBatch { _ in
            passes += 1
            // The reader stands here while the gateway writes many times what the log may hold.
            var generator = SeededGenerator(seed: 3)
            let id = bench.series("noise")
            for round in Int64(0)..<60 {
                var batch = ReadingBatch()
                for row in Int64(0)..<20_000 {
                    let noise = Double(bitPattern: generator.next() & 0x3FFF_FFFF_FFFF_FFFF)
                    let time = Timestamp(microseconds: round * 20_000 + row)
                    batch.append(Reading(series: id, time: time, value: .number(noise)))
                }
                #expect(bench.waitUntilCommitted(bench.journal.submit(batch)))
            }
        }
        #expect(passes == 1)
        #expect(Files.size(bench.directory.path + "/journal.db-wal")! < 8 << 20)
        #expect(bench.stop())
    }

    @Test func deadLettersAreKeptOncePerTopicAndReasonAndBounded() throws {
        let bench = try JournalBench()
        #expect(try bench.waitUntilOpen())
        func letter(_ topic: String, _ payload: String) -> DeadLetter {
            Array(topic.utf8).withUnsafeBufferPointer { topic in
                Array(payload.utf8).withUnsafeBytes { payload in
                    DeadLetter(
                        source: "plant", topic: topic, reason: "not_a_number", detail: "no", payload: payload, time: 1)
                }
            }
        }
        var ticket: UInt64 = 0
        for number in 0..<500 { ticket = bench.journal.submit(letter("t", "payload \(number)")) }
        #expect(bench.waitUntilCommitted(ticket))
        for round in 0..<3 {
            for number in 0..<700 { ticket = bench.journal.submit(letter("\(round)/\(number)", "x")) }
            #expect(bench.waitUntilCommitted(ticket))
        }
        #expect(bench.stop())
        let rows = try JournalReader(directory: bench.directory.path).rows(of: .deadLetters)
        #expect(rows.count == 1000)
        #expect(rows.allSatisfy { $0[3] == .text("no") })
    }

    @Test func stoppingCommitsWhatWaits() throws {
        let bench = try JournalBench()
        #expect(try bench.waitUntilOpen())
        for moment in Int64(1)...100 { #expect(bench.submit("s", moment...moment) != nil) }
        #expect(bench.stop())
        #expect(bench.submit("s", 101...101) == nil)
        #expect(try moments(stored(in: bench.directory).readings) == Array(1...100))
    }
}
