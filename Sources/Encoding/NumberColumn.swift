/// How the numbers of one group are stored.
struct NumberForm {
    /// Whole numbers divided by ten to this; nil: the bits as they are.
    var exponent: Int?
    /// One number stands for all.
    var isConstant: Bool

    private static let raw: UInt8 = 7
    private static let constant: UInt8 = 8

    init(exponent: Int?, isConstant: Bool) {
        self.exponent = exponent
        self.isConstant = isConstant
    }

    init?(_ byte: UInt8) {
        let exponent = byte & 7
        guard byte < 16, exponent == Self.raw || exponent < ExactDecimal.powers.count else { return nil }
        self.init(exponent: exponent == Self.raw ? nil : Int(exponent), isConstant: byte & Self.constant != 0)
    }

    var byte: UInt8 { (exponent.map(UInt8.init) ?? Self.raw) | (isConstant ? Self.constant : 0) }

    /// How many numbers are stored for a group of `count`.
    func stored(of count: Int) -> Int { isConstant ? 1 : count }
}

/// The numbers of a batch in the form that is smallest for each group.
struct NumberColumn {
    /// One for each group that has numbers.
    private var forms: [NumberForm] = []
    private var decimals: [UInt64] = []
    private var raw: [UInt64] = []

    private mutating func removeAll() {
        forms.removeAll(keepingCapacity: true)
        decimals.removeAll(keepingCapacity: true)
        raw.removeAll(keepingCapacity: true)
    }
}

// MARK: - Encoding

extension NumberColumn {
    /// Takes the bits of all numbers, group after group.
    mutating func collect(_ numbers: [UInt64], of groups: [SeriesGroup]) {
        removeAll()
        var start = 0
        for group in groups where group.numbers > 0 {
            collectGroup(numbers, start..<start + group.numbers)
            start += group.numbers
        }
    }

    func write(to content: inout [UInt8]) {
        for form in forms { content.append(form.byte) }
        content.append(varints: decimals)
        content.append(planesOf: raw)
    }

    private mutating func collectGroup(_ numbers: [UInt64], _ range: Range<Int>) {
        let first = numbers[range.lowerBound]
        let isConstant = range.allSatisfy { numbers[$0] == first }
        let stored = isConstant ? range.prefix(1) : range
        let exponent = collectDecimals(numbers, stored)
        if exponent == nil { collectRaw(numbers, stored) }
        forms.append(NumberForm(exponent: exponent, isConstant: isConstant))
    }

    /// Adds the numbers as decimals where one exponent makes all of them exact, and tells which. Starting from none,
    /// every number that is not exact raises it, and all are collected anew.
    private mutating func collectDecimals(_ numbers: [UInt64], _ range: Range<Int>) -> Int? {
        let start = decimals.count
        var exponent = 0
        while let inexact = collectDecimals(numbers, range, power: ExactDecimal.powers[exponent]) {
            decimals.removeLast(decimals.count - start)
            guard let next = ExactDecimal.exponent(of: inexact, from: exponent + 1) else { return nil }
            exponent = next
        }
        return exponent
    }

    /// Adds the numbers up to the first that is not exact with this power, which is returned.
    private mutating func collectDecimals(_ numbers: [UInt64], _ range: Range<Int>, power: Double) -> Double? {
        var inexact: Double?
        decimals.append(addingCapacity: range.count) { output in
            var previous: Int64 = 0
            for index in range {
                let number = Double(bitPattern: numbers[index])
                guard let whole = ExactDecimal.wholeNumber(number, times: power) else {
                    inexact = number
                    return
                }
                output.append(ZigZag.encode(whole &- previous))
                previous = whole
            }
        }
        return inexact
    }

    private mutating func collectRaw(_ numbers: [UInt64], _ range: Range<Int>) {
        var previous: UInt64 = 0
        for index in range {
            raw.append(numbers[index] ^ previous)
            previous = numbers[index]
        }
    }
}

// MARK: - Decoding

extension NumberColumn {
    /// Reads as many decimals and raw numbers as the forms of the groups call for.
    mutating func read(
        _ content: Span<UInt8>, at position: inout Int, of groups: [SeriesGroup]
    ) throws(DamagedBytes) {
        removeAll()
        var decimalCount = 0
        var rawCount = 0
        for group in groups where group.numbers > 0 {
            guard let form = NumberForm(try content.byte(at: &position)) else {
                throw DamagedBytes("an unknown form of numbers")
            }
            forms.append(form)
            let stored = form.stored(of: group.numbers)
            if form.exponent == nil { rawCount += stored } else { decimalCount += stored }
        }
        try content.varints(decimalCount, at: &position, appendingTo: &decimals)
        try content.planes(of: rawCount, at: &position, into: &raw)
    }

    /// The bits of all numbers, group after group, in place of what `numbers` held.
    func restore(of groups: [SeriesGroup], into numbers: inout [UInt64]) {
        numbers.removeAll(keepingCapacity: true)
        numbers.append(addingCapacity: groups.reduce(0) { $0 + $1.numbers }) { output in
            var nextForm = 0
            var nextDecimal = 0
            var nextRaw = 0
            for group in groups where group.numbers > 0 {
                let form = forms[nextForm]
                nextForm += 1
                let stored = form.stored(of: group.numbers)
                if let exponent = form.exponent {
                    restoreDecimals(nextDecimal..<nextDecimal + stored, ExactDecimal.powers[exponent], &output)
                    nextDecimal += stored
                } else {
                    restoreRaw(nextRaw..<nextRaw + stored, &output)
                    nextRaw += stored
                }
                if form.isConstant { output.append(repeating: output[output.count - 1], count: group.numbers - 1) }
            }
        }
    }

    private func restoreDecimals(_ range: Range<Int>, _ power: Double, _ output: inout OutputSpan<UInt64>) {
        var whole: Int64 = 0
        for index in range {
            whole &+= ZigZag.decode(decimals[index])
            output.append((Double(whole) / power).bitPattern)
        }
    }

    private func restoreRaw(_ range: Range<Int>, _ output: inout OutputSpan<UInt64>) {
        var number: UInt64 = 0
        for index in range {
            number ^= raw[index]
            output.append(number)
        }
    }
}
