import Readings
import Zstd

/// Turns journal rows back into batches. Owned by one thread; what it needs for a batch it keeps for the next.
///
/// Any bytes at all give a batch or an error: every length is held against what is there before it is used.
public struct JournalBatchDecoder: ~Copyable {
    private let decompressor = ZstdDecompressor()
    private var content: [UInt8] = []

    private var groups: [SeriesGroup] = []
    private var deltas: [UInt64] = []
    private var numberColumn = NumberColumn()
    private var numbers: [UInt64] = []

    public init() {}

    /// Puts the rows in place of what `batch` held, using its memory again, and returns their sequence number.
    /// After an error the batch is empty.
    public mutating func decode(
        _ bytes: UnsafeRawBufferPointer, into batch: inout ReadingBatch
    ) throws(DamagedBatch) -> UInt64 {
        do throws(DamagedBytes) {
            var columns = batch.takeColumns()
            try open(bytes)
            let content = content  // a span borrows from a variable, not from a property that is changed meanwhile
            let sequence = try read(content.span, into: &columns)
            guard let whole = ReadingBatch(columns) else { throw DamagedBytes("columns that contradict each other") }
            batch = whole
            return sequence
        } catch {
            throw DamagedBatch(error.reason)
        }
    }

    private mutating func open(_ bytes: UnsafeRawBufferPointer) throws(DamagedBytes) {
        guard JournalBatch.looksLikeJournalBatch(bytes) else {
            throw DamagedBytes("it does not start like a batch of a known version")
        }
        let frame = Span<UInt8>(_bytes: bytes.bytes).extracting(JournalBatch.header.count..<bytes.count)
        content.removeAll(keepingCapacity: true)
        do {
            try decompressor.decompress(frame, limit: JournalBatch.maximumContent, appendingTo: &content)
        } catch {
            throw DamagedBytes("\(error)")
        }
    }

    private mutating func read(_ content: Span<UInt8>, into columns: inout ReadingBatch.Columns) throws(DamagedBytes)
        -> UInt64
    {
        var position = 0
        let sequence = try content.varint(at: &position)
        // No row takes less than a byte, its time.
        let rows = try content.varint(at: &position, upTo: min(JournalBatch.maximumRows, content.count))
        if rows > 0 {
            try readGroups(content, at: &position, rows: rows)
            try readTimes(content, at: &position, rows: rows, into: &columns.times)
            try content.tags(of: rows, at: &position, into: &columns.kinds, &columns.qualities)
            countNumbers(columns.kinds)
            try numberColumn.read(content, at: &position, of: groups)
            numberColumn.restore(of: groups, into: &numbers)
            try readTexts(content, at: &position, of: columns.kinds, into: &columns.texts)
            fillSeries(&columns.series, rows: rows)
            columns.fillBits(numbers: numbers, textNumbers: deltas)
        }
        guard position == content.count else { throw DamagedBytes("more bytes than it has columns") }
        return sequence
    }

    private mutating func readGroups(_ content: Span<UInt8>, at position: inout Int, rows: Int) throws(DamagedBytes) {
        let count = try content.varint(at: &position, upTo: rows)
        groups.removeAll(keepingCapacity: true)
        var series: UInt64 = 0
        var left = rows
        for index in 0..<count {
            let (next, overflow) = try series.addingReportingOverflow(content.varint(at: &position))
            guard !overflow, next <= UInt32.max, next > series || index == 0 else {
                throw DamagedBytes("series out of order")
            }
            let further = try content.varint(at: &position, upTo: rows)
            guard further < left else { throw DamagedBytes("groups of more rows than there are") }
            groups.append(SeriesGroup(series: UInt32(next), rows: further + 1))
            left -= further + 1
            series = next
        }
        guard left == 0 else { throw DamagedBytes("groups of fewer rows than there are") }
    }

    private mutating func readTimes(
        _ content: Span<UInt8>, at position: inout Int, rows: Int, into times: inout [Int64]
    ) throws(DamagedBytes) {
        guard let unit = TimeUnit(rawValue: try content.byte(at: &position)) else {
            throw DamagedBytes("an unknown unit of time")
        }
        deltas.removeAll(keepingCapacity: true)
        try content.varints(rows, at: &position, appendingTo: &deltas)
        times.append(addingCapacity: rows) { output in
            var row = 0
            var groupStart: Int64 = 0
            for group in groups {
                var time = groupStart
                for index in row..<row + group.rows {
                    time &+= ZigZag.decode(deltas[index])
                    if index == row { groupStart = time }
                    output.append(time &* unit.microseconds)
                }
                row += group.rows
            }
        }
    }

    private mutating func countNumbers(_ kinds: [ReadingBatch.Kind]) {
        var row = 0
        for index in groups.indices {
            let end = row + groups[index].rows
            for row in row..<end where kinds[row] == .number { groups[index].numbers += 1 }
            row = end
        }
    }

    /// Leaves the rows' text numbers in `deltas`.
    private mutating func readTexts(
        _ content: Span<UInt8>, at position: inout Int, of kinds: [ReadingBatch.Kind], into texts: inout [String]
    ) throws(DamagedBytes) {
        deltas.removeAll(keepingCapacity: true)
        let rows = kinds.count { $0 == .text }
        guard rows > 0 else { return }
        try content.varints(rows, at: &position, appendingTo: &deltas)
        try content.texts(upTo: rows, at: &position, appendingTo: &texts)
    }

    private func fillSeries(_ series: inout [SeriesID], rows: Int) {
        series.append(addingCapacity: rows) { output in
            for group in groups { output.append(repeating: SeriesID(group.series), count: group.rows) }
        }
    }
}
