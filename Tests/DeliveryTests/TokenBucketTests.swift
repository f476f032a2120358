import TestSupport
import Testing

@testable import Delivery

private let second: Int64 = 1_000_000_000

@Suite struct TokenBucketTests {
    private func rate(_ bits: Int) throws -> DataRate { try #require(DataRate(bitsPerSecond: bits)) }

    /// As fast as it may: no more than the rate in any window, but for what was saved, and no less over a long one.
    @Test(arguments: 0..<60 as Range<UInt64>) func keepsToItsRate(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let bits = [100, 9600, 64_000, 2_000_000, 1_000_000_000].randomElement(using: &random) ?? 9600
        let frame = Int.random(in: 200...65_536, using: &random)
        var bucket = TokenBucket(try rate(bits), frame: frame, start: 0)
        let perSecond = Double(bits) / 8
        let saved = max(perSecond, Double(frame))
        var now: Int64 = 0
        var sent: [(time: Int64, total: Int)] = [(0, 0)]
        while sent.count < 2000 {
            let bytes = Int.random(in: 100...frame, using: &random)
            let wait = bucket.take(bytes, now: now)
            guard wait == 0 else {
                // Not a moment earlier.
                var early = bucket
                #expect(early.take(bytes, now: now + wait - 1) == 1, "seed \(seed)")
                now += wait
                continue
            }
            sent.append((now, sent[sent.count - 1].total + bytes))
        }
        let total = Double(sent[sent.count - 1].total)
        let seconds = Double(now) / 1e9
        #expect(total <= perSecond * seconds * 1.01 + saved, "seed \(seed)")
        #expect(total >= perSecond * seconds * 0.99, "seed \(seed)")
        for _ in 0..<200 {
            let first = Int.random(in: 0..<sent.count - 1, using: &random)
            let last = Int.random(in: first + 1..<sent.count, using: &random)
            let window = Double(sent[last].time - sent[first].time) / 1e9
            let bytes = Double(sent[last].total - sent[first].total)
            #expect(bytes <= perSecond * window * 1.01 + saved + Double(frame), "seed \(seed)")
        }
    }

    @Test func aSecondIsSavedAndNoMore() throws {
        var bucket = TokenBucket(try rate(9600), frame: 100, start: 0)
        let later = 3600 * second
        #expect(bucket.take(1200, now: later) == 0)
        #expect(bucket.take(1, now: later) > 0)
        #expect(bucket.take(600, now: later + second / 2) == 0)
    }

    /// It waits for all that can be saved, and for what it was more afterwards.
    @Test func aFrameOfMoreThanCanBeSaved() throws {
        var bucket = TokenBucket(try rate(9600), frame: 100, start: 0)
        #expect(bucket.take(12_000, now: 0) == 0)
        #expect(bucket.take(120, now: 0) == 9 * second + second / 10)
        #expect(bucket.take(120, now: 9 * second + second / 10) == 0)
        var frames = TokenBucket(try rate(9600), frame: 12_000, start: 0)
        #expect(frames.take(12_000, now: 0) == 0)
        #expect(frames.take(12_000, now: 0) == 10 * second)
    }

    @Test func alarmsNeverWaitAndAreCounted() throws {
        var bucket = TokenBucket(try rate(9600), frame: 100, start: 0)
        for _ in 0..<3 { bucket.takeAlarm(1200, now: 0) }
        #expect(bucket.take(1200, now: 0) == 3 * second)
        // A flood of them keeps the others for a minute, and not for an hour.
        for _ in 0..<1000 { bucket.takeAlarm(.max, now: 0) }
        #expect(bucket.take(1200, now: 0) == 61 * second)
        // And it forgives nothing that others owe.
        var frames = TokenBucket(try rate(100), frame: 12_500, start: 0)
        #expect(frames.take(25_000, now: 0) == 0)
        frames.takeAlarm(1, now: 0)
        #expect(frames.take(0, now: 0) >= 1000 * second)
    }

    @Test(arguments: [
        ("64kbit/s", 64_000), ("9.6 kbit/s", 9600), ("100bit/s", 100), ("1Gbit/s", 1_000_000_000),
        ("2MB/s", 16_000_000),
        (" 1.5kB/s ", 12_000), ("12.5B/s", 100),
    ])
    func rates(text: String, bits: Int) throws {
        #expect(try DataRate(parsing: text).bitsPerSecond == bits)
    }

    @Test(arguments: [
        ("", 0), ("64", 2), ("64k", 2), ("fast", 0), ("64kbit/s x", 0), ("1.2.3kbit/s", 0), ("99bit/s", 0),
        ("2Gbit/s", 0),
        ("999999999999999999999999999Gbit/s", 0), (".bit/s", 0), ("-5kbit/s", 0), ("64 kbps", 3),
    ])
    func refusedRates(text: String, offset: Int) {
        let error = #expect(throws: DeliveryTextError.self, "\(text)") { try DataRate(parsing: text) }
        #expect(error?.offset == offset, "\(text): \(error?.message ?? "")")
    }
}
