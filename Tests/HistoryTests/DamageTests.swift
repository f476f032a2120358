import Encoding
import Glibc
import Platform
import Readings
import SQLite
import TestSupport
import Testing

@testable import History
@testable import Journal

/// A history that is no longer what was written.
@Suite(.serialized) struct DamageTests {
    /// A closed store of some hundred pages: chunks of all sizes, rollups whose readings are gone, batches that are not
    /// sealed yet.
    private struct Original {
        let history: [UInt8]
        let journal: [UInt8]
        let rows: ModelStore.Rows
        /// What a reader of the intact store finds.
        let present: [SeriesID: [Int64: ModelStore.Row]]
        let rollups: [Rollups: Claim]
    }

    /// Of one series and width.
    private struct Rollups: Hashable {
        var series: SeriesID
        var width: Int64
    }

    /// What the rollups that are stored come to.
    private struct Claim: Equatable {
        var end: Int64
        var count: Int
    }

    private static let names = (0..<4).map { "series/\($0)" }

    private func original() throws -> Original {
        let store = try ModelStore()
        var generator = SeededGenerator(seed: 11)
        var times = [Int64](repeating: ModelStore.start, count: 4)
        func readings(_ rows: Int, series: Int, every interval: Int64) -> [Reading] {
            (0..<rows).map { _ in
                times[series] += interval
                let noise = Double(Int64.random(in: 0..<1_000_000, using: &generator)) / 7
                return Reading(
                    series: SeriesID(UInt32(series)), time: Timestamp(microseconds: times[series]),
                    value: .number(noise))
            }
        }
        for round in 0..<6 {
            try store.commit(
                readings(400, series: 0, every: 15_000_000) + readings(900, series: 1, every: 1_000_000)
                    + readings(20, series: 2, every: 60_000_000) + readings(round == 3 ? 2000 : 0, series: 3, every: 10)
            )
            try store.seal(rows: 100_000, deleting: 100)
        }
        store.retention.rules = [
            Retention.Rule(series: SeriesGlob("series/0"), readings: 8_000_000_000, rollups: [nil, nil, nil])
        ]
        try store.expire(at: times[0])
        try store.commit(readings(50, series: 1, every: 1_000_000) + readings(5, series: 2, every: 60_000_000))
        let claims = try claims(of: store)
        store.close()
        return try Original(
            history: Files.read(store.directory.path + "/history.db"),
            journal: Files.read(store.directory.path + "/journal.db"), rows: store.rows,
            present: found(in: store.directory).rows, rollups: rollups(in: store.directory, claims))
    }

    // MARK: What is there

    private struct Found {
        var rows: [SeriesID: [Int64: ModelStore.Row]] = [:]
        /// Damage that was told of, by an error or beside what is left.
        var reports: [String] = []
    }

    private func found(in directory: TemporaryDirectory) throws -> Found {
        var found = Found()
        let reader = try StoreReader(directory: directory.path)
        for id in Self.names.indices.map({ SeriesID(UInt32($0)) }) {
            do {
                let scan = try reader.scan(id, TimeRange())
                while try scan.next() {
                    for row in scan.rows {
                        let reading = scan.batch[row]
                        found.rows[id, default: [:]][reading.time.microseconds] = ModelStore.Row(
                            value: reading.value, quality: reading.quality)
                    }
                }
            } catch {
                found.reports.append("\(error)")
            }
        }
        found.reports += reader.damages
        return found
    }

    private func claims(of store: ModelStore) throws -> [Rollups: Int64] {
        var claims: [Rollups: Int64] = [:]
        for series in store.ids {
            for width in store.widths {
                let claimed = try store.history.chunks.level(ChunkLabel(series, width: width)).claimed
                if claimed > .min { claims[Rollups(series: series, width: width)] = claimed }
            }
        }
        return claims
    }

    private func rollups(in directory: TemporaryDirectory, _ claims: [Rollups: Int64]) throws -> [Rollups: Claim] {
        let reader = try StoreReader(directory: directory.path)
        return try Dictionary(
            uniqueKeysWithValues: claims.map { rollups, end in
                let buckets = try reader.buckets(
                    rollups.series, TimeRange(last: end - 1), width: rollups.width)
                return (rollups, Claim(end: end, count: buckets.reduce(0) { $0 + $1.count }))
            })
    }

    /// How many of the readings that were there are not any more; complains of any that never was.
    private func missing(_ found: Found, _ original: Original, _ what: String) -> Int {
        var missing = 0
        for (series, rows) in original.present {
            missing += rows.keys.filter { found.rows[series]?[$0] == nil }.count
        }
        for (series, rows) in found.rows {
            for (time, row) in rows where original.rows[series]?[time] != row {
                Issue.record("\(what): \(row) of series \(series.rawValue) at \(time) was never written")
            }
        }
        return missing
    }

    private func verification(of directory: TemporaryDirectory) throws -> [String] {
        var problems: [String] = []
        try StoreVerification(directory: directory.path, report: { problems.append($0) }).run()
        return problems
    }

    private func directory(_ history: [UInt8], _ journal: [UInt8]) throws -> TemporaryDirectory {
        let directory = TemporaryDirectory()
        try Files.write(history, to: directory.path + "/history.db")
        try Files.write(journal, to: directory.path + "/journal.db")
        return directory
    }

    // MARK: Flipped bits

    @Test func readersTellOfAFlippedBitAndGiveTheRest() throws {
        let original = try original()
        let seed = UInt64.random(in: 0 ... .max)
        var generator = SeededGenerator(seed: seed)
        for place in stride(from: 0, to: original.history.count, by: 512) {
            let bit = place * 8 + Int.random(in: 0..<4096, using: &generator)
            var bytes = original.history
            bytes[bit / 8] ^= 1 << (bit % 8)
            let directory = try directory(bytes, original.journal)
            let what = "seed \(seed), byte \(bit / 8), bit \(bit % 8)"
            do {
                let found = try found(in: directory)
                // The trees have no checksums: what a search in them misses only a look at all of them finds.
                let isTold = try !found.reports.isEmpty || !verification(of: directory).isEmpty
                #expect(missing(found, original, what) == 0 || isTold, "\(what)")
            } catch let error as StoreError {
                #expect(error.description.contains("history.db"), "\(what)")
            }
        }
    }

    @Test func aGatewayGoesOnAfterAFlippedBit() throws {
        let original = try original()
        let seed = UInt64.random(in: 0 ... .max)
        var generator = SeededGenerator(seed: seed)
        var rescues = 0
        for place in stride(from: 0, to: original.history.count, by: 512) {
            let bit = place * 8 + Int.random(in: 0..<4096, using: &generator)
            var bytes = original.history
            bytes[bit / 8] ^= 1 << (bit % 8)
            let what = "seed \(seed), byte \(bit / 8), bit \(bit % 8)"
            let outcome = try afterAGateway(bytes, original, what)
            rescues += outcome.wasRescued ? 1 : 0
            // What stands in one page, or runs through it.
            #expect(outcome.missing <= 2000, "\(what)")
        }
        #expect(rescues > 0, "next to nothing was found damaged: the test tests nothing")
    }

    /// Any file is looked through when its header is wrong; here the header is wrong in what SQLite does not mind.
    @Test func aRescueLosesNoMoreThanTheDamagedBody() throws {
        let original = try original()
        let seed = UInt64.random(in: 0 ... .max)
        var generator = SeededGenerator(seed: seed)
        var lost = 0
        for place in stride(from: 8192, to: original.history.count, by: 1024) {
            let bit = place * 8 + Int.random(in: 0..<8192, using: &generator)
            var bytes = original.history
            bytes[bit / 8] ^= 1 << (bit % 8)
            bytes[71] ^= 1
            let outcome = try afterAGateway(bytes, original, "seed \(seed), byte \(bit / 8), bit \(bit % 8)")
            #expect(outcome.wasRescued)
            lost += outcome.missing
        }
        #expect(lost > 0, "no bit mattered: the test tests nothing")
    }

    /// What is not sealed must not pass for sealed.
    @Test(arguments: ["sealed", "next_body", "width_0"]) func aNumberThatIsAnotherOneIsSeen(key: String) throws {
        let original = try original()
        let directory = try directory(original.history, original.journal)
        let path = directory.path + "/history.db"
        try Connection(path, .readWrite).execute("UPDATE state SET value = value + 1024 WHERE key = '\(key)'")
        #expect(throws: StoreError.self) { try StoreReader(directory: directory.path) }
        #expect(try verification(of: directory) == ["cannot read \(path): a row of the table state is damaged"])
        let outcome = try afterAGateway(try Files.read(path), original, key)
        #expect(outcome.wasRescued && outcome.missing == 0)
    }

    // MARK: Chunks that are written into

    /// Late readings belong into a chunk that turns out to be damaged: it goes, and everything else holds.
    @Test func aDamagedChunkIsDroppedWhenItIsWrittenInto() throws {
        let original = try original()
        for entry in try entries(original) {
            let directory = try directory(original.history, original.journal)
            try damage(entry, in: directory)
            let bench = try HistoryBench(in: directory)
            let name = Self.names[Int(entry.label.series.rawValue)]
            let late = Buckets.end(of: entry.last, max(1, entry.label.microseconds))
            #expect(bench.waitUntilCommitted(bench.submit(name, [entry.first + 1, late])))
            #expect(bench.drain() && bench.stop())
            #expect(try verification(of: directory) == [], "\(entry)")
            let gaps = try gaps(in: directory)
            #expect(gaps.readings == (entry.label.width == 0 ? entry.count : 0), "\(entry)")
            if gaps.rollups == 0 {
                for (rollups, claim) in try self.rollups(in: directory, original.rollups.mapValues(\.end)) {
                    #expect(claim.count >= original.rollups[rollups]!.count, "\(entry), \(rollups)")
                }
            }
        }
    }

    private func entries(_ original: Original) throws -> [ChunkEntry] {
        let directory = try directory(original.history, original.journal)
        let history = try #require(try HistoryReading(directory: directory.path))
        var entries: [ChunkEntry] = []
        try history.chunks.forEachEntry { entries.append($0) }
        return entries
    }

    private func damage(_ entry: ChunkEntry, in directory: TemporaryDirectory) throws {
        let connection = try Connection(directory.path + "/history.db", .readWrite)
        try connection.execute("UPDATE bodies SET body = zeroblob(length(body)) WHERE id = \(entry.body)")
    }

    // MARK: Worse things

    @Test func aPageOfZerosCostsNoMoreThanWhatRunsThroughIt() throws {
        let original = try original()
        for page in stride(from: 0, to: original.history.count / 1024, by: 5) {
            var bytes = original.history
            for offset in page * 1024..<(page + 1) * 1024 { bytes[offset] = 0 }
            let outcome = try afterAGateway(bytes, original, "page \(page)")
            #expect(outcome.missing <= 2000, "page \(page)")
        }
    }

    @Test(arguments: [0.3, 0.5, 0.7, 0.9, 0.98]) func aFileCutShortGivesWhatIsLeft(share: Double) throws {
        let original = try original()
        let count = Int(share * Double(original.history.count))
        let outcome = try afterAGateway(Array(original.history[..<count]), original, "\(count) bytes")
        #expect(outcome.wasRescued)
        #expect(outcome.missing < original.present.values.reduce(0) { $0 + $1.count })
    }

    /// Not even the directory is left: nobody knows what was lost, but the gateway goes on with what there is.
    @Test func aFileOfAFewPagesIsReplaced() throws {
        let original = try original()
        let directory = try directory(Array(original.history[..<7000]), original.journal)
        let bench = try HistoryBench(in: directory)
        #expect(bench.waitUntilCommitted(bench.submit("new", 1...9)))
        #expect(bench.drain() && bench.stop())
        #expect(bench.scene.logged("is kept as"))
        let reader = try StoreReader(directory: directory.path)
        #expect(try reader.count(bench.series("new"), TimeRange()) == 9)
        #expect(try verification(of: directory) == [])
    }

    /// What the journal has not let go of yet is sealed again.
    @Test func withoutAHistoryTheJournalIsSealedAgain() throws {
        let store = try ModelStore(series: 1)
        let readings = (0..<500).map {
            Reading(series: SeriesID(0), time: Timestamp(microseconds: Int64($0) * 1_000_000), value: .number(1))
        }
        for start in stride(from: 0, to: 500, by: 50) { try store.commit(Array(readings[start..<start + 50])) }
        try store.seal(rows: 1000, deleting: 0)
        store.close()
        let journal = try Files.read(store.directory.path + "/journal.db")
        for bytes in [Array("This is a letter to my aunt.\n".utf8), [], nil] {
            let directory = TemporaryDirectory()
            try Files.write(journal, to: directory.path + "/journal.db")
            if let bytes { try Files.write(bytes, to: directory.path + "/history.db") }
            let bench = try HistoryBench(in: directory)
            #expect(bench.drain() && bench.stop(), "\(bench.scene.log)")
            let found = try StoreReader(directory: directory.path)
            #expect(try found.count(SeriesID(0), TimeRange()) == 500)
            #expect(History.sealed(in: directory.path) == 10)
            #expect(try verification(of: directory) == [])
            let aside = try Files.list(directory.path).filter { $0.hasPrefix("history.db.damaged-") }
            #expect(aside.count == (bytes?.isEmpty == false ? 1 : 0))
        }
    }

    @Test func aDamagedJournalIsNoReasonToRescueTheHistory() throws {
        let original = try original()
        var journal = original.journal
        // In its batches, and in what is looked at first.
        let magic = Array("OPB".utf8)
        for batch in journal.indices where journal[batch...].starts(with: magic) { journal[batch + 20] ^= 1 }
        journal[71] ^= 1
        let directory = try directory(original.history, journal)
        let bench = try HistoryBench(in: directory)
        #expect(bench.waitUntilCommitted(bench.submit("new", 1...9)))
        #expect(bench.drain() && bench.stop())
        #expect(!bench.scene.logged("history.db is damaged"), "\(bench.scene.log)")
        #expect(missing(try found(in: directory), original, "the journal is damaged") == 55)
        #expect(try gaps(in: directory).readings == 55)
    }

    @Test func withoutAJournalTheHistoryIsThereAndGoesOn() throws {
        let original = try original()
        let directory = TemporaryDirectory()
        try Files.write(original.history, to: directory.path + "/history.db")
        let bench = try HistoryBench(in: directory)
        #expect(bench.series(Self.names[1]) == SeriesID(1))
        #expect(bench.waitUntilCommitted(bench.submit(Self.names[1], 1...9)))
        #expect(bench.waitUntilCommitted(bench.submit("new", 1...9)))
        let reader = try StoreReader(directory: directory.path)
        #expect(try reader.count(bench.series("new"), TimeRange()) == 9)
        #expect(try reader.count(SeriesID(1), TimeRange(last: 9)) == 9)
        #expect(reader.ids.map { reader.definition(of: $0).name.description } == ["new"] + Self.names)
        #expect(bench.drain() && bench.stop())
        try reader.refresh()
        #expect(try reader.count(bench.series("new"), TimeRange()) == 9)
        #expect(try reader.count(SeriesID(1), TimeRange(last: 9)) == 9)
        #expect(try verification(of: directory) == [])
    }

    /// What waits in a damaged journal is counted page by page: taken for damage of the history, the error would have
    /// that copied again and again, as large as it is.
    @Test func whatWaitsInADamagedJournalIsCounted() throws {
        let store = try ModelStore(series: 1)
        for batch in 0..<100 {
            try store.commit(
                (0..<20).map {
                    Reading(
                        series: SeriesID(0), time: Timestamp(microseconds: Int64(batch * 20 + $0)),
                        value: .number(Double($0 * batch) / 7))
                })
        }
        store.close()
        let path = store.directory.path + "/journal.db"
        var bytes = try Files.read(path)
        let leaves = (1..<bytes.count / 1024).filter { bytes[$0 * 1024] == 0x0D }
        bytes[leaves[leaves.count / 2] * 1024] = 0
        try Files.write(bytes, to: path)
        let count = try JournalReader(directory: store.directory.path).count(after: 0)
        #expect(count < 2000 && count > 1500)
    }

    /// A page that is needed turns out to be broken; readers that are open see the file that takes its place.
    @Test func damageFoundWhileRunningIsRepaired() throws {
        let original = try original()
        let directory = try directory(original.history, original.journal)
        let bench = try HistoryBench(in: directory)
        #expect(bench.drain())
        let reader = try StoreReader(directory: directory.path)
        let before = try reader.count(SeriesID(1), TimeRange())
        // The directory's pages: small, and in nobody's memory once another process has written them.
        let path = directory.path + "/history.db"
        #expect(bench.stop())
        let again = try HistoryBench(in: directory)
        #expect(overwriteLeaves(of: path) > 0)
        #expect(again.waitUntilCommitted(again.submit(Self.names[1], 1...9)))
        #expect(again.drain())
        try reader.refresh()
        #expect(try reader.count(SeriesID(1), TimeRange()) == before + 9)
        #expect(reader.damages.isEmpty)
        #expect(again.stop())
        #expect(try verification(of: directory) == [])
    }

    /// Makes leaves of trees without row numbers unreadable; returns how many.
    private func overwriteLeaves(of path: String) -> Int {
        guard var bytes = try? Files.read(path) else { return 0 }
        var count = 0
        for page in 1..<bytes.count / 1024 where bytes[page * 1024] == 0x0A {
            bytes[page * 1024] = 0
            count += 1
        }
        guard let file = fopen(path, "r+") else { return 0 }
        defer { fclose(file) }
        return fwrite(bytes, 1, bytes.count, file) == bytes.count ? count : 0
    }

    private struct Outcome {
        var wasRescued: Bool
        var missing: Int
    }

    /// Starts a gateway on it, which takes what comes; looks at all that there is then, and at what it says of the rest.
    private func afterAGateway(_ bytes: [UInt8], _ original: Original, _ what: String) throws -> Outcome {
        let directory = try directory(bytes, original.journal)
        let bench = try HistoryBench(in: directory)
        let isTaken = bench.waitUntilCommitted(bench.submit("new", 1...9))
        #expect(isTaken && bench.drain(), "\(what): \(bench.scene.log)")
        #expect(bench.stop(), "\(what)")
        let found = try found(in: directory)
        let outcome = Outcome(
            wasRescued: bench.scene.logged("is kept as"), missing: missing(found, original, what))
        let problems = try verification(of: directory)
        if outcome.wasRescued {
            #expect(problems == [], "\(what)")
            #expect(found.reports == [], "\(what)")
            let gaps = try gaps(in: directory)
            #expect(gaps.readings == outcome.missing, "\(what): \(outcome.missing) readings are missing")
            let rollups = try rollups(in: directory, original.rollups.mapValues(\.end))
            if gaps.rollups == 0 { #expect(rollups == original.rollups, "\(what)") }
        } else {
            // A body is looked at by those who want what is in it.
            #expect(problems.isEmpty == (outcome.missing == 0) || !problems.isEmpty, "\(what)")
        }
        return outcome
    }

    private func gaps(in directory: TemporaryDirectory) throws -> (readings: Int, rollups: Int) {
        var counts = (readings: 0, rollups: 0)
        for row in try JournalReader(directory: directory.path).rows(of: .gaps) {
            guard case .text(let source) = row[0], case .integer(let count) = row[4] else { continue }
            #expect(row[1] == .text("damage"))
            if source.hasSuffix(")") { counts.rollups += Int(count) } else { counts.readings += Int(count) }
        }
        return counts
    }
}
