import Alarms
import History
import Readings
import TestSupport
import Testing

@testable import Replay

@Suite struct SliceTests {
    @Test(arguments: [1, 10, 333, 5000]) func aSliceHasNoMoreThanIsAllowed(most: Int) throws {
        var generator = SeededGenerator(seed: UInt64(most))
        var time: Int64 = 1_700_000_000_000_000
        var readings: [Past] = []
        let count = most < 10 ? 300 : 6000
        for number in 0..<count {
            // Dense, then rare, then dense: lengths that were right before are wrong.
            time += number / (count / 3) == 1 ? 3_600_000_000 : Int64.random(in: 1...9, using: &generator)
            readings.append(Past(series: "s\(number % 7)", time: time, value: .number(Double(number))))
        }
        let reader = try PastStore(readings).reader()
        for expected in [0, count, .max] {
            let slices = ReadingSlices(
                reader, reader.ids, in: TimeRange(first: 1_600_000_000_000_000, last: time), expected: expected,
                most: most)
            var values: [Double] = []
            while try slices.load() {
                #expect(!slices.batch.isEmpty && slices.batch.count <= most)
                var merge = RowMerge(slices.runs, slices.batch.times)
                merge.forEach(slices.batch.times) { row in
                    if case .number(let value) = slices.batch[row].value { values.append(value) }
                }
            }
            #expect(values == (0..<count).map(Double.init))
        }
    }

    @Test func rowsOfOneMomentComeInTheOrderOfTheSeries() throws {
        let readings = (0..<500).map {
            Past(series: "s\($0 % 50)", time: Int64($0 / 50), value: .number(Double($0)))
        }
        let reader = try PastStore(readings).reader()
        // As many as there are at least: a moment is not divided.
        let slices = ReadingSlices(reader, reader.ids, in: TimeRange(first: 0, last: 100), expected: 500, most: 1)
        var order: [String] = []
        while try slices.load() {
            #expect(slices.batch.count == 50)
            var merge = RowMerge(slices.runs, slices.batch.times)
            merge.forEach(slices.batch.times) { row in
                order.append("\(slices.batch.times[row]) \(reader.definition(of: slices.batch.series[row]).name)")
            }
        }
        let names = reader.ids.map { "\(reader.definition(of: $0).name)" }
        #expect(order == (0..<10).flatMap { time in names.map { "\(time) \($0)" } })
    }

    @Test func anyTimesAtAll() throws {
        let year: Int64 = 31_557_600_000_000
        let times: [Int64] = [
            .min, .min + 1, -200 * year, -69 * year, -1, 0, 1, 150 * year, 179 * year, 200 * year, .max - 1, .max,
        ]
        let readings = times.flatMap { time in
            ["a", "b"].map { Past(series: $0, time: time, value: .number(time % 2 == 0 ? 1 : -1)) }
        }
        var rules: [AlarmRule] = []
        let conditions: [AlarmCondition] = [
            .limits(Limits([.init(.warning, above: 0)])), .staleness(Staleness(366 * 86_400 * second)),
            .unchanged(Unchanged(second)), .rate(RateLimit(1, window: 86_400 * second)),
            .deviation(Deviation(from: SeriesName("b")!, above: 0)),
        ]
        for (number, condition) in conditions.enumerated() {
            var rule = AlarmRule(name: "rule-\(number)", series: SeriesGlob("*"), condition: condition)
            rule.onDelay = Int64(number) * second
            rules.append(rule)
        }
        let reader = try PastStore(readings).reader()
        let livable = times.filter { Replay.livable.contains($0) }.count
        for range in [
            TimeRange(), TimeRange(first: .max), TimeRange(last: .min), TimeRange(first: 0, last: -1),
            TimeRange(first: 0),
        ] {
            let report = try Replay(rules, over: reader, in: range, sliceReadings: 3).run()
            #expect(report.leftOut == 2 * (times.count - livable))
            #expect(report.readings <= 2 * livable)
        }
        #expect(try Replay(rules, over: reader, in: TimeRange()).run().readings == 2 * livable)
    }

    @Test func aSampleIsEven() {
        var sample = EvenSample(most: 100)
        for number in 0..<100_000 { sample.add(Double(number)) }
        let steps = Set(zip(sample.values, sample.values.dropFirst()).map { $1 - $0 })
        #expect(steps.count == 1 && (50...100).contains(sample.values.count))
    }
}
