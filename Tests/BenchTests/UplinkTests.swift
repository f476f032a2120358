import Platform
import TestSupport
import Testing

@testable import Bench

@Suite("The benchmark of the frames that go upstream")
struct UplinkTests {
    /// What is promised of 200 series at 1 Hz; the sizes do not depend on the machine.
    @Test("A minute and a quarter of an hour of a fleet stay within their bytes", arguments: [(60, 1.35), (900, 1.2)])
    func fleet(seconds: Int, limit: Double) throws {
        let report = try UplinkBench.run(generating: 360_000, seed: 1, interval: .seconds(seconds))
        #expect(report.readings == 360_000)
        let frames = try #require(report.lines.first)
        #expect(frames.name == "frames")
        #expect(frames.bytesPerReading < limit)
        #expect(frames.saved > 0.96)
        for line in report.lines.dropFirst() { #expect(line.bytesPerReading > frames.bytesPerReading * 4) }
    }

    @Test("A file gives the same bytes as the readings that it was made of")
    func file() throws {
        let directory = TemporaryDirectory()
        let path = directory.path + "/readings"
        try BenchFile.generate(path, readings: 20_000, profile: .fleet, seed: 5)
        let bytes = try UplinkBench.run(input: path, interval: .seconds(10)).lines.map(\.bytesPerReading)
        let generated = try UplinkBench.run(generating: 20_000, seed: 5, interval: .seconds(10))
        #expect(bytes == generated.lines.map(\.bytesPerReading))
    }
}
