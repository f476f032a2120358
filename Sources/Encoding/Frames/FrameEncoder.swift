import Readings

/// Gathers journal rows and makes frames of them. Owned by one thread; what it needs for a frame it keeps for the next.
///
/// It compresses with zstd's level 1: what is left of readings once they are columns is noise, in which higher levels
/// find nothing, or repetitions that cost more than they save.
public struct FrameEncoder: ~Copyable {
    /// For a first frame: readings take less, unless most are texts or full-precision numbers.
    private static let likelyBytesPerReading = 2.0

    private var gathered = ReadingBatch()
    private var tables: [FrameTable] = []
    private var rollups = FrameRollupsWriter()
    private var bytesPerReading = likelyBytesPerReading

    private var integers = IntegerColumnWriter()
    private var order = SeriesOrder()
    private var series: [Int64] = []
    private var counts: [Int64] = []
    private var times = FrameTimesWriter()
    private var numbers = FrameNumbersWriter()
    private var tags: [UInt8] = []
    private var textNumbers: [Int64] = []
    private var textTable = TextTable()
    private var block: [UInt8] = []
    // Of the series in hand.
    private var rows: [Int] = []
    private var seriesTimes: [Int64] = []
    private var seriesNumbers: [UInt64] = []

    public init() {}

    public var readings: Int { gathered.count }
    public private(set) var tableRows = 0

    /// About how large the frame becomes, judged by the one before; without its definitions.
    public var estimatedSize: Int {
        FrameHeader.size + Checksum.size + Int(Double(gathered.count) * bytesPerReading) + rollups.size
            + tableSize
    }
    private var tableSize = 0

    /// Takes the readings of a journal row, and says whether it did: not where there would be more than a frame can hold.
    public mutating func add(_ batch: borrowing ReadingBatch) -> Bool {
        guard batch.count <= Frame.maximumReadings - gathered.count else { return false }
        gathered.append(contentsOf: copy batch)
        return true
    }

    /// The same for rows of a table.
    public mutating func add(_ table: FrameTable) -> Bool {
        guard tables.count < FrameTable.mostTables, (1...FrameTable.mostColumns).contains(table.columns.count),
            table.rows.count <= Frame.maximumRows - tableRows,
            table.rows.allSatisfy({ $0.count == table.columns.count })
        else { return false }
        tables.append(table)
        tableRows += table.rows.count
        tableSize += table.plainSize
        return true
    }

    /// The same for rollups, which are in order of time, of whole buckets of that width, and no more than a `RollupChunk`
    /// holds: whoever has them sees to that, so anything else stops the process.
    public mutating func add(_ entry: FrameRollups) -> Bool {
        guard FrameRollups.widths.contains(entry.width), !entry.rollups.isEmpty,
            entry.rollups.count <= Frame.maximumRollups - rollups.rollups
        else { return false }
        rollups.append(entry)
        return true
    }

    public mutating func removeAll() {
        gathered.removeAll()
        rollups.removeAll()
        tables.removeAll()
        tableRows = 0
        tableSize = 0
    }

    /// Puts a frame of all that was taken in place of what `bytes` held, and forgets it, whether or not it comes to a
    /// frame.
    ///
    /// - Parameter definition: asked once for each series of readings and rollups, in ascending order; nil where the far
    ///   end knows it.
    public mutating func finish(
        epoch: FrameHeader.Epoch, sequences: ClosedRange<Int64>?,
        defining definition: (SeriesID) -> SeriesDefinition?, into bytes: inout [UInt8]
    ) throws(FrameTooLarge) {
        defer { removeAll() }
        guard gathered.isEmpty || sequences != nil, (sequences?.lowerBound ?? 0) >= 0 else {
            fatalError("a frame of the sequences \(String(describing: sequences))")
        }
        bytes.removeAll(keepingCapacity: true)
        var header = FrameHeader()
        header.epoch = epoch
        header.sequences = sequences
        header.readings = gathered.count
        header.rows = tableRows
        header.write(to: &bytes)
        collect()
        try writeDefinitions(definition, to: &bytes)
        try writeTables(to: &bytes)
        rollups.write(to: &bytes)
        if !gathered.isEmpty { try writeReadings(to: &bytes) }
        guard bytes.count <= Frame.maximumBytes - Checksum.size else { throw FrameTooLarge("\(bytes.count) bytes") }
        header.contentSize = bytes.count - FrameHeader.size
        block.removeAll(keepingCapacity: true)
        header.write(to: &block)
        for index in block.indices { bytes[index] = block[index] }
        bytes.append(word: Checksum.of(bytes.span, label: 0))
    }

    private mutating func writeDefinitions(
        _ definition: (SeriesID) -> SeriesDefinition?, to bytes: inout [UInt8]
    ) throws(FrameTooLarge) {
        var definitions: [UInt8] = []
        var count = 0
        var tags = 0
        var previous: UInt32 = 0
        for id in mentionedSeries() {
            guard let definition = definition(id) else { continue }
            DefinitionList.append(.init(series: id, definition: definition), after: previous, to: &definitions)
            previous = id.rawValue
            count += 1
            tags += definition.tags.count
        }
        guard count <= Frame.maximumDefinitions, tags <= Frame.maximumTags else {
            throw FrameTooLarge("\(count) definitions with \(tags) tags")
        }
        block.removeAll(keepingCapacity: true)
        block.append(varint: UInt64(count))
        block.append(contentsOf: definitions)
        try writeBlock("definitions", to: &bytes)
    }

    private func mentionedSeries() -> [SeriesID] {
        let ids = series.map { SeriesID(UInt32($0)) }
        return rollups.series.isEmpty ? ids : Set(ids + rollups.series).sorted()
    }

    private mutating func writeTables(to bytes: inout [UInt8]) throws(FrameTooLarge) {
        block.removeAll(keepingCapacity: true)
        block.append(varint: UInt64(tables.count))
        for table in tables { table.write(to: &block) }
        try writeBlock("rows", to: &bytes)
    }

    private mutating func writeBlock(_ what: String, to bytes: inout [UInt8]) throws(FrameTooLarge) {
        guard block.count <= Frame.maximumBlock else { throw FrameTooLarge("\(block.count) bytes of \(what)") }
        integers.blocks.write(block, to: &bytes)
    }
}

// MARK: - Readings

extension FrameEncoder {
    private mutating func collect() {
        series.removeAll(keepingCapacity: true)
        counts.removeAll(keepingCapacity: true)
        times.removeAll()
        numbers.removeAll()
        tags.removeAll(keepingCapacity: true)
        textNumbers.removeAll(keepingCapacity: true)
        textTable.start(gathered)
        order.arrange(gathered.series)
        var next = 0
        while next < order.runs.count {
            let number = order.runs[next].series
            rows.removeAll(keepingCapacity: true)
            while next < order.runs.count, order.runs[next].series == number {
                rows.append(contentsOf: order.runs[next].rows)
                next += 1
            }
            series.append(Int64(number))
            counts.append(Int64(rows.count - 1))
            collectSeries()
        }
    }

    /// That of which `rows` are the rows, in the order of arrival.
    private mutating func collectSeries() {
        collectTimes()
        if (1..<seriesTimes.count).contains(where: { seriesTimes[$0] < seriesTimes[$0 - 1] }) {
            let times = gathered.times
            rows.sort { (times[$0], $0) < (times[$1], $1) }
            collectTimes()
        }
        times.append(seriesTimes)
        seriesNumbers.removeAll(keepingCapacity: true)
        for row in rows {
            tags.append(RowTag.encode(gathered.kinds[row], gathered.qualities[row]))
            switch gathered.kinds[row] {
            case .number: seriesNumbers.append(gathered.bits[row])
            case .text: textNumbers.append(Int64(textTable.number(of: Int(gathered.bits[row]))))
            case .absent: break
            }
        }
        if !seriesNumbers.isEmpty { numbers.append(seriesNumbers) }
    }

    private mutating func collectTimes() {
        seriesTimes.removeAll(keepingCapacity: true)
        for row in rows { seriesTimes.append(gathered.times[row]) }
    }

    private mutating func writeReadings(to bytes: inout [UInt8]) throws(FrameTooLarge) {
        let start = bytes.count
        bytes.append(varint: UInt64(series.count))
        integers.write(series, to: &bytes)
        integers.write(counts, to: &bytes)
        times.write(&integers, to: &bytes)
        block.removeAll(keepingCapacity: true)
        block.append(runsOf: tags)
        integers.blocks.write(block, to: &bytes)
        numbers.write(&integers, to: &bytes)
        if !textNumbers.isEmpty {
            integers.write(textNumbers, to: &bytes)
            block.removeAll(keepingCapacity: true)
            textTable.write(gathered, to: &block)
            try writeBlock("texts", to: &bytes)
        }
        bytesPerReading = Double(bytes.count - start) / Double(gathered.count)
    }
}
