import Readings

/// Turns readings of one series into chunks. Owned by one thread; what it needs for a chunk it keeps for the next.
public struct ChunkEncoder: ~Copyable {
    private var integers = IntegerColumnWriter()
    private var times = TimeColumnWriter()
    private var numberColumn = ChunkNumbersWriter()

    private var tags: [UInt8] = []
    private var numbers: [UInt64] = []
    private var textTable = TextTable()
    private var textNumbers: [Int64] = []
    private var content: [UInt8] = []

    public init() {}

    /// Puts the batch in place of what `bytes` held. Its readings are of the label's series, strictly ascending in
    /// time, and within the limits of `Chunk`: whoever gathers them sees to that, so anything else stops the process.
    public mutating func encode(_ batch: ReadingBatch, label: ChunkLabel, into bytes: inout [UInt8]) {
        Self.check(batch, label)
        bytes.removeAll(keepingCapacity: true)
        bytes.append(Chunk.version)
        bytes.append(varint: UInt64(batch.count))
        if !batch.isEmpty {
            times.write(batch.times, &integers, to: &bytes)
            writeTags(batch, to: &bytes)
            writeNumbers(batch, to: &bytes)
            writeTexts(batch, to: &bytes)
        }
        bytes.seal(label)
    }

    private static func check(_ batch: ReadingBatch, _ label: ChunkLabel) {
        guard batch.count <= Chunk.maximumRows else { fatalError("a chunk of \(batch.count) readings") }
        guard batch.series.allSatisfy({ $0 == label.series }) else { fatalError("a chunk of other series") }
        for row in batch.times.indices.dropFirst() {
            guard batch.times[row] > batch.times[row - 1] else { fatalError("a chunk that is not in order of time") }
        }
    }

    private mutating func writeTags(_ batch: ReadingBatch, to bytes: inout [UInt8]) {
        tags.removeAll(keepingCapacity: true)
        tags.append(addingCapacity: batch.count) { output in
            for row in batch.kinds.indices { output.append(RowTag.encode(batch.kinds[row], batch.qualities[row])) }
        }
        content.removeAll(keepingCapacity: true)
        content.append(runsOf: tags)
        integers.blocks.write(content, to: &bytes)
    }

    private mutating func writeNumbers(_ batch: ReadingBatch, to bytes: inout [UInt8]) {
        if batch.kinds.allSatisfy({ $0 == .number }) {
            return numberColumn.write(batch.bits, &integers, to: &bytes)
        }
        numbers.removeAll(keepingCapacity: true)
        for row in batch.bits.indices where batch.kinds[row] == .number { numbers.append(batch.bits[row]) }
        if !numbers.isEmpty { numberColumn.write(numbers, &integers, to: &bytes) }
    }

    private mutating func writeTexts(_ batch: ReadingBatch, to bytes: inout [UInt8]) {
        guard !batch.texts.isEmpty else { return }
        textTable.start(batch)
        textNumbers.removeAll(keepingCapacity: true)
        for row in batch.bits.indices where batch.kinds[row] == .text {
            textNumbers.append(Int64(textTable.number(of: Int(batch.bits[row]))))
        }
        guard !textNumbers.isEmpty else { return }
        integers.write(textNumbers, to: &bytes)
        content.removeAll(keepingCapacity: true)
        textTable.write(batch, to: &content)
        guard content.count <= Chunk.maximumTexts else { fatalError("a chunk with \(content.count) bytes of texts") }
        integers.blocks.write(content, to: &bytes)
    }
}
