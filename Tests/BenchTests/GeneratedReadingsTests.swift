import Platform
import TestSupport
import Testing

@testable import Bench

@Suite("The readings that are generated for measurements")
struct GeneratedReadingsTests {
    private func readings(_ count: Int, _ profile: BenchProfile, seed: UInt64) -> [BenchReading] {
        var source = BenchReadings(profile, seed: seed)
        return (0..<count).map { _ in source.next() }
    }

    @Test("The same seed gives the same readings, another one others", arguments: BenchProfile.allCases)
    func seeds(_ profile: BenchProfile) {
        let first = readings(5000, profile, seed: 7)
        #expect(first == readings(5000, profile, seed: 7))
        #expect(first != readings(5000, profile, seed: 8))
    }

    @Test("They arrive in order, and those of a series are apart", arguments: BenchProfile.allCases)
    func order(_ profile: BenchProfile) {
        let all = readings(100_000, profile, seed: 1)
        #expect(zip(all, all.dropFirst()).allSatisfy { $0.milliseconds <= $1.milliseconds })
        let bySeries = Dictionary(grouping: all, by: \.series)
        #expect(Set(bySeries.keys) == Set(0..<Int32(BenchProfile.seriesCount)))
        for (_, rows) in bySeries {
            #expect(zip(rows, rows.dropFirst()).allSatisfy { $0.milliseconds < $1.milliseconds })
        }
    }

    @Test("Ten million mixed ones would be about a week")
    func rate() throws {
        let all = readings(200_000, .mixed, seed: 1)
        let span = try #require(all.last).milliseconds - all[0].milliseconds
        let week = Double(span) * 50 / 86_400_000 / 7
        #expect(week > 0.95 && week < 1.1)
        let share = Double(all.count { $0.series < 12 }) / Double(all.count)
        #expect(share > 0.70 && share < 0.76)
    }

    @Test("Values are what their kinds promise")
    func values() {
        let all = readings(100_000, .fleet, seed: 1)
        func areAll(_ kind: BenchKind, _ isRight: (Double) -> Bool) -> Bool {
            all.allSatisfy { BenchKind(of: Int($0.series)) != kind || isRight($0.value) }
        }
        #expect(areAll(.temperature) { ($0 * 10).rounded() / 10 == $0 })
        #expect(areAll(.pressure) { ($0 * 100).rounded() / 100 == $0 })
        #expect(areAll(.power) { ($0 * 10).rounded() / 10 == $0 })
        #expect(areAll(.floatVibration) { Double(Float($0)) == $0 })
        #expect(areAll(.vibration) { ($0 * 1e6).rounded() / 1e6 != $0 })
        #expect(areAll(.state) { (0..<5).contains($0) && $0.rounded() == $0 })
        #expect(areAll(.counter) { $0.rounded() == $0 })
    }

    @Test("A file holds them to the bit, in twenty bytes each")
    func file() throws {
        let directory = TemporaryDirectory()
        let path = directory.path + "/readings"
        try BenchFile.generate(path, readings: 40_000, profile: .mixed, seed: 3)
        #expect(Files.size(path) == 800_000)
        var read: [BenchReading] = []
        try BenchFile.forEachReading(in: path) { read.append($0) }
        #expect(read == readings(40_000, .mixed, seed: 3))

        try Files.write(Files.read(path).dropLast(), to: path)
        #expect(throws: BenchError.self) { try BenchFile.forEachReading(in: path) { _ in } }
    }

    @Test("Numbers lie little-endian")
    func bytes() {
        var bytes: [UInt8] = []
        bytes.append(BenchReading(series: 0x0102, milliseconds: -2, value: 1))
        #expect(bytes == [2, 1, 0, 0, 0xFE] + Array(repeating: 0xFF, count: 7) + [0, 0, 0, 0, 0, 0, 0xF0, 0x3F])
    }
}
