/// The numbers of a chunk: a form (a byte), then
///
///     0 to 6: whole numbers that give the numbers back when they are divided by ten to the form, as an integer
///         column; how many numbers do not come from decimals, then for each the readings since the one before, and
///         its bits in eight bytes. NaN and -0 do not; the column repeats the whole number before in their place.
///     bits: the bits of the numbers, as planes of bytes, a byte block each
///     changes: the same, each XORed with the number before
package enum ChunkNumberForm {
    static let bits: UInt8 = 7
    static let changes: UInt8 = 8

    /// One in so many numbers need not come from a decimal.
    static let numbersPerException = 16
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
    private struct Exception {
        var index: Int
        var bits: UInt64
    }

    private var wholes: [Int64] = []
    private var exceptions: [Exception] = []
    private var changes: [UInt64] = []

    package init() {}

    package mutating func write(_ numbers: [UInt64], _ integers: inout IntegerColumnWriter, to bytes: inout [UInt8]) {
        if let exponent = collectDecimals(numbers) {
            bytes.append(UInt8(exponent))
            integers.write(wholes, to: &bytes)
            writeExceptions(to: &bytes)
        } else {
            writeBits(numbers, &integers.blocks, to: &bytes)
        }
    }

    private func writeExceptions(to bytes: inout [UInt8]) {
        bytes.append(varint: UInt64(exceptions.count))
        var next = 0
        for exception in exceptions {
            bytes.append(varint: UInt64(exception.index - next))
            bytes.append(word: exception.bits)
            next = exception.index + 1
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

// MARK: - Decimals

extension ChunkNumbersWriter {
    /// Collects the numbers as whole ones and returns the exponent that makes all of them exact but a few; nil where
    /// too many are not. Starting from none, a number that is not exact raises the exponent where that helps it, and
    /// all are collected anew.
    private mutating func collectDecimals(_ numbers: [UInt64]) -> Int? {
        var exponent = 0
        removeDecimals()
        while true {
            collectExact(numbers, ExactDecimal.powers[exponent])
            guard wholes.count < numbers.count else { return exponent }
            let inexact = numbers[wholes.count]
            if let higher = ExactDecimal.exponent(of: Double(bitPattern: inexact), from: exponent + 1) {
                exponent = higher
                removeDecimals()
            } else if exceptions.count < numbers.count / ChunkNumberForm.numbersPerException {
                exceptions.append(Exception(index: wholes.count, bits: inexact))
                wholes.append(wholes.last ?? 0)
            } else {
                return nil
            }
        }
    }

    private mutating func removeDecimals() {
        wholes.removeAll(keepingCapacity: true)
        exceptions.removeAll(keepingCapacity: true)
    }

    /// Goes on up to the first number that is not exact.
    private mutating func collectExact(_ numbers: [UInt64], _ power: Double) {
        let start = wholes.count
        wholes.append(addingCapacity: numbers.count - start) { output in
            for index in start..<numbers.count {
                let number = Double(bitPattern: numbers[index])
                guard let whole = ExactDecimal.wholeNumber(number, times: power) else { return }
                output.append(whole)
            }
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
            let power = ExactDecimal.powers[Int(form)]
            numbers.append(addingCapacity: count) { [wholes] output in
                for whole in wholes { output.append((Double(whole) / power).bitPattern) }
            }
            try Self.readExceptions(bytes, at: &position, into: &numbers)
        default: throw DamagedBytes("an unknown form of numbers")
        }
    }

    private static func readExceptions(
        _ bytes: Span<UInt8>, at position: inout Int, into numbers: inout [UInt64]
    ) throws(DamagedBytes) {
        let count = try bytes.varint(at: &position, upTo: numbers.count)
        var next = 0
        for _ in 0..<count {
            let index = next + (try bytes.varint(at: &position, upTo: numbers.count))
            guard index < numbers.count else { throw DamagedBytes("exceptions of more numbers than there are") }
            numbers[index] = try bytes.word(at: &position)
            next = index + 1
        }
    }
}

extension [UInt64] {
    /// Turns numbers that are each XORed with the one before back into numbers.
    fileprivate mutating func addUpChanges() {
        var number: UInt64 = 0
        for index in indices {
            number ^= self[index]
            self[index] = number
        }
    }
}
