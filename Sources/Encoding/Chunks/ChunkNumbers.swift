/// The numbers of a chunk: a form (a byte), then
///
///     0 to 6: whole numbers that give the numbers back when they are divided by ten to the form, as an integer
///         column; those that do not come from decimals, as NaN and -0: see `DecimalColumn`
///     bits: the bits of the numbers, as planes of bytes, a byte block each
///     changes: the same, each XORed with the number before
package enum ChunkNumberForm {
    static let bits: UInt8 = 7
    static let changes: UInt8 = 8
}

extension ChunkNumberForm {
    /// How a column is stored, in words.
    package static func encoding(of bytes: Span<UInt8>) throws(DamagedBytes) -> String {
        var position = 0
        switch try bytes.byte(at: &position) {
        case bits: return "bits"
        case changes: return "changes of bits"
        default: return "decimals, " + IntegerForm.encoding(try bytes.byte(at: &position))
        }
    }
}

/// Owned by one encoder; it keeps its memory.
package struct ChunkNumbersWriter: ~Copyable {
    private var decimals = DecimalColumn()
    private var changes: [UInt64] = []

    package init() {}

    package mutating func write(_ numbers: [UInt64], _ integers: inout IntegerColumnWriter, to bytes: inout [UInt8]) {
        if let exponent = decimals.collect(numbers) {
            bytes.append(UInt8(exponent))
            integers.write(decimals.wholes, to: &bytes)
            decimals.writeExceptions(to: &bytes)
        } else {
            writeBits(numbers, &integers.blocks, to: &bytes)
        }
    }

    private mutating func writeBits(_ numbers: [UInt64], _ blocks: inout ByteBlockWriter, to bytes: inout [UInt8]) {
        let start = bytes.count
        bytes.append(ChunkNumberForm.bits)
        blocks.write(planesOf: numbers, to: &bytes)
        collectChanges(numbers)
        var form = [ChunkNumberForm.changes]
        blocks.write(planesOf: changes, to: &form)
        if form.count < bytes.count - start { bytes.replace(from: start, by: form) }
    }

    private mutating func collectChanges(_ numbers: [UInt64]) {
        changes.removeAll(keepingCapacity: true)
        var previous: UInt64 = 0
        for number in numbers {
            changes.append(number ^ previous)
            previous = number
        }
    }
}

/// Owned by one decoder; it keeps its memory.
package struct ChunkNumbersReader: ~Copyable {
    private var wholes: [Int64] = []

    package init() {}

    /// Puts the bits of `count` numbers, of which there is one at least, in place of what `numbers` held.
    package mutating func read(
        _ bytes: Span<UInt8>, at position: inout Int, count: Int, _ integers: inout IntegerColumnReader,
        into numbers: inout [UInt64]
    ) throws(DamagedBytes) {
        numbers.removeAll(keepingCapacity: true)
        let form = try bytes.byte(at: &position)
        switch form {
        case ChunkNumberForm.bits, ChunkNumberForm.changes:
            try integers.blocks.read(planesOf: count, bytes, at: &position, into: &numbers)
            if form == ChunkNumberForm.changes { numbers.addUpChanges() }
        case 0..<UInt8(ExactDecimal.powers.count):
            try integers.read(bytes, at: &position, count: count, into: &wholes)
            numbers.append(decimals: wholes.span, ExactDecimal.powers[Int(form)])
            try bytes.exceptions(at: &position, into: &numbers)
        default: throw DamagedBytes("an unknown form of numbers")
        }
    }
}

extension [UInt64] {
    mutating func append(decimals wholes: Span<Int64>, _ power: Double) {
        if power == 1 {
            append(wholes.count) { ExactDecimal.double(wholes[unchecked: $0]).bitPattern }
        } else {
            append(wholes.count) { (ExactDecimal.double(wholes[unchecked: $0]) / power).bitPattern }
        }
    }

    /// Turns numbers that are each XORed with the one before back into numbers.
    fileprivate mutating func addUpChanges() {
        var number: UInt64 = 0
        for index in indices {
            number ^= self[index]
            self[index] = number
        }
    }
}
