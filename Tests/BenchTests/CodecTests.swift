import Platform
import TestSupport
import Testing

@testable import Bench

@Suite("The benchmark of the encodings")
struct CodecTests {
    /// A column that loses its encoding is far beyond this.
    @Test("The mixed set stays small in chunks, and all of it is measured")
    func mixed() throws {
        let report = try CodecBench.run(generating: 300_000, seed: 1)
        let chunks = try #require(report.blocks.last)
        #expect(chunks.figures.readings == 300_000)
        #expect(chunks.figures.bytesPerReading < 1.4)
        for lines in [report.kinds, report.times, report.values] {
            #expect(lines.reduce(0) { $0 + $1.figures.readings } == 300_000)
            #expect(abs(lines.reduce(0) { $0 + $1.share } - 1) < 1e-9)
        }
        #expect(Set(report.kinds.map(\.name)) == Set(BenchKind.allCases.map(\.rawValue)))
        #expect(report.rollups.count == BenchKind.allCases.count * 2)
        for line in report.rollups { #expect(line.figures.rollups > 0 && line.figures.bytesPerRollup < 100) }
    }

    @Test("A file gives the same figures as the readings that it was made of")
    func file() throws {
        let directory = TemporaryDirectory()
        let path = directory.path + "/readings"
        try BenchFile.generate(path, readings: 20_000, profile: .mixed, seed: 5)
        let bytes = try CodecBench.run(input: path).blocks.map(\.figures.bytesPerReading)
        #expect(bytes == (try CodecBench.run(generating: 20_000, seed: 5).blocks.map(\.figures.bytesPerReading)))
    }

    @Test("Times that go back are refused")
    func disorder() throws {
        let directory = TemporaryDirectory()
        let path = directory.path + "/readings"
        var bytes: [UInt8] = []
        for time in [5, 4] as [Int64] { bytes.append(BenchReading(series: 0, milliseconds: time, value: 0)) }
        try Files.write(bytes, to: path)
        #expect(throws: BenchError.self) { try CodecBench.run(input: path) }
    }
}
