import Readings
import TestSupport

@testable import Encoding

let second: Int64 = 1_000_000
let minute = 60 * second
let hour = 60 * minute

extension [Rollup] {
    init(_ batch: ReadingBatch, width: Int64) {
        var builder = RollupBuilder(width: width)
        builder.add(batch, 0..<batch.count)
        builder.finish()
        self = builder.rollups
    }

    init(_ finer: [Rollup], from width: Int64, to coarser: Int64) {
        var combiner = RollupCombiner(from: width, to: coarser)
        for rollup in finer { combiner.add(rollup) }
        combiner.finish()
        self = combiner.rollups
    }

    /// What the builder should make of a batch, written down differently.
    init(plainly batch: ReadingBatch, width: Int64) {
        var buckets: [Int64: [Reading]] = [:]
        for reading in batch.rows {
            buckets[Bucket(around: reading.time.microseconds, width: width).start, default: []].append(reading)
        }
        self = buckets.sorted { $0.key < $1.key }.map { Rollup(plainly: $1, start: $0, width: width) }
    }
}

extension Rollup {
    fileprivate init(plainly readings: [Reading], start: Int64, width: Int64) {
        self.init(start: start)
        var numbers: [(time: Int64, number: Double)] = []
        for reading in readings {
            let isTrusted = [.good, .uncertain].contains(reading.quality)
            switch reading.value {
            case .number(let number) where isTrusted && number.isFinite:
                numbers.append((reading.time.microseconds, number))
            case .text where isTrusted: texts += 1
            default: bad += 1
            }
        }
        guard let first = numbers.first, let last = numbers.last else { return }
        count = numbers.count
        (self.first, self.last) = (first.number, last.number)
        min = numbers.map(\.number).min()!
        max = numbers.map(\.number).max()!
        sum = numbers.map(\.number).reduce(0, +)
        // As the builder, since no other type is wide enough for the extremes; the test of the average has its own.
        lead = Swift.max(0, Int((first.time - start) * 4096 / width))
    }

    /// The properties as bits, so that -0 and NaN count.
    var bits: [UInt64] {
        [UInt64(bitPattern: start), UInt64(count), UInt64(texts), UInt64(bad), UInt64(lead), UInt64(average)]
            + [min, max, sum, first, last].map(\.bitPattern)
    }

    /// Whether two ways have come to the same, but for what is rounded.
    func isAlike(_ other: Rollup) -> Bool {
        (start, count, texts, bad) == (other.start, other.count, other.texts, other.bad)
            && [min, max, first, last] == [other.min, other.max, other.first, other.last]
            && (sum == other.sum
                || (sum - other.sum).magnitude <= 1e-9 * Swift.max(max.magnitude, min.magnitude) * Double(count))
    }
}

/// Both ways, with an encoder and a decoder that keep their scratch from chunk to chunk.
struct RollupTrip: ~Copyable {
    static let label = ChunkLabel(series: SeriesID(7), width: 60)

    private var encoder = RollupEncoder()
    private var decoder = RollupDecoder()
    private(set) var bytes: [UInt8] = []
    private(set) var rollups: [Rollup] = []

    mutating func encode(_ rollups: [Rollup], width: Int64 = minute) {
        encoder.encode(rollups, width: width, label: Self.label, into: &bytes)
    }

    mutating func decode(_ bytes: [UInt8], width: Int64 = minute, label: ChunkLabel = label) throws {
        try bytes.withUnsafeBytes { try decoder.decode($0, width: width, label: label, into: &rollups) }
    }
}

func rollupBytes(_ rollups: [Rollup]) -> [UInt8] {
    var trip = RollupTrip()
    trip.encode(rollups)
    return trip.bytes
}
