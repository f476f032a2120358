import TestSupport
import Testing

@testable import Alarms

@Suite("The saved state of the anomaly detector")
struct DetectorStateTests {
    @Test("Stopped and resumed, it goes on as if nothing had been", arguments: Shape.allCases)
    func resuming(_ shape: Shape) throws {
        var (steady, stopped) = (AnomalyDetector(), AnomalyDetector())
        for (number, sample) in shape.samples(30_000).enumerated() {
            if number % 997 == 0 || number < 110 { stopped = try AnomalyDetector(state: stopped.state) }
            guard steady.take(sample) == stopped.take(sample) else {
                Issue.record("\(shape) \(number)")
                return
            }
        }
        #expect(steady.state == stopped.state)
    }

    @Test("Every bit that is wrong, and every missing byte, is noticed")
    func damage() throws {
        var detector = AnomalyDetector()
        for length in [0, 150] {
            _ = detector.take(Shape.daily.samples(length))
            let state = detector.state
            for index in state.indices {
                for bit in 0..<8 {
                    var bytes = state
                    bytes[index] ^= 1 << bit
                    #expect(throws: DetectorStateError.self) { try AnomalyDetector(state: bytes) }
                }
                #expect(throws: DetectorStateError.self) { try AnomalyDetector(state: Array(state[..<index])) }
            }
            #expect(throws: DetectorStateError.damaged) { try AnomalyDetector(state: state + [0]) }
        }
    }

    @Test("What is wrong is said")
    func errors() {
        var state = AnomalyDetector().state
        state[4] = 2
        #expect(throws: DetectorStateError.newer(version: 2)) { try AnomalyDetector(state: state) }
        #expect(throws: DetectorStateError.newer(version: 2)) { try AnomalyDetector(state: Array(state[..<5])) }
        state[4] = 0
        #expect(throws: DetectorStateError.damaged) { try AnomalyDetector(state: state) }
        #expect(throws: DetectorStateError.foreign) { try AnomalyDetector(state: LearnedFile.bytes(of: [])) }
        #expect(throws: DetectorStateError.foreign) { try AnomalyDetector(state: []) }
        #expect(throws: DetectorStateError.foreign) { try AnomalyDetector(state: Array("timestamp,value\n".utf8)) }
        let newer = "\(DetectorStateError.newer(version: 2))"
        #expect(newer == "the detector's state is of a newer version (2) than this program knows")
    }

    /// The checksum is right, and nothing else: no state leads to a trap, and each score is one.
    @Test("A state that was made up is refused, or used")
    func madeUp() throws {
        var taken = 0
        let samples = Shape.steps.samples(150)
        var detector = AnomalyDetector()
        _ = detector.take(Shape.daily.samples(1000))
        let sound = detector.state
        for seed in 0..<1500 as Range<UInt64> {
            var generator = SeededGenerator(seed: seed)
            var bytes = sound
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                let index = Int.random(in: StateKind.headCount..<bytes.count - 8, using: &generator)
                bytes[index] = [0, 0x7F, 0xFF, 0x80, UInt8.random(in: 0...255, using: &generator)]
                    .randomElement(using: &generator)!
            }
            let checksum = StateKind.checksum(bytes.span.extracting(..<(bytes.count - 8)))
            withUnsafeBytes(of: checksum.littleEndian) { bytes.replaceSubrange((bytes.count - 8)..., with: $0) }
            guard var other = try? AnomalyDetector(state: bytes) else { continue }
            taken += 1
            #expect(other.state == bytes)
            for verdict in other.take(samples) where !(0...1).contains(verdict.score) {
                Issue.record("seed \(seed): \(verdict)")
            }
        }
        #expect(taken > 100)
    }
}

@Suite("The means of minutes")
struct MinuteMeansTests {
    @Test("They are the means")
    func means() {
        for shape in Shape.allCases {
            let samples = shape.samples(3000)
            var means = MinuteMeans()
            var found: [MinuteMeans.Mean] = []
            for (number, sample) in samples.enumerated() {
                if let mean = means.take(sample.value, at: sample.time) { found.append(mean) }
                if number % 97 == 0 { #expect(means.take(.nan, at: 0) == nil) }
            }
            if let last = means.finish() { found.append(last) }
            #expect(means.finish() == nil)
            #expect(found == expected(samples), "\(shape)")
        }
    }

    private func expected(_ samples: [Sample]) -> [MinuteMeans.Mean] {
        var groups: [(minute: Int64, values: [Double])] = []
        for sample in samples {
            let minute = sample.time / 60_000_000
            if groups.last?.minute == minute {
                groups[groups.count - 1].values.append(sample.value)
            } else {
                groups.append((minute, [sample.value]))
            }
        }
        return groups.map {
            let first = $0.values[0]
            let sum = $0.values.reduce(0) { $0 + ($1 - first) }
            return MinuteMeans.Mean(time: $0.minute * 60_000_000, value: first + sum / Double($0.values.count))
        }
    }

    @Test("Minutes before 1970 and at the ends of time")
    func ends() {
        var means = MinuteMeans()
        #expect(means.take(1, at: -1) == nil)
        #expect(means.take(3, at: -60_000_000) == nil)
        #expect(means.take(5, at: 0) == MinuteMeans.Mean(time: -60_000_000, value: 2))
        #expect(means.take(7, at: .min) == MinuteMeans.Mean(time: 0, value: 5))
        #expect(means.take(9, at: .max) == MinuteMeans.Mean(time: .min, value: 7))
    }
}

@Suite("The parts of the anomaly detector")
struct DetectorPartsTests {
    @Test("The logarithm is one")
    func logarithms() {
        for number in 1...5000 {
            let ratio = 5000 / Double(number)
            #expect(abs(naturalLogarithm(ratio) - logarithm(ratio)) <= 4e-15)
        }
        #expect(naturalLogarithm(1) == 0)
    }

    @Test("Hours are those of a zone")
    func hours() {
        let hour: Int64 = 3_600_000_000
        #expect(HourOfDay(at: 0, offset: 0).number == 0)
        #expect(HourOfDay(at: -1, offset: 0).number == 23)
        #expect(HourOfDay(at: -24 * hour, offset: 0).number == 0)
        #expect(HourOfDay(at: 23 * hour, offset: 3600).number == 0)
        #expect(HourOfDay(at: 0, offset: -1).number == 23)
        #expect(HourOfDay(at: hour - 1, offset: 0).number == 0)
        #expect(HourOfDay(at: 5 * hour, offset: 19_800).number == 10)
        #expect(HourOfDay(24) == nil && HourOfDay(-1) == nil && HourOfDay(23)?.number == 23)
        for time in [Int64.min, .min + 1, -1, 0, .max] {
            for offset in [Int.min, -86_400, -1, 0, 1, 86_399, Int.max] {
                #expect(HourOfDay(HourOfDay(at: time, offset: offset).number) != nil)
            }
        }
    }
}
