import TestSupport
import Testing

@testable import Delivery

private let second: Int64 = 1_000_000_000
private let minute = 60 * second
private let hour = 60 * minute

/// A gateway with a batch of 600 bytes each ten seconds, a link of some rate that is away for a while, and the far end; all in
/// virtual time.
private struct Outage {
    static let interval = 15 * minute
    static let batchBytes = 600
    static let perBatch = 10 * second

    let start = 1000 * second
    var timer: SendTimer
    var lanes: Lanes
    var bucket: TokenBucket
    var random: SeededGenerator
    var now: Int64
    var isUp = false
    /// When the gateway began to hold an alarm that has not arrived yet.
    var alarm: Int64?

    /// By batch, from 1 on: when it has arrived.
    var arrivals: [Int64: Int64] = [:]
    var twice = 0
    var frames: [(lane: Lane, range: Range<Int64>, ended: Int64)] = []
    var alarmDelays: [Int64] = []

    init(rate: Int, order: Lanes.BacklogOrder, seed: UInt64) throws {
        random = SeededGenerator(seed: seed)
        now = start
        timer = SendTimer(SendSchedule(.every(.seconds(900))), gateway: "press-hall-\(seed)", start: start)
        lanes = Lanes(
            order: order, frame: 16_384, freshness: Self.interval, sent: SentRanges(lowestMissing: 1))
        bucket = TokenBucket(try #require(DataRate(bitsPerSecond: rate)), frame: 16_384, start: start)
    }

    /// One more than the newest batch.
    var end: Int64 { (now - start) / Self.perBatch + 1 }

    private func arrival(of batch: Int64) -> Int64 { start + batch * Self.perBatch }

    mutating func run(until end: Int64) {
        while now < end {
            let state = SendTimer.Now(
                monotonic: now, wall: now / 1000, isAllowed: true, hasWork: lanes.sent.lowestMissing < self.end)
            switch timer.next(state, offset: { _ in 0 }) {
            case .wait(let until): now = min(until, end)
            case .probe: break
            case .send: attempt(until: end)
            }
        }
    }

    private mutating func attempt(until stop: Int64) {
        lanes.note(end: end, at: now)
        guard isUp else {
            now += 5 * second
            return timer.finished(.failed(), at: now, using: &random)
        }
        var noted = now
        while now < stop {
            if now - noted >= Self.interval {
                lanes.note(end: end, at: now)
                noted = now
            }
            let began = now
            guard let frame = lanes.next(hasAlarms: alarm != nil, room: { _ in .max }) else { break }
            switch frame {
            case .alarms:
                bucket.takeAlarm(500, now: now)
                now += second / 2
                alarmDelays.append(now - (alarm ?? now))
                alarm = nil
            case .readings(let lane, let range): send(lane, range)
            }
            // While a frame was on its way.
            if alarm == nil, Int.random(in: 0..<40, using: &random) == 0 {
                alarm = .random(in: began...now, using: &random)
            }
        }
        timer.finished(now < stop ? .arrived : .stopped, at: now, using: &random)
    }

    private mutating func send(_ lane: Lane, _ range: Range<Int64>) {
        let bytes = range.count * Self.batchBytes
        while true {
            let wait = bucket.take(bytes, now: now)
            if wait == 0 { break }
            now += wait
        }
        for batch in range {
            if arrivals.updateValue(now, forKey: batch) != nil { twice += 1 }
        }
        lanes.arrived(range, bytes: bytes)
        frames.append((lane, range, now))
    }

    /// How far behind the dashboard upstream was at a moment: the age of the newest batch that had arrived.
    func lag(at moment: Int64) -> Int64 {
        let newest = frames.filter { $0.ended <= moment }.map { $0.range.upperBound - 1 }.max() ?? 0
        return moment - arrival(of: newest)
    }
}

@Suite struct OutageTests {
    /// A week offline: within an interval the present is there and stays so, while the backlog comes behind it.
    @Test(
        arguments: [9600, 64_000, 2_000_000],
        [(Lanes.BacklogOrder.oldest, 1 as UInt64), (.newest, 2), (.oldest, 3), (.newest, 4)])
    func aWeekOffline(rate: Int, _ run: (order: Lanes.BacklogOrder, seed: UInt64)) throws {
        let week = 7 * 24 * hour
        var outage = try Outage(rate: rate, order: run.order, seed: run.seed)
        outage.run(until: outage.start + week)
        #expect(outage.frames.isEmpty)
        let back = outage.now
        outage.isUp = true
        outage.timer.networkChanged()
        outage.run(until: back + 12 * hour)

        // The first try comes from the network.
        let first = try #require(outage.frames.first)
        #expect(first.lane == .fresh)
        #expect(first.ended - back < 20 * second, "seed \(run.seed)")
        // All of the last interval is there within one, before anything older.
        let begin = back - Outage.interval
        let batches = (begin - outage.start) / Outage.perBatch + 1...(back - outage.start) / Outage.perBatch
        for batch in batches {
            let arrived = outage.arrivals[batch] ?? .max
            #expect(arrived < back + Outage.interval, "seed \(run.seed), batch \(batch)")
        }
        let firstOld = outage.frames.first { $0.lane == .backlog }?.ended ?? .max
        #expect(batches.dropLast().allSatisfy { outage.arrivals[$0, default: .max] <= firstOld }, "seed \(run.seed)")
        // And so it stays while the backlog drains.
        for moment in stride(from: back + Outage.interval, to: outage.now, by: Int(minute)) {
            #expect(outage.lag(at: moment) < Outage.interval + 2 * minute, "seed \(run.seed)")
        }
        // All of it arrives, each batch once, and in the time that the link needs.
        #expect(outage.twice == 0)
        #expect(outage.lanes.waiting(in: .backlog) == 0)
        #expect(outage.lanes.sent.ranges.count <= 1)
        let bytes = Double(week / Outage.perBatch) * Double(Outage.batchBytes)
        let drained = outage.frames.last { $0.lane == .backlog }?.ended ?? .max
        let needed = bytes * 8 / Double(rate) / 0.95 + 120
        // What is new has its part of a slow link.
        #expect(Double(drained - back) / 1e9 < needed / (rate == 9600 ? 0.94 : 1), "seed \(run.seed)")
        // An alarm waits for one frame at most.
        let frame = 16_384 * 8 * second / Int64(rate)
        #expect(outage.alarmDelays.allSatisfy { $0 <= frame + second })
    }

    /// The order in which the backlog comes.
    @Test func fromWhichEnd() throws {
        for order in Lanes.BacklogOrder.allCases {
            var outage = try Outage(rate: 64_000, order: order, seed: 5)
            outage.run(until: outage.start + 10 * hour)
            outage.isUp = true
            outage.timer.networkChanged()
            outage.run(until: outage.now + 2 * hour)
            let old = outage.frames.filter { $0.lane == .backlog }.map(\.range.lowerBound)
            #expect(old.count > 50)
            let pairs = zip(old, old.dropFirst())
            // But for what was fresh when it was to go, and then no longer.
            let wrong = pairs.count { order == .oldest ? $0 > $1 : $0 < $1 }
            #expect(wrong <= 1, "\(order)")
        }
    }
}
