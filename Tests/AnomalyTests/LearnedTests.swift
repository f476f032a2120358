import Readings
import TestSupport
import Testing

@testable import Alarms

@Suite("What is kept of all detectors") struct LearnedTests {
    private func some(_ count: Int) -> [Learned] {
        (0..<count).map { number in
            var detector = AnomalyDetector()
            for sample in Shape.sine.samples(number * 150) {
                _ = detector.take(sample.value, at: sample.time, hour: sample.hour)
            }
            return Learned(
                key: AlarmKey(rule: "rule-\(number)", series: "plant/ä\(number)"), every: Int64(number) * 60,
                detector: detector)
        }
    }

    @Test func itComesBack() throws {
        for count in [0, 1, 5] {
            let all = some(count)
            let read = try LearnedFile.read(LearnedFile.bytes(of: all))
            #expect(read.map(\.key) == all.map(\.key))
            #expect(read.map(\.every) == all.map(\.every))
            #expect(read.map(\.detector.state) == all.map(\.detector.state))
        }
    }

    @Test func damageIsSaid() {
        let bytes = LearnedFile.bytes(of: some(2))
        for index in bytes.indices {
            #expect(throws: DetectorStateError.self) { try LearnedFile.read(Array(bytes[..<index])) }
            var damaged = bytes
            damaged[index] ^= 1 << (index % 8)
            #expect(throws: DetectorStateError.self) { try LearnedFile.read(damaged) }
        }
        #expect(throws: DetectorStateError.self) { try LearnedFile.read(bytes + [0]) }
        var newer = bytes
        newer[4] = 2
        #expect(throws: DetectorStateError.newer(version: 2)) { try LearnedFile.read(newer) }
        #expect(throws: DetectorStateError.foreign) { try LearnedFile.read(AnomalyDetector().state) }
    }

    @Test func itIsOfUseToItsRuleAlone() {
        let learned = some(3)[2]
        func rule(_ name: String, _ series: String, _ every: Int64) -> AlarmRule {
            AlarmRule(name: name, series: SeriesGlob(series), condition: .anomaly(Anomaly(every: every)))
        }
        #expect(rule("rule-2", "plant/*", 120).hasUse(for: learned))
        #expect(!rule("rule-2", "hall/*", 120).hasUse(for: learned))
        #expect(!rule("rule-1", "plant/*", 120).hasUse(for: learned))
        #expect(!rule("rule-2", "plant/*", 60).hasUse(for: learned))
        #expect(
            !AlarmRule(name: "rule-2", series: SeriesGlob("**"), condition: .badQuality(BadQuality())).hasUse(
                for: learned))
    }
}
