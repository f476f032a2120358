import Platform

public struct CodecReport {
    /// Those blocks that have something in common.
    public struct Line {
        public let name: String
        public let figures: CodecFigures
        /// How many of all readings are in such blocks.
        public let share: Double
    }

    /// Whole chunks by the kind of their series.
    public let kinds: [Line]
    /// Their columns, by the encoding that was chosen.
    public let times: [Line]
    public let values: [Line]
    /// All readings in chunks, and in journal batches.
    public let blocks: [Line]

    init(_ meter: borrowing CodecMeter) {
        let chunks = meter.chunks.values.reduce(into: CodecFigures()) { $0.add($1) }
        let journal = meter.journal.sorted { $0.key < $1.key }.map { ("journal batches of \($0) rows", $1) }
        let all = chunks.readings
        kinds = [Line](meter.chunks.sorted { $0.key < $1.key }, of: all)
        times = [Line](byUse: meter.times, of: all)
        values = [Line](byUse: meter.values, of: all)
        blocks = [Line](journal + [("chunks of \(CodecBench.readingsPerChunk) readings", chunks)], of: all)
    }

    public var json: JSON {
        ["kinds": kinds.json, "times": times.json, "values": values.json, "blocks": blocks.json]
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
