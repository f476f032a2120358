import Encoding
import Platform
import Readings

/// Rolls readings up, encodes and decodes what comes of it, and gathers the figures.
struct RollupMeter: ~Copyable {
    struct Key: Hashable {
        var kind: String
        var width: RollupWidth
    }

    private(set) var figures: [Key: RollupFigures] = [:]

    private var series: [SeriesID: RolledSeries] = [:]
    private var encoder = RollupEncoder()
    private var decoder = RollupDecoder()
    private var bytes: [UInt8] = []
    private var decoded: [Rollup] = []

    init() {}

    /// Readings of one series, in order of time.
    mutating func add(_ batch: ReadingBatch, kind: String) throws {
        let id = batch.series[0]
        var rolled = series.removeValue(forKey: id) ?? RolledSeries(kind: kind)
        let building = processorTime { rolled.builder.add(batch, 0..<batch.count) }
        figures[Key(kind: kind, width: .minute), default: RollupFigures()].add(readings: batch.count, building)
        try measureWhole(&rolled, id)
        series[id] = rolled
    }

    /// Ends all buckets.
    mutating func finish() throws {
        for (id, var rolled) in series.sorted(by: { $0.key < $1.key }) {
            rolled.builder.finish()
            try measureMinutes(&rolled, id)
            rolled.combiner.finish()
            try measure(&rolled.combiner.rollups, .hour, rolled.kind, id)
        }
        series.removeAll()
    }

    /// The chunks that are full.
    private mutating func measureWhole(_ rolled: inout RolledSeries, _ id: SeriesID) throws {
        if rolled.builder.rollups.count >= CodecBench.rollupsPerChunk { try measureMinutes(&rolled, id) }
        if rolled.combiner.rollups.count >= CodecBench.rollupsPerChunk {
            try measure(&rolled.combiner.rollups, .hour, rolled.kind, id)
        }
    }

    private mutating func measureMinutes(_ rolled: inout RolledSeries, _ id: SeriesID) throws {
        let minutes = rolled.builder.rollups
        let combining = processorTime {
            for rollup in minutes { rolled.combiner.add(rollup) }
        }
        let readings = minutes.reduce(0) { $0 + $1.count }
        figures[Key(kind: rolled.kind, width: .hour), default: RollupFigures()].add(readings: readings, combining)
        try measure(&rolled.builder.rollups, .minute, rolled.kind, id)
    }

    private mutating func measure(
        _ rollups: inout [Rollup], _ width: RollupWidth, _ kind: String, _ series: SeriesID
    ) throws {
        guard !rollups.isEmpty else { return }
        let label = ChunkLabel(series: series, width: UInt32(width.seconds))
        let microseconds = width.seconds * 1_000_000
        let encoding = processorTime { encoder.encode(rollups, width: microseconds, label: label, into: &bytes) }
        let decoding = try processorTime {
            try bytes.withUnsafeBytes {
                try decoder.decode($0, width: microseconds, label: label, into: &decoded)
            }
        }
        guard decoded == rollups else { throw BenchError("rollups of \(kind) do not come back as they were") }
        figures[Key(kind: kind, width: width), default: RollupFigures()].add(
            rollups: rollups.count, bytes: bytes.count, encoding: encoding, decoding: decoding)
        rollups.removeAll(keepingCapacity: true)
    }
}

enum RollupWidth: String, CaseIterable {
    case minute = "1m"
    case hour = "1h"

    var seconds: Int64 { self == .minute ? 60 : 3600 }
}

private struct RolledSeries {
    let kind: String
    var builder = RollupBuilder(width: RollupWidth.minute.seconds * 1_000_000)
    var combiner = RollupCombiner(
        from: RollupWidth.minute.seconds * 1_000_000, to: RollupWidth.hour.seconds * 1_000_000)
}

/// What the rollups of some readings took: bytes, and CPU time.
public struct RollupFigures {
    public private(set) var readings = 0
    public private(set) var rollups = 0
    private var bytes = 0
    private var building = Duration.zero
    private var encoding = Duration.zero
    private var decoding = Duration.zero

    public var bytesPerRollup: Double { Double(bytes) / Double(rollups) }
    public var bytesPerReading: Double { Double(bytes) / Double(readings) }
    public var buildingNanoseconds: Double { building.inSeconds * 1e9 / Double(readings) }
    public var encodingNanoseconds: Double { encoding.inSeconds * 1e9 / Double(rollups) }
    public var decodingNanoseconds: Double { decoding.inSeconds * 1e9 / Double(rollups) }

    mutating func add(readings: Int, _ building: Duration) {
        self.readings += readings
        self.building += building
    }

    mutating func add(rollups: Int, bytes: Int, encoding: Duration, decoding: Duration) {
        self.rollups += rollups
        self.bytes += bytes
        self.encoding += encoding
        self.decoding += decoding
    }
}
