/// Columns of whole numbers, one for each of many series, too short to be worth a form each: what is left of the numbers
/// once a base is taken off is joined with that of other columns whose numbers take as many bits, and stored together
/// with it.
///
///     for each column: how many bits its numbers take on average, doubled, plus 1 where they are differences of
///         neighbours; then for each column its base, which is the first number of those with differences, and any that
///         lies among the numbers of the others: an integer column each
///     for each number of bits from 1 on: what is left of the numbers of all such columns, as an integer column; of 0
///         bits nothing is left
///
/// The reader knows how many columns there are, and how many numbers each has.
enum JoinedColumns {
    /// Of bits: none to all.
    static let classes = 65
}

/// Owned by one encoder; it keeps its memory.
struct JoinedColumnsWriter: ~Copyable {
    private var codes: [Int64] = []
    private var bases: [Int64] = []
    private var rests: [[Int64]] = Array(repeating: [], count: JoinedColumns.classes)
    private var differences: [Int64] = []

    mutating func removeAll() {
        codes.removeAll(keepingCapacity: true)
        bases.removeAll(keepingCapacity: true)
        for index in rests.indices { rests[index].removeAll(keepingCapacity: true) }
    }

    /// Takes the numbers of the next column, of which there is one at least.
    mutating func append(_ values: [Int64]) {
        differences.replace(byDifferencesOf: values)
        let mean = values.span.mean
        let bits = values.span.bits(from: mean)
        let differenceBits = differences.span.bits(from: 0)
        if differenceBits < bits {
            append(differences, base: values[0], Self.average(differenceBits, differences.count), isDifferences: true)
        } else {
            append(values, less: mean, Self.average(bits, values.count))
        }
    }

    /// Rounded up: 0 only where nothing is left of any.
    private static func average(_ bits: Int, _ count: Int) -> Int { (bits + count - 1) / count }

    private mutating func append(_ values: [Int64], less mean: Int64, _ bits: Int) {
        append(base: mean, bits, isDifferences: false)
        guard bits > 0 else { return }
        let values = values.span
        rests[bits].append(values.count) { values[unchecked: $0] &- mean }
    }

    private mutating func append(_ differences: [Int64], base: Int64, _ bits: Int, isDifferences: Bool) {
        append(base: base, bits, isDifferences: isDifferences)
        if bits > 0 { rests[bits].append(contentsOf: differences) }
    }

    private mutating func append(base: Int64, _ bits: Int, isDifferences: Bool) {
        codes.append(Int64(bits << 1 | (isDifferences ? 1 : 0)))
        bases.append(base)
    }

    mutating func write(_ integers: inout IntegerColumnWriter, to bytes: inout [UInt8]) {
        integers.write(codes, to: &bytes)
        integers.write(bases, to: &bytes)
        for bits in 1..<JoinedColumns.classes { integers.write(rests[bits], to: &bytes) }
    }
}

/// Owned by one decoder; it keeps its memory. Gives one column after the other.
struct JoinedColumnsReader: ~Copyable {
    private var codes: [Int64] = []
    private var bases: [Int64] = []
    private var rests: [[Int64]] = Array(repeating: [], count: JoinedColumns.classes)
    /// How much of each is used.
    private var used: [Int] = []
    private var next = 0

    /// Reads columns of so many numbers each, of which there is one at least.
    mutating func read(
        _ bytes: Span<UInt8>, at position: inout Int, counts: [Int], _ integers: inout IntegerColumnReader
    ) throws(DamagedBytes) {
        try integers.read(bytes, at: &position, count: counts.count, into: &codes)
        try integers.read(bytes, at: &position, count: counts.count, into: &bases)
        next = 0
        used.removeAll(keepingCapacity: true)
        used.append(repeating: 0, count: JoinedColumns.classes)
        for (code, count) in zip(codes, counts) {
            guard (0..<Int64(JoinedColumns.classes * 2)).contains(code) else {
                throw DamagedBytes("numbers of \(code >> 1) bits")
            }
            used[Int(code >> 1)] += code & 1 == 0 ? count : count - 1
        }
        for bits in 1..<JoinedColumns.classes {
            try integers.read(bytes, at: &position, count: used[bits], into: &rests[bits])
            used[bits] = 0
        }
    }

    /// Puts the next column, which has so many numbers, in place of what `values` held.
    mutating func next(_ count: Int, into values: inout [Int64]) {
        let bits = Int(codes[next] >> 1)
        let isDifferences = codes[next] & 1 == 1
        let base = bases[next]
        next += 1
        values.removeAll(keepingCapacity: true)
        guard bits > 0 else { return values.append(repeating: base, count: count) }
        let start = used[bits]
        let stored = isDifferences ? count - 1 : count
        used[bits] = start + stored
        let rests = rests[bits]
        let rest = rests.span.extracting(start..<start + stored)
        if isDifferences {
            values.append(base)
            var value = base
            values.append(stored) {
                value &+= rest[unchecked: $0]
                return value
            }
        } else {
            values.append(stored) { rest[unchecked: $0] &+ base }
        }
    }
}

extension Span<Int64> {
    /// What the distances to a number take.
    fileprivate func bits(from base: Int64) -> Int {
        var bits = 0
        for index in indices { bits += 64 - ZigZag.encode(self[unchecked: index] &- base).leadingZeroBitCount }
        return bits
    }
}
