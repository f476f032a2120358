import Encoding
import Readings

/// Encodes and decodes batches, whole and column by column, and gathers the figures.
struct CodecMeter: ~Copyable {
    private(set) var chunks: [String: CodecFigures] = [:]
    private(set) var times: [String: CodecFigures] = [:]
    private(set) var values: [String: CodecFigures] = [:]
    private(set) var journal: [Int: CodecFigures] = [:]

    private var chunkEncoder = ChunkEncoder()
    private var chunkDecoder = ChunkDecoder()
    private var journalEncoder = JournalBatchEncoder()
    private var journalDecoder = JournalBatchDecoder()
    private var integerWriter = IntegerColumnWriter()
    private var integerReader = IntegerColumnReader()
    private var timeWriter = TimeColumnWriter()
    private var timeReader = TimeColumnReader()
    private var numberWriter = ChunkNumbersWriter()
    private var numberReader = ChunkNumbersReader()
    private var bytes: [UInt8] = []
    private var decoded = ReadingBatch()
    private var decodedTimes: [Int64] = []
    private var decodedNumbers: [UInt64] = []

    init() {}

    /// Readings of one series, in order of time.
    mutating func measureChunk(_ batch: ReadingBatch, kind: String) throws {
        let label = ChunkLabel(series: batch.series[0], width: 0)
        let encoding = processorTime { chunkEncoder.encode(batch, label: label, into: &bytes) }
        let decoding = try processorTime {
            try bytes.withUnsafeBytes { try chunkDecoder.decode($0, label: label, into: &decoded) }
        }
        guard decoded.times == batch.times, decoded.bits == batch.bits else {
            throw BenchError("a chunk of \(kind) does not come back as it was")
        }
        chunks[kind, default: CodecFigures()].add(batch.count, bytes: bytes, encoding: encoding, decoding: decoding)
        try measureTimes(batch)
        try measureValues(batch)
    }

    private mutating func measureTimes(_ batch: ReadingBatch) throws {
        bytes.removeAll(keepingCapacity: true)
        let encoding = processorTime { timeWriter.write(batch.times, &integerWriter, to: &bytes) }
        let column = bytes + Self.checksum
        decodedTimes.removeAll(keepingCapacity: true)
        let decoding = try processorTime {
            var position = 0
            try timeReader.read(
                column.span, at: &position, rows: batch.count, &integerReader, appendingTo: &decodedTimes)
        }
        let name = try TimeColumn.encoding(of: bytes.span)
        times[name, default: CodecFigures()].add(batch.count, bytes: bytes, encoding: encoding, decoding: decoding)
    }

    private mutating func measureValues(_ batch: ReadingBatch) throws {
        bytes.removeAll(keepingCapacity: true)
        let encoding = processorTime { numberWriter.write(batch.bits, &integerWriter, to: &bytes) }
        let column = bytes + Self.checksum
        let decoding = try processorTime {
            var position = 0
            try numberReader.read(
                column.span, at: &position, count: batch.count, &integerReader, into: &decodedNumbers)
        }
        let name = try ChunkNumberForm.encoding(of: bytes.span)
        values[name, default: CodecFigures()].add(batch.count, bytes: bytes, encoding: encoding, decoding: decoding)
    }

    /// What stands behind the columns of a chunk: readers load eight bytes at a time.
    private static let checksum = [UInt8](repeating: 0, count: 8)

    /// Readings of all series, as they arrive.
    mutating func measureJournal(_ batch: ReadingBatch, rows: Int) throws {
        let encoding = processorTime { journalEncoder.encode(batch, sequence: 1, into: &bytes) }
        let decoding = try processorTime {
            _ = try bytes.withUnsafeBytes { try journalDecoder.decode($0, into: &decoded) }
        }
        journal[rows, default: CodecFigures()].add(batch.count, bytes: bytes, encoding: encoding, decoding: decoding)
    }
}
