import TestSupport
import Testing

@testable import Delivery

private let second: Int64 = 1_000_000_000
private let minute = 60 * second

@Suite struct LanesTests {
    private func lanes(_ order: Lanes.BacklogOrder = .oldest, frame: Int = 10_000) -> Lanes {
        Lanes(order: order, frame: frame, freshness: 15 * minute, sent: SentRanges(lowestMissing: 1))
    }

    /// All frames that would go, each of which arrives.
    private func frames(_ lanes: inout Lanes) -> [Lanes.Frame] {
        var frames: [Lanes.Frame] = []
        while let frame = lanes.next(hasAlarms: false, room: { _ in .max }) {
            frames.append(frame)
            guard case .readings(_, let range) = frame else { break }
            lanes.arrived(range, bytes: range.count * 1000)
        }
        return frames
    }

    @Test func alarmsGoFirst() {
        var lanes = lanes()
        #expect(lanes.next(hasAlarms: true) { _ in 0 } == .alarms)
        #expect(lanes.next(hasAlarms: false) { _ in .max } == nil)
        lanes.note(end: 50, at: 0)
        lanes.note(end: 60, at: minute)
        #expect(lanes.next(hasAlarms: true) { _ in .max } == .alarms)
        #expect(lanes.next(hasAlarms: false) { _ in .max } == .readings(.fresh, 50..<60))
    }

    @Test func freshThenTheBacklogFromEitherEnd() {
        for (order, ranges) in [
            (Lanes.BacklogOrder.oldest, [1..<11, 11..<21, 21..<26]), (.newest, [16..<26, 6..<16, 1..<6]),
        ] as [(Lanes.BacklogOrder, [Range<Int64>])] {
            var lanes = lanes(order)
            lanes.note(end: 26, at: 0)
            lanes.note(end: 40, at: 10 * minute)
            #expect(lanes.waiting(in: .fresh) == 14)
            #expect(lanes.waiting(in: .backlog) == 25)
            let expected: [Lanes.Frame] =
                [.readings(.fresh, 26..<36), .readings(.fresh, 36..<40)] + ranges.map { .readings(.backlog, $0) }
            #expect(frames(&lanes) == expected)
            #expect(lanes.sent.lowestMissing == 40)
            #expect(lanes.waiting(in: .backlog) == 0)
        }
    }

    /// What was fresh and could not be sent is backlog once it is an interval old.
    @Test func whatIsNotFreshAnyMore() {
        var lanes = lanes()
        lanes.note(end: 1, at: 0)
        for number in 1...10 as ClosedRange<Int64> { lanes.note(end: 1 + number * 5, at: number * 15 * minute) }
        #expect(lanes.next(hasAlarms: false) { _ in .max } == .readings(.fresh, 46..<51))
        #expect(lanes.waiting(in: .backlog) == 45)
        // Tries in between change nothing of it.
        for number in 0..<10 as Range<Int64> { lanes.note(end: 52, at: 150 * minute + number * minute) }
        #expect(lanes.next(hasAlarms: false) { _ in .max } == .readings(.fresh, 46..<52))
    }

    /// After a week of silence, as much as came in an interval on average.
    @Test func nothingWasSaidForLong() {
        var lanes = lanes()
        lanes.note(end: 1, at: 0)
        lanes.note(end: 6721, at: 7 * 1440 * minute)
        #expect(lanes.waiting(in: .fresh) == 10)
        #expect(lanes.waiting(in: .backlog) == 6710)
    }

    @Test func noRoom() {
        var lanes = lanes()
        lanes.note(end: 26, at: 0)
        lanes.note(end: 40, at: 10 * minute)
        #expect(lanes.next(hasAlarms: false) { _ in 0 } == nil)
        #expect(lanes.next(hasAlarms: false) { _ in 999 } == nil)
        #expect(lanes.next(hasAlarms: false) { _ in 3000 } == .readings(.fresh, 26..<29))
        #expect(lanes.next(hasAlarms: false) { $0 == .fresh ? 0 : 2500 } == .readings(.backlog, 1..<3))
        // A batch of more than a frame goes by itself.
        lanes.arrived(26..<27, bytes: 1_000_000)
        #expect(lanes.next(hasAlarms: false) { _ in .max } == .readings(.fresh, 27..<28))
    }

    /// Part of a frame arrives, parts are lost, sizes are anything: all is sent, nothing twice, and the end is reached.
    @Test(arguments: 0..<100 as Range<UInt64>) func everyBatchOnce(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var lanes = lanes(
            Bool.random(using: &random) ? .oldest : .newest, frame: .random(in: 100...50_000, using: &random))
        var counts = [Int](repeating: 0, count: 1001)
        var end: Int64 = 1
        var now: Int64 = 0
        while lanes.sent.lowestMissing < 1001 {
            if Int.random(in: 0..<4, using: &random) == 0 {
                now += .random(in: 0...20 * minute, using: &random)
                end = min(1001, end + .random(in: 0...60, using: &random))
                lanes.note(end: end, at: now)
            }
            guard case .readings(_, let range)? = lanes.next(hasAlarms: false, room: { _ in .max }) else { continue }
            #expect(range.upperBound <= end && !range.isEmpty)
            let part = range.lowerBound..<Int64.random(in: range.lowerBound...range.upperBound, using: &random)
            for number in part { counts[Int(number)] += 1 }
            if Int.random(in: 0..<10, using: &random) == 0 {
                lanes.lost(part)
            } else {
                lanes.arrived(part, bytes: .random(in: 0...100_000, using: &random))
            }
        }
        #expect(counts.dropFirst().allSatisfy { $0 == 1 }, "seed \(seed)")
    }
}
