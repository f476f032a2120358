import Alarms
import Models
import Platform
import TestSupport
import Testing

/// scikit-learn and the exporter against the reader: see train.py.
@Suite("Models that scikit-learn has trained")
struct TrainedModelTests {
    private static let rows = 10_000

    /// The tolerance is of the larger of the score and 1.
    @Test("They score as they do there, next to thresholds too")
    func sameScores() throws {
        let directory = try train()
        let names = String(decoding: try Files.read(directory.path + "/names"), as: UTF8.self).split(separator: "\n")
        #expect(names.count >= 28)
        for name in names {
            let model = try ModelFile.read(try Files.read("\(directory.path)/\(name).json"))
            #expect(model.names == (0..<5).map { "input \($0)" }, "\(name)")
            let numbers = doubles(try Files.read("\(directory.path)/\(name).scores"))
            try #require(numbers.count == Self.rows * (model.inputs + 1), "\(name)")
            var worst = 0.0
            for row in 0..<Self.rows {
                let start = row * (model.inputs + 1)
                let expected = numbers[start + model.inputs]
                let found = model.score(numbers.span.extracting(start..<start + model.inputs))
                worst = max(worst, abs(found - expected) / max(1, abs(expected)))
            }
            #expect(worst <= 1e-9, "\(name)")
        }
    }

    private func train() throws -> TemporaryDirectory {
        let directory = TemporaryDirectory()
        let tests = "/" + #filePath.split(separator: "/").dropLast().joined(separator: "/")
        let python = tests + "/../../.build/python/bin/python"
        try #require(Files.exists(python), "make deps makes \(python)")
        let arguments = [
            tests + "/train.py", tests + "/../../etc/models/export_sklearn.py", directory.path, "\(Self.rows)",
        ]
        try #require(try ChildProcess(python, arguments).wait().status == 0)
        return directory
    }

    private func doubles(_ bytes: [UInt8]) -> [Double] {
        bytes.withUnsafeBytes { raw in
            stride(from: 0, to: raw.count, by: 8).map {
                Double(bitPattern: UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: $0, as: UInt64.self)))
            }
        }
    }
}
