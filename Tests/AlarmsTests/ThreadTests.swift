import Readings
import Synchronization
import TestSupport
import Testing

@testable import Alarms

/// Threads for real, each with its share, and the desk on one of its own.
@Suite(.serialized) struct ThreadTests {
    private final class Inbox: Sendable {
        let mail = Mutex(AlarmMail())
        let left = Atomic<Int>(0)
        let clock = Mutex<Int64>(0)
    }

    /// All of them bring readings of the same series; at the end each alarm is as its latest reading says.
    @Test(arguments: 0..<4 as Range<UInt64>) func manyBringTheSame(seed: UInt64) async {
        let (inbox, catalogue) = (Inbox(), SeriesCatalogue(limit: 100))
        let ids = (0..<20).map { index -> SeriesID in
            let definition = SeriesDefinition(name: SeriesName("s/\(index)")!)
            guard case .known(let id) = catalogue.resolve(definition) else { fatalError("the catalogue is full") }
            return id
        }
        let rules = [
            rule("high", "s/*", .limits(Limits([.init(.warning, above: 10), .init(.emergency, above: 20)]))),
            rule("out", "s/*", .band(Band(0...10, isOutside: true))),
            rule("stale", "s/*", .staleness(Staleness(60 * second))),
        ]
        let board = AlarmBoard(rules, catalogue: catalogue, maxAge: 60_000_000, levels: [:]) { news in
            inbox.mail.withLock { $0.add(news) }
        }
        inbox.left.store(3, ordering: .releasing)
        async let events = desk(board, inbox)
        await withTaskGroup(of: Void.self) { group in
            for thread in 0..<3 as Range<UInt64> {
                group.addTask {
                    var random = SeededGenerator(seed: seed * 3 + thread)
                    let share = board.share()
                    for step in 0..<1500 {
                        inbox.clock.withLock { now in
                            now += 1000
                            let id = ids.randomElement(using: &random)!
                            let value = step > 1400 ? 15.0 : .random(in: -10...30, using: &random)
                            share.take(
                                Reading(series: id, time: Timestamp(microseconds: now), value: .number(value)),
                                Arrival(now: now, wall: now / 1000))
                            share.flush()
                        }
                    }
                    // The last word on each of them.
                    inbox.clock.withLock { now in
                        for id in ids {
                            now += 1000
                            share.take(
                                Reading(series: id, time: Timestamp(microseconds: now), value: .number(15)),
                                Arrival(now: now, wall: now / 1000))
                        }
                        share.flush()
                    }
                    inbox.left.wrappingSubtract(1, ordering: .acquiringAndReleasing)
                }
            }
        }
        let (steps, raw) = await events
        #expect(raw.filter { $0.key.rule == "high" }.allSatisfy { $0.value == 2 }, "seed \(seed): \(raw)")
        #expect(raw.filter { $0.key.rule == "out" }.allSatisfy { $0.value == 2 }, "seed \(seed): \(raw)")
        #expect(raw.filter { $0.key.rule == "stale" }.allSatisfy { $0.value == 0 }, "seed \(seed): \(raw)")
        #expect(raw.count == 60)
        #expect(zip(steps, steps.dropFirst()).allSatisfy { $0.number + 1 == $1.number })
    }

    private func desk(_ board: AlarmBoard, _ inbox: Inbox) async -> ([AlarmEvent], [AlarmKey: UInt8]) {
        var desk = AlarmDesk(
            board, actions: [], options: .init(floodLimit: 1_000_000), restored: [], nextNumber: 1, now: 0, wall: 0)
        var events: [AlarmEvent] = []
        var isLast = false
        while true {
            isLast = inbox.left.load(ordering: .acquiring) == 0
            let mail = inbox.mail.withLock { mail in
                defer { mail.removeAll() }
                return mail
            }
            let now = mail.edges.map(\.arrival.now).max() ?? 0
            desk.take(mail, now: now, wall: now / 1000)
            events += desk.takeOutbox().events
            if isLast { break }
            if mail.isEmpty { try? await Task.sleep(for: .milliseconds(1)) }
        }
        return (events, Dictionary(uniqueKeysWithValues: desk.alarms.map { ($0.key, $0.condition.raw) }))
    }

    /// One that silences are found by, and one that breaks them, at the same time.
    @Test func signsOfLife() async {
        for _ in 0..<50 {
            let sign = SignOfLife(0)
            async let missed = Task.detached { (0..<50).map { sign.miss(after: Int64($0)) } }.value
            let given = (1...50).map { sign.give(Int64($0)) }
            let all = await missed
            // Whoever has said that it is gone is told that it is back, by then or at the next reading.
            let isNews = sign.give(1000)
            if all.contains(true) { #expect(given.contains(true) || isNews) }
            #expect(!sign.give(1001))
            #expect(!sign.miss(after: 1000))
            #expect(sign.miss(after: 1001))
            #expect(sign.give(1002))
        }
    }
}
