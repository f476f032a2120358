import Readings

/// The texts that rows point to, numbered in the order of their first use, which leaves out those that no row has.
struct TextTable {
    private var numbers: [Int?] = []
    private var used: [Int] = []

    mutating func start(_ batch: ReadingBatch) {
        used.removeAll(keepingCapacity: true)
        numbers.removeAll(keepingCapacity: true)
        numbers.append(contentsOf: repeatElement(nil, count: batch.texts.count))
    }

    /// The number of one of the batch's texts.
    mutating func number(of text: Int) -> Int {
        if let number = numbers[text] { return number }
        used.append(text)
        numbers[text] = used.count - 1
        return used.count - 1
    }

    /// How many there are, and for each its length in bytes and its UTF-8.
    func write(_ batch: ReadingBatch, to content: inout [UInt8]) {
        content.append(varint: UInt64(used.count))
        for text in used { content.append(text: batch.texts[text]) }
    }
}

extension [UInt8] {
    /// The length in bytes, and the UTF-8.
    mutating func append(text: String) {
        append(varint: UInt64(text.utf8.count))
        append(contentsOf: text.utf8)
    }
}

extension Span<UInt8> {
    func texts(upTo limit: Int, at position: inout Int, appendingTo texts: inout [String]) throws(DamagedBytes) {
        let wanted = try varint(at: &position, upTo: limit)
        for _ in 0..<wanted { texts.append(try text(at: &position)) }
    }

    func text(at position: inout Int) throws(DamagedBytes) -> String {
        let length = try varint(at: &position, upTo: count)
        guard length <= count - position else { throw DamagedBytes("a text that ends too early") }
        let utf8 = extracting(position..<position + length)
        guard let text = utf8.withUnsafeBufferPointer({ String(validating: $0, as: UTF8.self) }) else {
            throw DamagedBytes("a text that is not UTF-8")
        }
        position += length
        return text
    }
}

extension ReadingBatch.Columns {
    /// Gives each row its number or the number of its text, which both come in the order of the rows.
    mutating func fillBits(numbers: [UInt64], textNumbers: [some FixedWidthInteger]) {
        bits.append(addingCapacity: kinds.count) { [kinds] output in
            var nextNumber = 0
            var nextText = 0
            for kind in kinds {
                switch kind {
                case .number:
                    output.append(numbers[nextNumber])
                    nextNumber += 1
                case .text:
                    output.append(UInt64(truncatingIfNeeded: textNumbers[nextText]))
                    nextText += 1
                case .absent: output.append(0)
                }
            }
        }
    }
}

extension IntegerColumnReader {
    /// The texts of so many rows, in a block of no more bytes than `limit`. Which of them each row has goes in place of what
    /// `numbers` held; `block` is used on the way.
    mutating func readTexts(
        _ bytes: Span<UInt8>, at position: inout Int, rows: Int, limit: Int, numbers: inout [Int64],
        block: inout [UInt8], appendingTo texts: inout [String]
    ) throws(DamagedBytes) {
        numbers.removeAll(keepingCapacity: true)
        guard rows > 0 else { return }
        try read(bytes, at: &position, count: rows, into: &numbers)
        try blocks.read(bytes, at: &position, limit: limit, into: &block)
        var end = 0
        try block.span.texts(upTo: rows, at: &end, appendingTo: &texts)
        guard end == block.count else { throw DamagedBytes("more bytes than texts") }
    }
}
