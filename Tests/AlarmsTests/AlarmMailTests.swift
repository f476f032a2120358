import Readings
import TestSupport
import Testing

@testable import Alarms

@Suite struct AlarmMailTests {
    private func edge(_ alarm: Int32, _ level: UInt8, at now: Int64) -> AlarmEdge {
        AlarmEdge(
            alarm: alarm, share: 1, level: level,
            reading: Reading(series: SeriesID(UInt32(alarm)), time: Timestamp(microseconds: now), value: .absent),
            arrival: Arrival(now: now, wall: now), lag: 0)
    }

    /// Of each alarm the worst and the latest, in their order; and no more than two of each beyond the limit.
    @Test(arguments: 0..<6 as Range<UInt64>) func pastItsLimit(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var mail = AlarmMail()
        let alarms = Int32([1, 3, 50, 2000][Int(seed % 4)])
        var all: [Int32: [UInt8]] = [:]
        for step in 0..<40_000 {
            let alarm = Int32.random(in: 0..<alarms, using: &random)
            let level = UInt8.random(in: 0...3, using: &random)
            all[alarm, default: []].append(level)
            mail.add(AlarmNews(edges: [edge(alarm, level, at: Int64(step))]))
        }
        #expect(mail.edges.count <= AlarmMail.limit + 4 * Int(alarms))
        #expect(mail.edges.count + mail.merged == 40_000)
        let kept = Dictionary(grouping: mail.edges) { $0.alarm }
        for (alarm, levels) in all {
            let left = kept[alarm] ?? []
            #expect(left.last?.level == levels.last, "seed \(seed)")
            #expect(left.map(\.level).max() == levels.max(), "seed \(seed)")
            #expect(zip(left, left.dropFirst()).allSatisfy { $0.arrival.now < $1.arrival.now }, "seed \(seed)")
        }
    }

    @Test func theLatestReadingOfEachSeries() {
        var mail = AlarmMail()
        for step in 0..<Int64(50_000) {
            let reading = Reading(
                series: SeriesID(UInt32(step % 7)), time: Timestamp(microseconds: step), value: .number(Double(step)))
            mail.add(
                AlarmNews(
                    forwarded: [
                        ForwardedReading(reading: reading, arrival: Arrival(now: step, wall: step), share: 1)
                    ]))
        }
        #expect(mail.readings.count <= AlarmMail.limit + 7)
        let latest = Dictionary(mail.readings.map { ($0.reading.series, $0.reading.time.microseconds) }) { $1 }
        #expect(Set(latest.values) == Set(49_993..<50_000))
        mail.removeAll()
        #expect(mail.isEmpty)
        mail.add(AlarmNews(edges: [edge(1, 1, at: 1)]))
        #expect(mail.edges.count == 1)
    }
}
