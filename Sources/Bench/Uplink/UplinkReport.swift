import Platform

public struct UplinkReport {
    public struct Line {
        public let name: String
        public let bytesPerReading: Double
        /// How much less than compact JSON.
        public let saved: Double
        public let encodingNanoseconds: Double
        /// Of frames alone.
        public let decodingNanoseconds: Double?
    }

    public let readings: Int
    public let frames: Int
    /// The frames first.
    public let lines: [Line]
    /// In bytes, of the process, while it made and opened frames.
    public let peakMemory: Int

    init(_ frames: borrowing FrameMeter, _ texts: borrowing UplinkTextMeter, peakMemory: Int) {
        let json = texts.json.bytesPerReading
        func line(_ name: String, _ figures: CodecFigures, decodes: Bool = false) -> Line {
            Line(
                name: name, bytesPerReading: figures.bytesPerReading, saved: 1 - figures.bytesPerReading / json,
                encodingNanoseconds: figures.encodingNanoseconds,
                decodingNanoseconds: decodes ? figures.decodingNanoseconds : nil)
        }
        readings = frames.figures.readings
        self.frames = frames.figures.blocks
        lines = [
            line("frames", frames.figures, decodes: true), line("compact JSON", texts.json),
            line("compact JSON, zstd 3", texts.compressedJSON), line("line protocol, gzip 6", texts.compressedLines),
        ]
        self.peakMemory = peakMemory
    }

    public var json: JSON {
        [
            "readings": .integer(Int64(readings)), "frames": .integer(Int64(frames)),
            "lines": .array(lines.map(\.json)), "peak_memory_bytes": .integer(Int64(peakMemory)),
        ]
    }
}

extension UplinkReport.Line {
    fileprivate var json: JSON {
        [
            "name": .text(name), "bytes_per_reading": .number(bytesPerReading), "saved": .number(saved),
            "encode_ns_per_reading": .number(encodingNanoseconds),
            "decode_ns_per_reading": decodingNanoseconds.map { .number($0) } ?? .null,
        ]
    }
}
