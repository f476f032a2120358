import Encoding
import Readings

/// Readings of one series that are not in history yet: ascending, each moment once.
struct TailRows {
    private(set) var batch = ReadingBatch()
    private var isOrdered = true

    mutating func append(_ rows: Range<Int>, of other: borrowing ReadingBatch) {
        for row in rows {
            guard let last = row == rows.lowerBound ? batch.times.last : other.times[row - 1] else { continue }
            isOrdered = isOrdered && last < other.times[row]
        }
        batch.append(rows, of: other)
    }

    /// Puts late rows in their place; of several for one moment the last arrival stays.
    mutating func order() {
        if !isOrdered { batch = batch.inOrderOfTime() }
        isOrdered = true
    }
}

extension ReadingBatch {
    /// Ascending; of the rows for one moment the last.
    func inOrderOfTime() -> ReadingBatch {
        // Swift's sort is stable: of the rows for one moment the last that arrived comes last.
        let order = times.indices.sorted { times[$0] < times[$1] }
        var result = ReadingBatch()
        result.reserveCapacity(count)
        for (index, row) in order.enumerated()
        where index + 1 == order.count || times[order[index + 1]] != times[row] {
            result.append(row..<row + 1, of: self)
        }
        return result
    }
}

/// The readings of one series in one range. Each block is ascending in time; with `descending` the latest block comes
/// first (and within each block the rows are still ascending).
public final class SeriesScan {
    /// The block that `next` has brought; only the rows of `rows` are of the range.
    public private(set) var batch = ReadingBatch()
    public private(set) var rows: Range<Int> = 0..<0

    /// A chunk, or what the tail has after the last one; with the rows of the tail that belong in it.
    private struct Block {
        var entry: ChunkEntry?
        var tailRows: Range<Int>
    }

    private let chunks: ChunkStore?
    private let tail: ReadingBatch
    private let range: TimeRange
    private var blocks: ArraySlice<Block> = []
    private let descending: Bool
    private let isCurrent: () -> Bool

    init(
        _ chunks: ChunkStore?, _ series: SeriesID, _ range: TimeRange, tail: ReadingBatch, descending: Bool,
        isCurrent: @escaping () -> Bool
    ) throws {
        self.chunks = chunks
        self.tail = tail
        self.range = range
        self.descending = descending
        self.isCurrent = isCurrent
        var blocks: [Block] = []
        let wanted = tail.rows(in: range)
        var next = wanted.lowerBound
        for entry in try chunks?.entries(.readings(series), in: range) ?? [] {
            let end = min(max(next, tail.firstRow(after: entry.last)), wanted.upperBound)
            blocks.append(Block(entry: entry, tailRows: next..<end))
            next = end
        }
        if next < wanted.upperBound { blocks.append(Block(entry: nil, tailRows: next..<wanted.upperBound)) }
        self.blocks = blocks[...]
    }

    /// False when there is no further block; a block has one row at least.
    public func next() throws -> Bool {
        while let block = descending ? blocks.popLast() : blocks.popFirst() {
            guard isCurrent() else { throw StoreError.outdated }
            try load(block)
            if !rows.isEmpty { return true }
        }
        return false
    }

    private func load(_ block: Block) throws {
        guard let entry = block.entry else {
            batch = tail
            rows = block.tailRows
            return
        }
        _ = try chunks?.read(entry, into: &batch)
        if !block.tailRows.isEmpty { batch = ReadingBatch.merged(batch, tail, block.tailRows) }
        let isWhole = range.contains(entry.first) && range.contains(entry.last)
        rows = isWhole ? 0..<batch.count : batch.rows(in: range)
    }

    /// How many rows are left; chunks that lie whole in the range are not opened.
    func count() throws -> Int {
        var count = 0
        while let block = blocks.popFirst() {
            if let entry = block.entry, block.tailRows.isEmpty, range.contains(entry.first), range.contains(entry.last)
            {
                count += entry.count
            } else {
                try load(block)
                count += rows.count
            }
        }
        return count
    }
}
