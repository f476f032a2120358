import TestSupport
import Testing

@testable import Alarms

@Suite("The anomaly detector")
struct DetectorTests {
    @Test("It is what its description says", arguments: Shape.allCases)
    func equalsTranscription(_ shape: Shape) {
        var detector = AnomalyDetector()
        var slow = Transcription()
        var alerts = 0
        for (number, sample) in shape.samples(100_000).enumerated() {
            let verdict = detector.take(sample)
            let expected = slow.take(sample.value, t: Double(sample.time) / 1e6, hour: sample.hour.number)
            let channel = verdict.reason.map { AnomalyChannel.allCases.firstIndex(of: $0.channel)! } ?? -1
            guard abs(verdict.score - expected.score) <= 1e-9, verdict.isAlert == expected.alert,
                verdict.isSevere == expected.severe, channel == expected.channel || verdict.score < 1e-9
            else {
                Issue.record("\(shape) \(number): \(verdict), expected \(expected)")
                return
            }
            alerts += verdict.isAlert ? 1 : 0
        }
        print("\(shape): \(alerts) alerts in 100,000")
        #expect(alerts < 300)
    }

    @Test("The first hundred are silent", arguments: Shape.allCases)
    func silence(_ shape: Shape) {
        var detector = AnomalyDetector()
        for verdict in detector.take(shape.samples(100)) { #expect(verdict.score == 0 && !verdict.isAlert) }
        // Whatever comes: the views that begin later are silent for longer.
        detector = AnomalyDetector()
        for number in 0..<100 {
            let value = number % 2 == 0 ? Double(number * number) : -1e9 * Double(number)
            #expect(detector.take(Sample(time: Int64(number), value: value)).score == 0)
        }
    }

    @Test("No score depends on what comes later", arguments: Shape.allCases)
    func causality(_ shape: Shape) {
        let samples = shape.samples(6000)
        var detector = AnomalyDetector()
        let whole = detector.take(samples)
        for length in [1, 97, 150, 2500] {
            var other = AnomalyDetector()
            #expect(other.take(samples[..<length]) == Array(whole[..<length]))
            _ = other.take(Sample(time: .max, value: -1e12))
        }
    }

    /// Scores of the recent values are kept in whole parts, and a value of another unit can lie on the other side of a
    /// boundary by its last bit: seldom, and then by 1e-5. Shifted, a value keeps fewer digits of what it differs by: with a
    /// shift of a million spreads ten of them. Powers of two change no digit at all.
    @Test("The unit of a series does not change its scores", arguments: Shape.allCases)
    func units(_ shape: Shape) {
        let samples = shape.samples(20_000)
        var detector = AnomalyDetector()
        let expected = detector.take(samples).map(\.score)
        func scores(_ change: (Double) -> Double) -> [Double] {
            var detector = AnomalyDetector()
            return detector.take(samples.map { Sample(time: $0.time, value: change($0.value)) }).map(\.score)
        }
        #expect(scores { $0 * 0x1p-40 } == expected)
        #expect(scores { $0 * 0x1p200 } == expected)
        #expect(scores { -$0 } == expected)
        // Next to 1e12, a double has not digits enough to be shifted or multiplied.
        guard shape != .offset else { return }
        for other in [scores { $0 * 1.8 }, scores { $0 * 1.8 + 32 }, scores { $0 * 1e-3 }, scores { $0 - 1000 }] {
            for (number, pair) in zip(expected, other).enumerated() where abs(pair.0 - pair.1) > 1e-6 {
                Issue.record("\(shape) \(number): \(pair)")
                return
            }
        }
    }

    @Test("Numbers that are none, and times that go nowhere, are never learnt from")
    func notFinite() {
        let samples = Shape.sine.samples(3000)
        var detector = AnomalyDetector()
        var other = AnomalyDetector()
        for (number, sample) in samples.enumerated() {
            if number % 7 == 0 {
                for value in [Double.nan, .infinity, -.infinity, .signalingNaN] {
                    #expect(other.take(Sample(time: sample.time, value: value)).score == 0)
                }
            }
            #expect(other.take(sample) == detector.take(sample))
        }
        #expect(other.readings == 3000)
    }

    @Test("Nothing traps, and every score is one")
    func extremes() {
        let numbers: [Double] = [
            0, -0.0, .leastNonzeroMagnitude, -.leastNonzeroMagnitude, .leastNormalMagnitude, 1, -1, 1e12, 1e150, -1e290,
            1e290, 1e308, -1e308, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, .nan, .infinity, -.infinity,
            .ulpOfOne,
        ]
        let times: [Int64] = [.min, .min + 1, -1, 0, 1, 1_718_000_000_000_000, .max - 1, .max]
        for seed in 0..<40 as Range<UInt64> {
            var generator = SeededGenerator(seed: seed)
            var detector = AnomalyDetector()
            var means = MinuteMeans(width: [.min, 1, 60_000_000, .max].randomElement(using: &generator)!)
            let most = Int.random(in: 1...numbers.count, using: &generator)
            for _ in 0..<1500 {
                let sample = Sample(
                    time: times.randomElement(using: &generator)!,
                    value: numbers[..<most].randomElement(using: &generator)!)
                let verdict = detector.take(sample)
                _ = means.take(sample.value, at: sample.time)
                guard verdict.score >= 0, verdict.score <= 1, verdict.reason.map({ !$0.description.isEmpty }) ?? true
                else {
                    Issue.record("seed \(seed): \(verdict)")
                    return
                }
            }
            #expect(throws: Never.self) { try AnomalyDetector(state: detector.state) }
        }
    }

    @Test("A detector takes less than a kilobyte")
    func memory() {
        print("a detector takes \(MemoryLayout<AnomalyDetector>.stride) bytes, saved \(AnomalyDetector.stateCount)")
        #expect(MemoryLayout<AnomalyDetector>.stride <= 1024)
        #expect(AnomalyDetector.stateCount <= 1024)
    }
}

@Suite("What the anomaly detector says")
struct AnomalyReasonTests {
    /// A detector that has seen noise from 47 to 53 for a week, and what it says of a minute later.
    private struct Noise {
        var detector = AnomalyDetector()
        private var time: Int64 = 1_718_000_000_000_000
        private var generator = SeededGenerator(seed: 3)

        init() {
            for _ in 0..<10_000 { _ = take(next()) }
        }

        mutating func next() -> Double {
            50 + Double((0..<3).map { _ in Double.random(in: -1...1, using: &generator) }.reduce(0, +))
        }

        mutating func take(_ value: Double) -> AnomalyVerdict {
            time += 60_000_000
            return detector.take(Sample(time: time, value: value))
        }
    }

    @Test("A sensor that is stuck has no activity")
    func stuck() throws {
        var noise = Noise()
        let verdicts = (1...100).map { _ in noise.take(50) }
        let reason = try #require(verdicts.first { $0.isAlert }?.reason)
        #expect(reason.channel == .activity)
        #expect(reason.value < reason.low, "\(reason)")
    }

    @Test("A severe one follows one that is not, and then there is a pause")
    func pause() {
        var noise = Noise()
        let first = noise.take(53.25)
        #expect(first.isAlert && !first.isSevere && first.score >= 0.5 && first.score < 0.8, "\(first)")
        let severe = noise.take(70)
        #expect(severe.isAlert && severe.isSevere && severe.score >= 0.8, "\(severe)")
        let again = noise.take(2000)
        #expect(!again.isAlert && again.isSevere && again.score < 0.5 && again.score > 0.4, "\(again)")
        for _ in 0..<73 { #expect(!noise.take(noise.next()).isAlert) }
        #expect(noise.take(1e6).isAlert)
        #expect(!noise.take(1e9).isAlert)
    }

    @Test("Numbers have as many decimals as the range has use for")
    func text() {
        func text(_ value: Double, _ low: Double, _ high: Double) -> String {
            "\(AnomalyReason(channel: .activity, value: value, low: low, high: high))"
        }
        #expect(text(0, 0.8214, 1.3099) == "activity 0 outside 0.821..1.31")
        #expect(text(-0.0001, 0.82, 1.31) == "activity 0 outside 0.82..1.31")
        #expect(text(1e12 + 5, 1e12, 1e12 + 1) == "activity 1000000000005 outside 1000000000000..1000000000001")
        #expect(text(71.36789, -20, 500) == "activity 71 outside -20..500")
        #expect(text(1e-300, 2e-300, 3e-300) == "activity 1e-300 outside 2e-300..3e-300")
        #expect(text(1e300, 0, .leastNonzeroMagnitude) == "activity 1e+300 outside 0..5e-324")
        #expect(text(5, 1, 1) == "activity 5 outside 1..1")
    }
}
