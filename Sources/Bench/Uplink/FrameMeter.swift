import Encoding
import Platform
import Readings

/// Makes frames of batches, opens them, and gathers the figures.
struct FrameMeter: ~Copyable {
    private(set) var figures = CodecFigures()

    private var encoder = FrameEncoder()
    private var decoder = FrameDecoder()
    private var bytes: [UInt8] = []
    private var frame = Frame()
    private var defined: Set<SeriesID> = []

    init() {}

    mutating func measure(_ batch: ReadingBatch) throws {
        let sequence = Int64(figures.blocks + 1)
        let encoding = try processorTime {
            guard encoder.add(batch) else { throw BenchError("a frame of \(batch.count) readings") }
            try encoder.finish(
                epoch: FrameHeader.Epoch(high: 1, low: 1), sequences: sequence...sequence,
                defining: { defined.insert($0).inserted ? SeriesDefinition(name: .ofBench($0)) : nil }, into: &bytes)
        }
        let decoding = try processorTime { try bytes.withUnsafeBytes { try decoder.decode($0, into: &frame) } }
        guard Self.sum(frame.readings) == Self.sum(batch) else {
            throw BenchError("a frame does not come back as it was")
        }
        figures.add(batch.count, bytes: bytes, encoding: encoding, decoding: decoding)
    }

    /// The same whatever the order.
    private static func sum(_ batch: ReadingBatch) -> UInt64 {
        batch.series.indices.reduce(0) { sum, row in
            let mixed =
                (UInt64(batch.series[row].rawValue) &* 31 &+ UInt64(bitPattern: batch.times[row]))
                &* 0x9E37_79B9_7F4A_7C15
            return sum &+ (mixed ^ batch.bits[row]) &* 0xBF58_476D_1CE4_E5B9
        }
    }
}
