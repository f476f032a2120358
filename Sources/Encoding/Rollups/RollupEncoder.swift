/// Turns rollups of one series into chunks. Owned by one thread; what it needs for a chunk it keeps for the next.
public struct RollupEncoder: ~Copyable {
    private var integers = IntegerColumnWriter()
    private var times = TimeColumnWriter()
    private var numberColumn = ChunkNumbersWriter()

    /// Those that have numbers.
    private var numbered: [Rollup] = []
    private var column: [Int64] = []
    private var numbers: [UInt64] = []
    private var decimals = DecimalColumn()
    private var wholes: [WholeRollup] = []
    private var distances: [WholeRollup] = []

    public init() {}

    /// Puts the rollups in place of what `bytes` held. They are of the label's series, and of that width in
    /// microseconds, strictly ascending in time, and within the limits of `RollupChunk`: whoever gathers them sees to
    /// that, so anything else stops the process.
    public mutating func encode(_ rollups: [Rollup], width: Int64, label: ChunkLabel, into bytes: inout [UInt8]) {
        Self.check(rollups, width)
        bytes.removeAll(keepingCapacity: true)
        bytes.append(RollupChunk.version)
        bytes.append(varint: UInt64(rollups.count))
        if !rollups.isEmpty {
            writeCounts(rollups, width, to: &bytes)
            numbered.removeAll(keepingCapacity: true)
            for rollup in rollups where rollup.count > 0 { numbered.append(rollup) }
            if !numbered.isEmpty { writeNumbers(to: &bytes) }
        }
        bytes.seal(label)
    }

    private static func check(_ rollups: [Rollup], _ width: Int64) {
        Rollup.check(width: width)
        guard rollups.count <= RollupChunk.maximumRows else { fatalError("a chunk of \(rollups.count) rollups") }
        for rollup in rollups {
            guard rollup.start % width == 0, rollup.isWithinLimits else { fatalError("a chunk with \(rollup)") }
        }
        for (rollup, next) in zip(rollups, rollups.dropFirst()) {
            guard rollup.start < next.start else { fatalError("a chunk that is not in order of time") }
        }
    }

    private mutating func writeCounts(_ rollups: [Rollup], _ width: Int64, to bytes: inout [UInt8]) {
        let hasTexts = rollups.contains { $0.texts > 0 }
        let hasBad = rollups.contains { $0.bad > 0 }
        bytes.append((hasTexts ? RollupChunk.hasTexts : 0) | (hasBad ? RollupChunk.hasBad : 0))
        collect(rollups) { $0.start / width * Int64(Rollup.steps) + Int64($0.lead) }
        times.write(column, &integers, to: &bytes)
        write(rollups, to: &bytes) { Int64($0.count) }
        if hasTexts { write(rollups, to: &bytes) { Int64($0.texts) } }
        if hasBad { write(rollups, to: &bytes) { Int64($0.bad) } }
    }

    private mutating func writeNumbers(to bytes: inout [UInt8]) {
        let isFlat = numbered.allSatisfy(\.isFlat)
        numbers.removeAll(keepingCapacity: true)
        appendBits { $0.first }
        if !isFlat {
            appendBits { $0.last }
            appendBits { $0.min }
            appendBits { $0.max }
        }
        let form = RollupForm(exponent: decimals.collect(numbers), isFlat: isFlat)
        if let exponent = form.exponent {
            writeDecimals(form, ExactDecimal.powers[exponent], to: &bytes)
        } else {
            bytes.append(form.byte)
            if isFlat { writeFlatBits(to: &bytes) } else { writeBits(to: &bytes) }
        }
        if !isFlat { write(numbered, to: &bytes) { Int64($0.average - $0.expectedAverage) } }
    }

    private mutating func collect(_ rollups: [Rollup], _ value: (Rollup) -> Int64) {
        column.removeAll(keepingCapacity: true)
        for rollup in rollups { column.append(value(rollup)) }
    }

    private mutating func write(_ rollups: [Rollup], to bytes: inout [UInt8], _ value: (Rollup) -> Int64) {
        collect(rollups, value)
        integers.write(column, to: &bytes)
    }

    private mutating func appendBits(_ number: (Rollup) -> Double) {
        for rollup in numbered { numbers.append(number(rollup).bitPattern) }
    }
}

// MARK: - Decimals

extension RollupEncoder {
    private mutating func writeDecimals(_ form: RollupForm, _ power: Double, to bytes: inout [UInt8]) {
        collectWholes(power, isFlat: form.isFlat)
        var form = form
        if !form.isFlat { form.guess = bestGuess() }
        bytes.append(form.byte)
        collectDistances(form.guess)
        for index in WholeRollup.columns(isFlat: form.isFlat) {
            collectDistances(of: index)
            integers.write(column, to: &bytes)
        }
        decimals.writeExceptions(to: &bytes)
        column.removeAll(keepingCapacity: true)
        for (rollup, whole) in zip(numbered, wholes) {
            column.append(rollup.sum.steps(from: Double(whole.sum) / power))
        }
        integers.write(column, to: &bytes)
    }

    private mutating func collectWholes(_ power: Double, isFlat: Bool) {
        wholes.removeAll(keepingCapacity: true)
        let next = isFlat ? 0 : numbered.count
        for (row, rollup) in numbered.enumerated() {
            var whole = WholeRollup()
            whole.first = decimals.wholes[row]
            whole.last = decimals.wholes[row + next]
            whole.min = decimals.wholes[row + 2 * next]
            whole.max = decimals.wholes[row + 3 * next]
            whole.sum = ExactDecimal.nearestWhole(rollup.sum, times: power)
            wholes.append(whole)
        }
    }

    private mutating func bestGuess() -> WholeRollup.Guess {
        var best = WholeRollup.Guess.ends
        var fewestBits = Int.max
        for guess in WholeRollup.Guess.allCases {
            collectDistances(guess)
            var bits = 0
            for index in WholeRollup.columns(isFlat: false) {
                collectDistances(of: index)
                bits += integers.estimatedBits(column)
            }
            if bits < fewestBits { (best, fewestBits) = (guess, bits) }
        }
        return best
    }

    private mutating func collectDistances(_ guess: WholeRollup.Guess) {
        distances.removeAll(keepingCapacity: true)
        var before = WholeRollup.Before()
        for (whole, rollup) in zip(wholes, numbered) {
            distances.append(whole.distance(rollup.count, after: before, guess))
            before = WholeRollup.Before(whole, rollup.count)
        }
    }

    private mutating func collectDistances(of index: Int) {
        column.removeAll(keepingCapacity: true)
        column.append(distances.count) { [distances] in distances[$0][index] }
    }
}

// MARK: - Bits

extension RollupEncoder {
    private mutating func writeFlatBits(to bytes: inout [UInt8]) {
        numberColumn.write(numbers, &integers, to: &bytes)
        write(numbered, to: &bytes) { $0.sum.steps(from: $0.first * Double($0.count)) }
    }

    private mutating func writeBits(to bytes: inout [UInt8]) {
        writeNumbers(of: numbered, to: &bytes) { $0.first.bitPattern }
        writeNumbers(of: numbered, to: &bytes) { $0.last.bitPattern }
        write(numbered, to: &bytes) { Int64($0.end(of: $0.min) + 3 * $0.end(of: $0.max)) }
        writeNumbers(of: numbered.filter { $0.end(of: $0.min) == 0 }, to: &bytes) { $0.min.bitPattern }
        writeNumbers(of: numbered.filter { $0.end(of: $0.max) == 0 }, to: &bytes) { $0.max.bitPattern }
        writeNumbers(of: numbered, to: &bytes) { $0.sum.bitPattern ^ $0.sumOfEnds.bitPattern }
    }

    private mutating func writeNumbers(of rollups: [Rollup], to bytes: inout [UInt8], _ bits: (Rollup) -> UInt64) {
        guard !rollups.isEmpty else { return }
        numbers.removeAll(keepingCapacity: true)
        for rollup in rollups { numbers.append(bits(rollup)) }
        numberColumn.write(numbers, &integers, to: &bytes)
    }
}

extension Rollup {
    /// Which of the ends a number is: 0 neither, 1 the first, 2 the last.
    fileprivate func end(of number: Double) -> Int {
        if number.bitPattern == first.bitPattern { return 1 }
        return number.bitPattern == last.bitPattern ? 2 : 0
    }
}
