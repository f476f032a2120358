import Alarms
import Platform
import TestSupport
import Testing

@testable import Actions

private func entry(
    _ number: Int64, _ alarm: String, _ level: AlarmLevel = .critical, _ task: ActionRequest.Task = .tell,
    due: Int64 = 0
) -> ActionQueue.Entry {
    ActionQueue.Entry(
        request: ActionRequest(event(number, alarm, level: level), task), submitted: MonotonicTime(nanoseconds: 0),
        due: MonotonicTime(nanoseconds: due), backoff: Backoff())
}

private let later = MonotonicTime(nanoseconds: 1000)

extension ActionQueue {
    /// Takes and finishes all, in order.
    fileprivate mutating func drain() -> [Int64] {
        var numbers: [Int64] = []
        while let next = take(later) {
            numbers.append(next.request.event.number)
            finish(next)
        }
        return numbers
    }
}

@Suite struct ActionQueueTests {
    private func queue(_ entries: ActionQueue.Entry..., limit: Int = 10) -> ActionQueue {
        var queue = ActionQueue(limit: limit)
        for entry in entries { #expect(queue.add(entry).isEmpty) }
        return queue
    }

    private func next(_ queue: inout ActionQueue) throws -> ActionQueue.Entry {
        let next = queue.take(later)
        return try #require(next)
    }

    // MARK: - Which is next

    @Test func theWorstIsFirstAndOfThoseTheOldest() {
        var queue = queue(
            entry(1, "a", .warning), entry(2, "b", .emergency), entry(3, "c"), entry(4, "d", .emergency),
            entry(5, "e", .warning))
        #expect(queue.drain() == [2, 4, 3, 1, 5])
    }

    /// What an alarm says comes in its order, and hurries for the sake of what is behind it.
    @Test func ofOneAlarmNothingIsOvertaken() {
        var queue = queue(
            entry(1, "a", .warning), entry(2, "b"), entry(3, "a", .emergency), entry(4, "a", .warning))
        #expect(queue.drain() == [1, 3, 2, 4])
    }

    @Test func whatOfAnAlarmIsInHandHoldsTheRestBack() throws {
        var queue = queue(entry(1, "a", .emergency), entry(2, "a", .emergency), entry(3, "b", .warning))
        let first = try next(&queue)
        let second = try next(&queue)
        #expect([first, second].map(\.request.event.number) == [1, 3])
        #expect(queue.take(later) == nil)
        #expect(queue.nextDue == nil)
        queue.finish(second)
        #expect(queue.take(later) == nil)
        queue.finish(first)
        #expect(queue.take(later)?.request.event.number == 2)
        #expect(queue.count == 0)
    }

    @Test func whatFailedWaitsWithoutHoldingUpOthers() throws {
        var queue = queue(entry(1, "a", .emergency), entry(2, "a", .emergency), entry(3, "b", .warning))
        var first = try next(&queue)
        first.due = MonotonicTime(nanoseconds: 5000)
        #expect(queue.putBack(first).isEmpty)
        #expect(queue.drain() == [3])
        #expect(queue.nextDue == MonotonicTime(nanoseconds: 5000))
        queue.hurry(later)
        #expect(queue.drain() == [1, 2])
    }

    // MARK: - Which goes

    @Test func theLeastBadMakesWayAndOfThatTheOldest() {
        var queue = queue(entry(1, "a"), entry(2, "b", .warning), entry(3, "c", .warning), limit: 3)
        func gone(_ removals: [ActionQueue.Removal]) -> [Int64] {
            #expect(removals.allSatisfy { $0.outcome == .dropped })
            return removals.map(\.entry.request.event.number)
        }
        #expect(gone(queue.add(entry(4, "d", .emergency))) == [2])
        #expect(gone(queue.add(entry(5, "e", .emergency))) == [3])
        // The new one itself may be the least.
        #expect(gone(queue.add(entry(6, "f", .warning))) == [6])
        #expect(gone(queue.add(entry(7, "g", .emergency))) == [1])
        #expect(gone(queue.add(entry(8, "h", .critical))) == [8])
        #expect(gone(queue.add(entry(9, "i", .emergency))) == [4])
        #expect(queue.drain() == [5, 7, 9])
    }

    // MARK: - Wishes

    @Test func onlyTheNewestWishCounts() throws {
        var queue = ActionQueue(limit: 10)
        #expect(queue.add(entry(1, "a", .emergency, .turnOn)).isEmpty)
        let removed = queue.add(entry(2, "b", .warning, .turnOff))
        #expect(removed.map(\.entry.request.event.number) == [1])
        #expect(removed.map(\.outcome) == [.superseded])
        #expect(queue.count == 1)

        let inHand = try next(&queue)
        #expect(inHand.request.event.number == 2)
        #expect(queue.add(entry(3, "a", .warning, .turnOn)).isEmpty)
        #expect(queue.take(later) == nil)
        // It could not be done, and something newer waits.
        #expect(queue.putBack(inHand).map(\.outcome) == [.superseded])
        #expect(queue.drain() == [3])
        #expect(queue.count == 0)
    }

    @Test func aWishThatFailedIsTriedAgain() throws {
        var queue = queue(entry(1, "a", .emergency, .turnOn))
        let first = try next(&queue)
        #expect(queue.putBack(first).isEmpty)
        #expect(queue.drain() == [1])
    }

    @Test func aSirenComesBeforeWords() {
        var queue = queue(entry(1, "a", .emergency), entry(2, "b", .emergency, .turnOn), entry(3, "c", .emergency))
        #expect(queue.drain() == [2, 1, 3])
        var quiet = self.queue(entry(1, "a", .emergency), entry(2, "b", .critical, .turnOn), entry(3, "c", .warning))
        #expect(quiet.drain() == [1, 2, 3])
    }

    @Test func aWishHasAPlaceEvenWhereThereIsNone() {
        var queue = queue(entry(1, "a", .emergency), limit: 1)
        #expect(queue.add(entry(2, "b", .warning, .turnOn)).isEmpty)
        #expect(queue.drain() == [1, 2])
    }

    // MARK: - All at once

    /// Every order in which four requests of two alarms can come.
    @Test func allSmallCasesKeepTheirPromises() {
        let levels: [AlarmLevel] = [.warning, .critical, .emergency]
        for choice in 0..<(6 * 6 * 6 * 6) {
            var digits = choice
            var entries: [ActionQueue.Entry] = []
            for number in 1...4 as ClosedRange<Int64> {
                let digit = digits % 6
                digits /= 6
                entries.append(entry(number, digit % 2 == 0 ? "a" : "b", levels[digit / 2]))
            }
            var queue = ActionQueue(limit: 3)
            var gone: [Int64] = []
            for entry in entries { gone += queue.add(entry).map(\.entry.request.event.number) }
            #expect(gone.count == 1)
            let least = entries.map(\.request.event.level).min()!
            let expected = entries.first { $0.request.event.level == least }!.request.event.number
            #expect(gone == [expected], "\(choice)")
            let order = queue.drain()
            #expect(order.count == 3)
            for alarm in ["a", "b"] {
                let own = order.filter { number in
                    entries.contains { $0.request.event.number == number && $0.request.event.key.rule == alarm }
                }
                #expect(own == own.sorted(), "\(choice)")
            }
        }
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>) func randomLivesKeepTheirPromises(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var queue = ActionQueue(limit: 30)
        var inHand: [ActionQueue.Entry] = []
        var added: Set<Int64> = []
        var over: [Int64] = []
        var lastOf: [AlarmKey: Int64] = [:]
        var number: Int64 = 0
        func end(_ removals: [ActionQueue.Removal]) { over += removals.map(\.entry.request.event.number) }
        for step in 0..<3000 {
            switch Int.random(in: 0..<10, using: &generator) {
            case 0..<5:
                number += 1
                added.insert(number)
                let isMove = Int.random(in: 0..<10, using: &generator) == 0
                end(
                    queue.add(
                        entry(
                            number, "\(Int.random(in: 0..<8, using: &generator))",
                            AlarmLevel.allCases.randomElement(using: &generator)!,
                            isMove ? [.turnOn, .turnOff].randomElement(using: &generator)! : .tell)))
            case 5..<8:
                guard let taken = queue.take(MonotonicTime(nanoseconds: Int64(step))) else { break }
                if taken.request.task == .tell {
                    let key = taken.request.event.key
                    // Never before an older one, and never beside one in hand.
                    #expect(lastOf[key].map { $0 <= taken.request.event.number } ?? true, "step \(step)")
                    #expect(!inHand.contains { $0.request.task == .tell && $0.request.event.key == key })
                    lastOf[key] = taken.request.event.number
                } else {
                    #expect(!inHand.contains { $0.request.task != .tell })
                }
                inHand.append(taken)
            case 8:
                guard let taken = inHand.popLast() else { break }
                queue.finish(taken)
                over.append(taken.request.event.number)
            default:
                guard var taken = inHand.popLast() else { break }
                taken.due = MonotonicTime(nanoseconds: Int64(step + Int.random(in: 0..<50, using: &generator)))
                end(queue.putBack(taken))
            }
            #expect(queue.count <= 31)
        }
        for taken in inHand {
            queue.finish(taken)
            over.append(taken.request.event.number)
        }
        queue.hurry(later)
        over += queue.drain()
        // Each came to one end.
        #expect(over.sorted() == added.sorted())
        #expect(queue.count == 0)
    }
}
