import Encoding
import Platform
import Readings

/// What readings take on their way upstream, in frames and as text.
public enum UplinkBench {
    /// Of the readings in a file.
    public static func run(input: String, interval: Duration) throws -> UplinkReport {
        try run(interval) { body in try BenchFile.forEachReading(in: input, body) }
    }

    /// Of readings of the fleet profile.
    public static func run(generating readings: Int, seed: UInt64, interval: Duration) throws -> UplinkReport {
        try run(interval) { body in
            var source = BenchReadings(.fleet, seed: seed)
            for _ in 0..<readings { try body(source.next()) }
        }
    }

    /// Twice: what the texts take must not count as memory of the frames.
    private static func run(
        _ interval: Duration, _ forEachReading: (_ body: (BenchReading) throws -> Void) throws -> Void
    ) throws -> UplinkReport {
        let milliseconds = Int64(interval.inSeconds * 1000)
        guard milliseconds > 0 else { throw BenchError("an interval of less than a millisecond") }
        var frames = FrameMeter()
        var batches = IntervalBatches(milliseconds)
        try forEachReading { if let batch = batches.take($0) { try frames.measure(batch) } }
        if let batch = batches.takeRest() { try frames.measure(batch) }
        guard frames.figures.readings > 0 else { throw BenchError("there are no readings to measure") }
        let peakMemory = ProcessFigures().peakMemory

        var texts = UplinkTextMeter()
        batches = IntervalBatches(milliseconds)
        try forEachReading { if let batch = batches.take($0) { texts.measure(batch) } }
        if let batch = batches.takeRest() { texts.measure(batch) }
        return UplinkReport(frames, texts, peakMemory: peakMemory)
    }
}

/// Cuts what arrives into what one interval of time brings.
private struct IntervalBatches {
    private let milliseconds: Int64
    private var interval: Int64 = .min
    private var batch = ReadingBatch()

    init(_ milliseconds: Int64) { self.milliseconds = milliseconds }

    /// The batch that the reading is no longer part of.
    mutating func take(_ reading: BenchReading) -> ReadingBatch? {
        let next = reading.milliseconds / milliseconds
        // A reading that comes late does not begin an interval of the past.
        let isFull = next > interval || batch.count == Frame.maximumReadings
        let full = isFull ? takeRest() : nil
        interval = max(interval, next)
        batch.append(Reading(reading))
        return full
    }

    mutating func takeRest() -> ReadingBatch? {
        guard !batch.isEmpty else { return nil }
        var full = ReadingBatch()
        swap(&full, &batch)
        return full
    }
}

extension SeriesName {
    static func ofBench(_ series: SeriesID) -> SeriesName { SeriesName(path: "bench/\(series.rawValue)") }
}
