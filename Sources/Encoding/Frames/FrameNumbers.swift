/// The numbers of a frame:
///
///     for each series that has numbers: 0 to 6 for whole numbers that give them back when they are divided by ten to
///         that; 8 for their bits, plus 1 where each is XORed with the one before, plus 2 where the lower 29 bits, which a
///         widened float has none of, are left out: as an integer column
///     the whole numbers of all those series, as `JoinedColumns`
///     which of them do not come from decimals, as NaN and -0 (see `DecimalColumn`), of all those series, as a byte block
///     the bits of all others, first all of the first kind and so on, as planes of bytes
enum FrameNumbers {
    static let bits: Int64 = 8
    static let kindsOfBits = 4
    static let changes = 1
    static let floats = 2
    static let floatBits: UInt64 = 29
    /// Neighbours that have so many bits in common, on average, are stored by what they have not.
    static let bitsInCommon = 14
}

/// Owned by one encoder; it keeps its memory.
struct FrameNumbersWriter: ~Copyable {
    private var forms: [Int64] = []
    private var columns = JoinedColumnsWriter()
    private var decimals = DecimalColumn()
    private var exceptions: [UInt8] = []
    private var bits: [[UInt64]] = Array(repeating: [], count: FrameNumbers.kindsOfBits)

    mutating func removeAll() {
        forms.removeAll(keepingCapacity: true)
        columns.removeAll()
        exceptions.removeAll(keepingCapacity: true)
        for index in bits.indices { bits[index].removeAll(keepingCapacity: true) }
    }

    /// Takes the bits of the numbers of the next series that has any.
    mutating func append(_ numbers: [UInt64]) {
        if let exponent = decimals.collect(numbers) {
            forms.append(Int64(exponent))
            columns.append(decimals.wholes)
            decimals.writeExceptions(to: &exceptions)
        } else {
            appendBits(numbers)
        }
    }

    private mutating func appendBits(_ numbers: [UInt64]) {
        let areChanges = numbers.bitsInCommon > FrameNumbers.bitsInCommon
        let areFloats = numbers.reduce(0, |) & (1 << FrameNumbers.floatBits - 1) == 0
        let kind = (areChanges ? FrameNumbers.changes : 0) | (areFloats ? FrameNumbers.floats : 0)
        let shift = areFloats ? FrameNumbers.floatBits : 0
        forms.append(FrameNumbers.bits | Int64(kind))
        var previous: UInt64 = 0
        for number in numbers {
            bits[kind].append((number ^ previous) >> shift)
            if areChanges { previous = number }
        }
    }

    mutating func write(_ integers: inout IntegerColumnWriter, to bytes: inout [UInt8]) {
        integers.write(forms, to: &bytes)
        columns.write(&integers, to: &bytes)
        integers.blocks.write(exceptions, to: &bytes)
        for bits in bits where !bits.isEmpty { integers.blocks.write(planesOf: bits, to: &bytes) }
    }
}

extension [UInt64] {
    /// How many of the highest bits neighbours share, on average.
    fileprivate var bitsInCommon: Int {
        guard count > 1 else { return 0 }
        var common = 0
        for index in 1..<count { common += (self[index] ^ self[index - 1]).leadingZeroBitCount }
        return common / (count - 1)
    }
}

/// Owned by one decoder; it keeps its memory.
struct FrameNumbersReader: ~Copyable {
    private var forms: [Int64] = []
    private var columns = JoinedColumnsReader()
    private var exceptions: [UInt8] = []
    private var bits: [[UInt64]] = Array(repeating: [], count: FrameNumbers.kindsOfBits)
    private var bitCounts: [Int] = []

    private var decimalCounts: [Int] = []
    private var wholes: [Int64] = []
    private var numbers: [UInt64] = []

    /// Puts the bits of all numbers, so many of each series that has any, in place of what `all` held.
    mutating func read(
        _ bytes: Span<UInt8>, at position: inout Int, counts: [Int], _ integers: inout IntegerColumnReader,
        into all: inout [UInt64]
    ) throws(DamagedBytes) {
        try integers.read(bytes, at: &position, count: counts.count, into: &forms)
        try sortForms(counts)
        try columns.read(bytes, at: &position, counts: decimalCounts, &integers)
        // A count, and for each exception ten bytes of index and eight of number.
        let limit = (decimalCounts.count + decimalCounts.reduce(0, +)) * (Varint.longest + 8)
        try integers.blocks.read(bytes, at: &position, limit: limit, into: &exceptions)
        for kind in bits.indices {
            bits[kind].removeAll(keepingCapacity: true)
            guard bitCounts[kind] > 0 else { continue }
            try integers.blocks.read(planesOf: bitCounts[kind], bytes, at: &position, into: &bits[kind])
            bitCounts[kind] = 0
        }
        try restore(counts, into: &all)
    }

    private mutating func sortForms(_ counts: [Int]) throws(DamagedBytes) {
        decimalCounts.removeAll(keepingCapacity: true)
        bitCounts.removeAll(keepingCapacity: true)
        bitCounts.append(repeating: 0, count: FrameNumbers.kindsOfBits)
        for (form, count) in zip(forms, counts) {
            switch form {
            case 0..<Int64(ExactDecimal.powers.count): decimalCounts.append(count)
            case FrameNumbers.bits..<FrameNumbers.bits + Int64(FrameNumbers.kindsOfBits):
                bitCounts[Int(form - FrameNumbers.bits)] += count
            default: throw DamagedBytes("an unknown form of numbers")
            }
        }
    }

    private mutating func restore(_ counts: [Int], into all: inout [UInt64]) throws(DamagedBytes) {
        all.removeAll(keepingCapacity: true)
        var position = 0
        for (form, count) in zip(forms, counts) {
            if form < FrameNumbers.bits {
                columns.next(count, into: &wholes)
                let wholes = wholes  // a span borrows from a variable, not from a property beside one that is changed
                numbers.removeAll(keepingCapacity: true)
                numbers.append(decimals: wholes.span, ExactDecimal.powers[Int(form)])
                let exceptions = exceptions
                try exceptions.span.exceptions(at: &position, into: &numbers)
                all.append(contentsOf: numbers)
            } else {
                restoreBits(Int(form - FrameNumbers.bits), count, to: &all)
            }
        }
        guard position == exceptions.count else { throw DamagedBytes("more exceptions than numbers") }
    }

    private mutating func restoreBits(_ kind: Int, _ count: Int, to all: inout [UInt64]) {
        let shift = kind & FrameNumbers.floats == 0 ? 0 : FrameNumbers.floatBits
        let start = bitCounts[kind]
        bitCounts[kind] += count
        var previous: UInt64 = 0
        for stored in bits[kind][start..<start + count] {
            let number = stored << shift ^ previous
            all.append(number)
            if kind & FrameNumbers.changes != 0 { previous = number }
        }
    }
}
