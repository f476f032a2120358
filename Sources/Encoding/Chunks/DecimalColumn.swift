/// Numbers as whole ones that give them back when they are divided by a power of ten, all but a few. Owned by one
/// encoder; it keeps its memory.
struct DecimalColumn {
    private struct Exception {
        var index: Int
        var bits: UInt64
    }

    /// One in so many numbers need not come from a decimal.
    private static let numbersPerException = 16

    /// One for each number; in the place of one that does not come from a decimal, the one before again.
    private(set) var wholes: [Int64] = []
    private var exceptions: [Exception] = []

    /// Returns the exponent that makes all numbers exact but a few; nil where too many are not. Starting from none, a
    /// number that is not exact raises the exponent where that helps it, and all are collected anew.
    mutating func collect(_ numbers: [UInt64]) -> Int? {
        var exponent = 0
        removeAll()
        while true {
            collectExact(numbers, ExactDecimal.powers[exponent])
            guard wholes.count < numbers.count else { return exponent }
            let inexact = numbers[wholes.count]
            if let higher = ExactDecimal.exponent(of: Double(bitPattern: inexact), from: exponent + 1) {
                exponent = higher
                removeAll()
            } else if exceptions.count < numbers.count / Self.numbersPerException {
                exceptions.append(Exception(index: wholes.count, bits: inexact))
                wholes.append(wholes.last ?? 0)
            } else {
                return nil
            }
        }
    }

    private mutating func removeAll() {
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

    /// How many, then for each the numbers since the one before, and its bits in eight bytes.
    func writeExceptions(to bytes: inout [UInt8]) {
        bytes.append(varint: UInt64(exceptions.count))
        var next = 0
        for exception in exceptions {
            bytes.append(varint: UInt64(exception.index - next))
            bytes.append(word: exception.bits)
            next = exception.index + 1
        }
    }
}

extension Span<UInt8> {
    /// Puts exceptions into the numbers that stand in for them.
    func exceptions(at position: inout Int, into numbers: inout [UInt64]) throws(DamagedBytes) {
        let count = try varint(at: &position, upTo: numbers.count)
        var next = 0
        for _ in 0..<count {
            let index = next + (try varint(at: &position, upTo: numbers.count))
            guard index < numbers.count else { throw DamagedBytes("exceptions of more numbers than there are") }
            numbers[index] = try word(at: &position)
            next = index + 1
        }
    }
}
