/// Turns chunks back into rollups. Owned by one thread; what it needs for a chunk it keeps for the next.
///
/// Any bytes at all give rollups or an error: every length is held against what is there before it is used, and what
/// a chunk can claim is bounded by `RollupChunk`.
public struct RollupDecoder: ~Copyable {
    private var integers = IntegerColumnReader()
    private var timeColumn = TimeColumnReader()
    private var numberColumn = ChunkNumbersReader()

    private var places: [Int64] = []
    /// The indices of those that have numbers.
    private var numbered: [Int] = []
    private var column: [Int64] = []
    private var numbers: [UInt64] = []
    private var wholes: [WholeRollup] = []

    public init() {}

    /// Puts rollups of that width in microseconds in place of what `rollups` held, using its memory again. After an
    /// error there are none.
    public mutating func decode(
        _ bytes: UnsafeRawBufferPointer, width: Int64, label: ChunkLabel, into rollups: inout [Rollup]
    ) throws(DamagedChunk) {
        Rollup.check(width: width)
        rollups.removeAll(keepingCapacity: true)
        do throws(DamagedBytes) {
            try read(Span<UInt8>(_bytes: bytes.bytes), width, label, into: &rollups)
        } catch {
            rollups.removeAll(keepingCapacity: true)
            throw DamagedChunk(error.reason)
        }
    }

    private mutating func read(
        _ bytes: Span<UInt8>, _ width: Int64, _ label: ChunkLabel, into rollups: inout [Rollup]
    ) throws(DamagedBytes) {
        try bytes.checkSeal(label)
        var position = 0
        guard try bytes.byte(at: &position) == RollupChunk.version else { throw DamagedBytes("an unknown version") }
        let rows = try bytes.varint(at: &position, upTo: RollupChunk.maximumRows)
        if rows > 0 {
            try readCounts(bytes, at: &position, rows: rows, width, into: &rollups)
            numbered.removeAll(keepingCapacity: true)
            for row in rollups.indices where rollups[row].count > 0 { numbered.append(row) }
            if !numbered.isEmpty { try readNumbers(bytes, at: &position, into: &rollups) }
        }
        guard position == bytes.count - Checksum.size else { throw DamagedBytes("more bytes than it has columns") }
        guard rollups.allSatisfy(\.isWithinLimits) else { throw DamagedBytes("properties out of their range") }
    }

    private mutating func readCounts(
        _ bytes: Span<UInt8>, at position: inout Int, rows: Int, _ width: Int64, into rollups: inout [Rollup]
    ) throws(DamagedBytes) {
        let flags = try bytes.byte(at: &position)
        guard flags & ~RollupChunk.flags == 0 else { throw DamagedBytes("an unknown flag") }
        places.removeAll(keepingCapacity: true)
        try timeColumn.read(bytes, at: &position, rows: rows, &integers, appendingTo: &places)
        try appendRollups(width, to: &rollups)
        try integers.read(bytes, at: &position, count: rows, into: &column)
        for row in rollups.indices { rollups[row].count = Int(column[row]) }
        if flags & RollupChunk.hasTexts != 0 {
            try integers.read(bytes, at: &position, count: rows, into: &column)
            for row in rollups.indices { rollups[row].texts = Int(column[row]) }
        }
        if flags & RollupChunk.hasBad != 0 {
            try integers.read(bytes, at: &position, count: rows, into: &column)
            for row in rollups.indices { rollups[row].bad = Int(column[row]) }
        }
    }

    private func appendRollups(_ width: Int64, to rollups: inout [Rollup]) throws(DamagedBytes) {
        rollups.reserveCapacity(places.count)
        for place in places {
            let lead = place & Int64(Rollup.steps - 1)
            let (start, overflow) = ((place - lead) / Int64(Rollup.steps)).multipliedReportingOverflow(by: width)
            guard !overflow, rollups.isEmpty || start > rollups[rollups.count - 1].start else {
                throw DamagedBytes("rollups out of order")
            }
            rollups.append(Rollup(start: start, lead: Int(lead)))
        }
    }

    private mutating func readNumbers(
        _ bytes: Span<UInt8>, at position: inout Int, into rollups: inout [Rollup]
    ) throws(DamagedBytes) {
        guard let form = RollupForm(try bytes.byte(at: &position)) else {
            throw DamagedBytes("an unknown form of rollups")
        }
        if let exponent = form.exponent {
            try readDecimals(bytes, at: &position, form, ExactDecimal.powers[exponent], into: &rollups)
        } else if form.isFlat {
            try readFlatBits(bytes, at: &position, into: &rollups)
        } else {
            try readBits(bytes, at: &position, into: &rollups)
        }
        guard !form.isFlat else { return }
        try integers.read(bytes, at: &position, count: numbered.count, into: &column)
        for (index, row) in numbered.enumerated() {
            rollups[row].average = Int(Int64(rollups[row].expectedAverage) &+ column[index])
        }
    }
}

// MARK: - Decimals

extension RollupDecoder {
    private mutating func readDecimals(
        _ bytes: Span<UInt8>, at position: inout Int, _ form: RollupForm, _ power: Double,
        into rollups: inout [Rollup]
    ) throws(DamagedBytes) {
        try readWholes(bytes, at: &position, form, rollups)
        collectNumbers(power, isFlat: form.isFlat)
        try bytes.exceptions(at: &position, into: &numbers)
        let next = form.isFlat ? 0 : numbered.count
        for (index, row) in numbered.enumerated() {
            rollups[row].first = Double(bitPattern: numbers[index])
            rollups[row].last = Double(bitPattern: numbers[index + next])
            rollups[row].min = Double(bitPattern: numbers[index + 2 * next])
            rollups[row].max = Double(bitPattern: numbers[index + 3 * next])
        }
        try integers.read(bytes, at: &position, count: numbered.count, into: &column)
        for (index, row) in numbered.enumerated() {
            rollups[row].sum = (Double(wholes[index].sum) / power).advanced(bySteps: column[index])
        }
    }

    private mutating func readWholes(
        _ bytes: Span<UInt8>, at position: inout Int, _ form: RollupForm, _ rollups: [Rollup]
    ) throws(DamagedBytes) {
        wholes.removeAll(keepingCapacity: true)
        wholes.append(contentsOf: repeatElement(WholeRollup(), count: numbered.count))
        for index in WholeRollup.columns(isFlat: form.isFlat) {
            try integers.read(bytes, at: &position, count: wholes.count, into: &column)
            for row in wholes.indices { wholes[row][index] = column[row] }
        }
        var before = WholeRollup.Before()
        for (index, row) in numbered.enumerated() {
            wholes[index].restore(rollups[row].count, after: before, form.guess)
            before = WholeRollup.Before(wholes[index], rollups[row].count)
        }
    }

    private mutating func collectNumbers(_ power: Double, isFlat: Bool) {
        numbers.removeAll(keepingCapacity: true)
        for index in WholeRollup.columns(isFlat: isFlat).dropLast() {
            for whole in wholes { numbers.append((Double(whole[index]) / power).bitPattern) }
        }
    }
}

// MARK: - Bits

extension RollupDecoder {
    private mutating func readFlatBits(
        _ bytes: Span<UInt8>, at position: inout Int, into rollups: inout [Rollup]
    ) throws(DamagedBytes) {
        try numberColumn.read(bytes, at: &position, count: numbered.count, &integers, into: &numbers)
        try integers.read(bytes, at: &position, count: numbered.count, into: &column)
        for (index, row) in numbered.enumerated() {
            let number = Double(bitPattern: numbers[index])
            rollups[row].first = number
            rollups[row].last = number
            rollups[row].min = number
            rollups[row].max = number
            rollups[row].sum = (number * Double(rollups[row].count)).advanced(bySteps: column[index])
        }
    }

    private mutating func readBits(
        _ bytes: Span<UInt8>, at position: inout Int, into rollups: inout [Rollup]
    ) throws(DamagedBytes) {
        try read(\.first, of: numbered, bytes, at: &position, into: &rollups)
        try read(\.last, of: numbered, bytes, at: &position, into: &rollups)
        try readExtremes(bytes, at: &position, into: &rollups)
        try numberColumn.read(bytes, at: &position, count: numbered.count, &integers, into: &numbers)
        for (index, row) in numbered.enumerated() {
            rollups[row].sum = Double(bitPattern: numbers[index] ^ rollups[row].sumOfEnds.bitPattern)
        }
    }

    private mutating func readExtremes(
        _ bytes: Span<UInt8>, at position: inout Int, into rollups: inout [Rollup]
    ) throws(DamagedBytes) {
        try integers.read(bytes, at: &position, count: numbered.count, into: &column)
        guard column.allSatisfy({ (0..<9).contains($0) }) else { throw DamagedBytes("an unknown end of a rollup") }
        var otherMins: [Int] = []
        var otherMaxes: [Int] = []
        for (index, row) in numbered.enumerated() {
            let ends = [0, rollups[row].first, rollups[row].last]
            let (max, min) = column[index].quotientAndRemainder(dividingBy: 3)
            rollups[row].min = ends[Int(min)]
            rollups[row].max = ends[Int(max)]
            if min == 0 { otherMins.append(row) }
            if max == 0 { otherMaxes.append(row) }
        }
        try read(\.min, of: otherMins, bytes, at: &position, into: &rollups)
        try read(\.max, of: otherMaxes, bytes, at: &position, into: &rollups)
    }

    private mutating func read(
        _ property: WritableKeyPath<Rollup, Double>, of rows: [Int], _ bytes: Span<UInt8>, at position: inout Int,
        into rollups: inout [Rollup]
    ) throws(DamagedBytes) {
        guard !rows.isEmpty else { return }
        try numberColumn.read(bytes, at: &position, count: rows.count, &integers, into: &numbers)
        for (index, row) in rows.enumerated() { rollups[row][keyPath: property] = Double(bitPattern: numbers[index]) }
    }
}
