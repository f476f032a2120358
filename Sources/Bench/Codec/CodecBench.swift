import Platform
import Readings

/// What readings take in the encodings of the store.
public enum CodecBench {
    public static let readingsPerChunk = 8192
    public static let rollupsPerChunk = 1440
    public static let journalRows = [100, 10_000]

    /// Of the readings in a file.
    public static func run(input: String) throws -> CodecReport {
        var gathering = Gathering(hasKnownKinds: false)
        try BenchFile.forEachReading(in: input) { try gathering.take($0) }
        return try gathering.report()
    }

    /// Of readings of the mixed profile.
    public static func run(generating readings: Int, seed: UInt64) throws -> CodecReport {
        var source = BenchReadings(.mixed, seed: seed)
        var gathering = Gathering(hasKnownKinds: true)
        for _ in 0..<readings { try gathering.take(source.next()) }
        return try gathering.report()
    }
}

/// Sorts what arrives into the batches that are measured.
private struct Gathering: ~Copyable {
    private let hasKnownKinds: Bool
    private var meter = CodecMeter()
    private var rollups = RollupMeter()
    private var heads: [SeriesID: ReadingBatch] = [:]
    private var arrivals = CodecBench.journalRows.map { _ in ReadingBatch() }

    init(hasKnownKinds: Bool) { self.hasKnownKinds = hasKnownKinds }

    mutating func take(_ reading: BenchReading) throws {
        let row = Reading(reading)
        for (index, rows) in CodecBench.journalRows.enumerated() {
            arrivals[index].append(row)
            if arrivals[index].count == rows { try measureArrivals(index) }
        }
        try Self.append(row, to: &heads[row.series, default: ReadingBatch()])
        if heads[row.series]?.count == CodecBench.readingsPerChunk { try measureHead(of: row.series) }
    }

    private static func append(_ reading: Reading, to head: inout ReadingBatch) throws {
        if let last = head.times.last, last >= reading.time.microseconds {
            throw BenchError("series \(reading.series.rawValue) goes back in time at \(reading.time.rfc3339)")
        }
        head.append(reading)
    }

    private mutating func measureHead(of series: SeriesID) throws {
        guard let head = heads[series], !head.isEmpty else { return }
        let kind = hasKnownKinds ? BenchKind(of: Int(series.rawValue)).rawValue : "unknown"
        try meter.measureChunk(head, kind: kind)
        try rollups.add(head, kind: kind)
        heads[series]?.removeAll()
    }

    private mutating func measureArrivals(_ index: Int) throws {
        guard !arrivals[index].isEmpty else { return }
        try meter.measureJournal(arrivals[index], rows: CodecBench.journalRows[index])
        arrivals[index].removeAll()
    }

    /// After what is left has been measured too.
    mutating func report() throws -> CodecReport {
        for index in arrivals.indices { try measureArrivals(index) }
        for series in heads.keys.sorted() { try measureHead(of: series) }
        guard !meter.chunks.isEmpty else { throw BenchError("there are no readings to measure") }
        try rollups.finish()
        return CodecReport(meter, rollups)
    }
}

extension Reading {
    init(_ reading: BenchReading) {
        self.init(
            series: SeriesID(UInt32(bitPattern: reading.series)),
            time: Timestamp(microseconds: reading.milliseconds &* 1000), value: .number(reading.value))
    }
}
