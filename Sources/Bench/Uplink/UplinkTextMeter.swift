import Exchange
import Readings
import Zlib
import Zstd

/// Writes batches as text, as other gateways send them, and compresses that.
struct UplinkTextMeter: ~Copyable {
    private(set) var json = CodecFigures()
    private(set) var compressedJSON = CodecFigures()
    private(set) var compressedLines = CodecFigures()

    private let zstd = ZstdCompressor(level: 3)
    private let gzip = GzipDeflater()
    private let lineProtocol = ReadingsWriter(.line)
    private var text: [UInt8] = []
    private var compressed: [UInt8] = []

    init() {}

    mutating func measure(_ batch: ReadingBatch) {
        let writing = processorTime { writeJSON(batch) }
        json.add(batch.count, bytes: text, encoding: writing, decoding: .zero)
        compressed.removeAll(keepingCapacity: true)
        let compressing = processorTime {
            do { try zstd.compress(text, appendingTo: &compressed) } catch { fatalError("zstd: \(error)") }
        }
        compressedJSON.add(batch.count, bytes: compressed, encoding: writing + compressing, decoding: .zero)

        compressed.removeAll(keepingCapacity: true)
        let lines = processorTime {
            writeLines(batch)
            gzip.deflate(text, appendingTo: &compressed)
        }
        compressedLines.add(batch.count, bytes: compressed, encoding: lines, decoding: .zero)
    }

    /// `[{"s":"bench/7","t":1704067200123,"v":21.5},` and so on.
    private mutating func writeJSON(_ batch: ReadingBatch) {
        text.removeAll(keepingCapacity: true)
        text.append(UInt8(ascii: "["))
        for row in 0..<batch.count {
            if row > 0 { text.append(UInt8(ascii: ",")) }
            text.append(contentsOf: "{\"s\":\"\(SeriesName.ofBench(batch.series[row]))\"".utf8)
            text.append(contentsOf: ",\"t\":\(batch.times[row] / 1000)".utf8)
            text.append(contentsOf: ",\"v\":\(Double(bitPattern: batch.bits[row]))}".utf8)
        }
        text.append(UInt8(ascii: "]"))
    }

    private mutating func writeLines(_ batch: ReadingBatch) {
        text.removeAll(keepingCapacity: true)
        var writer = lineProtocol
        for row in 0..<batch.count { _ = writer.append(.ofBench(batch.series[row]), batch[row], into: &text) }
    }
}
