import Platform

public struct CodecReport {
    /// Those blocks that have something in common.
    public struct Line {
        public let name: String
        public let figures: CodecFigures
        /// How many of all readings are in such blocks.
        public let share: Double
    }

    public struct RollupLine {
        /// The kind of series, and the width.
        public let name: String
        public let figures: RollupFigures
    }

    /// Whole chunks by the kind of their series.
    public let kinds: [Line]
    /// Their columns, by the encoding that was chosen.
    public let times: [Line]
    public let values: [Line]
    /// All readings in chunks, and in journal batches.
    public let blocks: [Line]
    public let rollups: [RollupLine]

    init(_ meter: borrowing CodecMeter, _ rollupMeter: borrowing RollupMeter) {
        let chunks = meter.chunks.values.reduce(into: CodecFigures()) { $0.add($1) }
        let journal = meter.journal.sorted { $0.key < $1.key }.map { ("journal batches of \($0) rows", $1) }
        let all = chunks.readings
        kinds = [Line](meter.chunks.sorted { $0.key < $1.key }, of: all)
        times = [Line](byUse: meter.times, of: all)
        values = [Line](byUse: meter.values, of: all)
        blocks = [Line](journal + [("chunks of \(CodecBench.readingsPerChunk) readings", chunks)], of: all)
        rollups = RollupWidth.allCases.flatMap { [RollupLine](rollupMeter.figures, of: $0) }
    }

    public var json: JSON {
        [
            "kinds": kinds.json, "times": times.json, "values": values.json, "blocks": blocks.json,
            "rollups": .array(rollups.map(\.json)),
        ]
    }
}

extension [CodecReport.Line] {
    fileprivate init(_ figures: [(key: String, value: CodecFigures)], of readings: Int) {
        self = figures.map { .init(name: $0, figures: $1, share: Double($1.readings) / Double(readings)) }
    }

    fileprivate init(byUse figures: [String: CodecFigures], of readings: Int) {
        self.init(figures.sorted { ($1.value.readings, $0.key) < ($0.value.readings, $1.key) }, of: readings)
    }

    fileprivate var json: JSON { .array(map(\.json)) }
}

extension CodecReport.Line {
    fileprivate var json: JSON {
        [
            "name": .text(name),
            "share": .number(share),
            "blocks": .integer(figures.blocks),
            "readings": .integer(figures.readings),
            "bytes_per_reading": .number(figures.bytesPerReading),
            "encode_ns_per_reading": .number(figures.encodingNanoseconds),
            "decode_ns_per_reading": .number(figures.decodingNanoseconds),
        ]
    }
}

extension [CodecReport.RollupLine] {
    fileprivate init(_ figures: [RollupMeter.Key: RollupFigures], of width: RollupWidth) {
        self = figures.filter { $0.key.width == width }.sorted { $0.key.kind < $1.key.kind }.map {
            .init(name: "\($0.key.kind), \(width.rawValue)", figures: $0.value)
        }
    }
}

extension CodecReport.RollupLine {
    fileprivate var json: JSON {
        [
            "name": .text(name),
            "readings": .integer(figures.readings),
            "rollups": .integer(figures.rollups),
            "bytes_per_rollup": .number(figures.bytesPerRollup),
            "bytes_per_reading": .number(figures.bytesPerReading),
            "build_ns_per_reading": .number(figures.buildingNanoseconds),
            "encode_ns_per_rollup": .number(figures.encodingNanoseconds),
            "decode_ns_per_rollup": .number(figures.decodingNanoseconds),
        ]
    }
}
