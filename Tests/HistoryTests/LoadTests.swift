import Encoding
import Journal
import Platform
import Readings
import Synchronization
import TestSupport
import Testing

@testable import History

/// Journal and history with their threads, under load, and readers beside them who count.
@Suite(.serialized) struct LoadTests {
    private static let series = 5
    private static let batchRows = 100
    /// About 800 readings at once: something is sealed all the time.
    private static let headMemory = 20_000

    /// Reading n: its value is n, its time is n times 300 ms. Every other batch comes late.
    private static func submit(_ batch: Int, to bench: HistoryBench) -> UInt64? {
        let number = batch % 4 == 1 ? batch + 1 : batch % 4 == 2 ? batch - 1 : batch
        var rows = ReadingBatch()
        for value in number * batchRows..<(number + 1) * batchRows {
            rows.append(
                Reading(
                    series: bench.series("load/\(value % series)"), time: time(value), value: .number(Double(value))))
        }
        return bench.journal.submit(rows)
    }

    private static func time(_ value: Int) -> Timestamp {
        Timestamp(microseconds: ModelStore.start + Int64(value) * 300_000)
    }

    /// Everything that is there, counted in three ways.
    private struct Count: Equatable {
        var rows = 0
        var sum = 0.0
        var highest = -1.0

        init(_ reader: StoreReader) throws {
            for id in reader.ids {
                let scan = try reader.scan(id, TimeRange())
                while try scan.next() {
                    for row in scan.rows {
                        guard case .number(let value) = scan.batch.value(at: row) else { continue }
                        rows += 1
                        sum += value
                        highest = max(highest, value)
                    }
                }
            }
        }

        /// Of the readings 0..<n each is there once, but for a batch that has overtaken another one.
        var isExact: Bool {
            let n = Double(rows)
            if highest == n - 1 { return sum == n * (n - 1) / 2 }
            let overtaken = Double(LoadTests.batchRows)
            let upToThere = (n + overtaken) * (n + overtaken - 1) / 2
            let first = n - overtaken
            let missing = overtaken * (2 * first + overtaken - 1) / 2
            return highest == n + overtaken - 1 && sum == upToThere - missing
        }
    }

    private final class Findings: Sendable {
        let problems = Mutex<[String]>([])
        let rounds = Atomic(0)
        let isOver = Atomic(false)
    }

    /// Looks again and again until it is over.
    private func countAll(in directory: TemporaryDirectory, _ bench: HistoryBench, _ findings: Findings) throws {
        let reader = try StoreReader(directory: directory.path)
        var before = 0
        while !findings.isOver.load(ordering: .relaxed) {
            let committed = bench.journal.readingsCommitted.value
            try reader.refresh()
            let count = try Count(reader)
            let quick = try reader.ids.reduce(0) { try $0 + reader.count($1, TimeRange()) }
            let rolledUp = try reader.ids.reduce(0) { sum, id in
                try sum + reader.buckets(id, TimeRange(), width: ModelStore.minute).reduce(0) { $0 + $1.count }
            }
            let isRight = count.isExact && count.rows >= max(before, committed) && quick == count.rows
            if !isRight || rolledUp != count.rows || !reader.damages.isEmpty {
                findings.problems.withLock {
                    $0.append("\(count), \(quick), \(rolledUp) after \(before), \(committed): \(reader.damages)")
                }
            }
            before = count.rows
            findings.rounds.add(1, ordering: .relaxed)
        }
    }

    @Test func readersSeeEachReadingOnce() throws {
        let bench = try HistoryBench(history: { $0.headMemory = Self.headMemory })
        #expect(bench.waitUntilCommitted(Self.submit(0, to: bench)))
        let findings = Findings()
        let readers = try (0..<3).map { _ in
            try DedicatedThread("reader", stackBytes: 1 << 20) {
                do { try countAll(in: bench.directory, bench, findings) } catch {
                    findings.problems.withLock { $0.append("\(error)") }
                }
            }
        }
        let batches = 1500
        for batch in 1..<batches {
            let ticket = Self.submit(batch, to: bench)
            if batch % 10 == 9 { #expect(bench.waitUntilCommitted(ticket)) }
        }
        #expect(bench.drain())
        let rounds = findings.rounds.load(ordering: .relaxed)
        #expect(eventually { findings.rounds.load(ordering: .relaxed) >= rounds + 6 })
        findings.isOver.store(true, ordering: .relaxed)
        for reader in readers { reader.join() }
        #expect(findings.problems.withLock { $0 } == [])
        #expect(bench.stop())
        let count = try Count(StoreReader(directory: bench.directory.path))
        #expect(count.rows == batches * Self.batchRows && count.isExact)
        #expect(bench.history.metrics.seals.value > 20)
        #expect(try problems(in: bench.directory) == [])
    }

    private func problems(in directory: TemporaryDirectory) throws -> [String] {
        var problems: [String] = []
        try StoreVerification(directory: directory.path, report: { problems.append($0) }).run()
        return problems
    }
}
