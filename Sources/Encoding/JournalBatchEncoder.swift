import Readings
import Zstd

/// Turns batches into journal rows. Owned by one thread; what it needs for a batch it keeps for the next.
public struct JournalBatchEncoder: ~Copyable {
    private let compressor: ZstdCompressor
    private var content: [UInt8] = []

    private var order = SeriesOrder()
    private var groups: [SeriesGroup] = []
    // The columns of the batch in that order.
    private var times: [Int64] = []
    private var tags: [UInt8] = []
    private var numbers: [UInt64] = []

    private var deltas: [UInt64] = []
    private var numberColumn = NumberColumn()
    private var textTable = TextTable()

    /// `level` is zstd's: 1 is the fastest that is worth it.
    public init(level: Int32 = 1) { compressor = ZstdCompressor(level: level) }

    /// Puts the batch in place of what `bytes` held. A batch past the limits of `JournalBatch` could never be read
    /// again, so it stops the process: whoever gathers batches bounds them far below.
    public mutating func encode(_ batch: ReadingBatch, sequence: UInt64, into bytes: inout [UInt8]) {
        guard batch.count <= JournalBatch.maximumRows else { fatalError("a journal batch of \(batch.count) rows") }
        content.removeAll(keepingCapacity: true)
        content.append(varint: sequence)
        content.append(varint: UInt64(batch.count))
        if !batch.isEmpty {
            arrange(batch)
            writeGroups()
            writeTimes()
            content.append(runsOf: tags)
            numberColumn.collect(numbers, of: groups)
            numberColumn.write(to: &content)
            writeTexts(batch)
        }
        guard content.count <= JournalBatch.maximumContent else {
            fatalError("a journal batch of \(content.count) bytes")
        }
        bytes.removeAll(keepingCapacity: true)
        bytes.append(contentsOf: JournalBatch.header)
        do {
            try compressor.compress(content, appendingTo: &bytes)
        } catch {
            fatalError("a batch could not be compressed: \(error)")  // no bytes can cause that, only missing memory
        }
    }

    private mutating func arrange(_ batch: ReadingBatch) {
        order.arrange(batch.series)
        order.arrange(into: &times, rows: batch.count) { batch.times[$0] }
        order.arrange(into: &tags, rows: batch.count) {
            RowTag.encode(batch.kinds[$0], batch.qualities[$0])
        }
        groups.removeAll(keepingCapacity: true)
        numbers.removeAll(keepingCapacity: true)
        for run in order.runs {
            if groups.last?.series != run.series { groups.append(SeriesGroup(series: run.series, rows: 0)) }
            let before = numbers.count
            for row in run.start..<run.start + run.count where batch.kinds[row] == .number {
                numbers.append(batch.bits[row])
            }
            groups[groups.count - 1].rows += run.count
            groups[groups.count - 1].numbers += numbers.count - before
        }
    }

    private mutating func writeGroups() {
        content.append(varint: UInt64(groups.count))
        deltas.removeAll(keepingCapacity: true)
        var previous: UInt32 = 0
        for group in groups {
            deltas.append(UInt64(group.series - previous))
            deltas.append(UInt64(group.rows - 1))
            previous = group.series
        }
        content.append(varints: deltas)
    }

    private mutating func writeTimes() {
        let unit = TimeUnit(coarsestFor: times)
        content.append(unit.rawValue)
        // The compiler turns a division by a known number into a multiplication.
        switch unit {
        case .microsecond: collectTimeDeltas { $0 }
        case .millisecond: collectTimeDeltas { $0 / 1000 }
        case .second: collectTimeDeltas { $0 / 1_000_000 }
        }
        content.append(varints: deltas)
    }

    @inline(__always)
    private mutating func collectTimeDeltas(_ inUnit: (Int64) -> Int64) {
        deltas.removeAll(keepingCapacity: true)
        deltas.append(addingCapacity: times.count) { [groups, times] output in
            var row = 0
            var groupStart: Int64 = 0
            for group in groups {
                var previous = groupStart
                for index in row..<row + group.rows {
                    let time = inUnit(times[index])
                    output.append(ZigZag.encode(time &- previous))
                    previous = time
                }
                groupStart = inUnit(times[row])
                row += group.rows
            }
        }
    }

    private mutating func writeTexts(_ batch: ReadingBatch) {
        guard !batch.texts.isEmpty else { return }
        deltas.removeAll(keepingCapacity: true)
        textTable.start(batch)
        for run in order.runs {
            for row in run.start..<run.start + run.count where batch.kinds[row] == .text {
                deltas.append(UInt64(textTable.number(of: Int(batch.bits[row]))))
            }
        }
        guard !deltas.isEmpty else { return }
        content.append(varints: deltas)
        textTable.write(batch, to: &content)
    }
}
