import History
import Platform

public struct StoreReport {
    public struct Part {
        public let name: String
        public let rows: Int
        public let bytes: Int
    }

    public let readings: Int
    public let batch: Int
    public let seconds: Double
    public let processorSecondsPerMillion: Double
    /// From the submission of a batch until it is durable, in milliseconds.
    public let median: Double
    public let p99: Double
    public let longest: Double
    public let parts: [Part]
    public let bytes: Int
    public let bytesWritten: Int
    /// What of it was not the journal's.
    public let writtenByHistory: Int
    public let peakMemory: Int

    init(
        readings: Int, batch: Int, latencies: [Duration], used: ProcessFigures, sizes: HistoryFigures,
        writtenByHistory: Int
    ) {
        self.readings = readings
        self.batch = batch
        seconds = used.wall.inSeconds
        processorSecondsPerMillion = used.processor.inSeconds / Double(max(1, readings)) * 1e6
        let sorted = latencies.map { $0.inSeconds * 1000 }.sorted()
        func quantile(_ share: Double) -> Double {
            sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
        }
        (median, p99, longest) = (quantile(0.5), quantile(0.99), sorted.last ?? 0)
        var parts = sizes.parts.map { part in
            Part(
                name: part.width == 0 ? "readings" : "rollups of \(part.width / 1_000_000) s", rows: part.rows,
                bytes: part.bytes)
        }
        let inBodies = sizes.parts.reduce(0) { $0 + $1.bytes }
        bytes = sizes.bytes - sizes.freeBytes
        parts.append(Part(name: "directory, indexes, unused ends of pages", rows: 0, bytes: bytes - inBodies))
        self.parts = parts
        bytesWritten = used.bytesWritten
        self.writtenByHistory = writtenByHistory
        peakMemory = used.peakMemory
    }

    public var readingsPerSecond: Double { Double(readings) / seconds }
    public var bytesPerReading: Double { Double(bytes) / Double(max(1, readings)) }
    public var bytesWrittenPerReading: Double { Double(bytesWritten) / Double(max(1, readings)) }

    public var bytesWrittenPerReadingByHistory: Double { Double(writtenByHistory) / Double(max(1, readings)) }

    public var json: JSON {
        [
            "readings": .integer(Int64(readings)), "readings_per_commit": .integer(Int64(batch)),
            "seconds": .number(seconds), "readings_per_second": .number(readingsPerSecond),
            "processor_seconds_per_million": .number(processorSecondsPerMillion),
            "commit_ms": ["median": .number(median), "p99": .number(p99), "longest": .number(longest)],
            "parts": .array(
                parts.map { part in
                    [
                        "name": .text(part.name), "rows": .integer(Int64(part.rows)),
                        "bytes_per_reading": .number(Double(part.bytes) / Double(max(1, readings))),
                    ]
                }),
            "bytes_per_reading": .number(bytesPerReading),
            "bytes_written_per_reading": .number(bytesWrittenPerReading),
            "bytes_written_per_reading_by_history": .number(bytesWrittenPerReadingByHistory),
            "peak_memory_bytes": .integer(Int64(peakMemory)),
        ]
    }
}
