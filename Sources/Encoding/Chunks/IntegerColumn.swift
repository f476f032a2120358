/// A column of whole numbers: a form (a byte), then
///
///     constant: the zigzag number
///     packed: see `BitPacking`
///     planes: how many (a byte), the zigzag mean, then the zigzag distances to it as that many planes of bytes, in
///         one byte block: the higher planes are nearly empty, or the column is packed
///     runs: how many, then how often each number stands there and the numbers, as integer columns without runs
///
/// Where the form says so, the column holds the first number, zigzag, and then in its place the differences of
/// neighbours. The reader knows how many numbers there are; of none nothing is written.
enum IntegerForm: UInt8 {
    case constant = 0
    case packed = 1
    case planes = 2
    case runs = 3

    static let differences: UInt8 = 0x10
}

extension IntegerForm {
    /// What the first byte of a column says, in words.
    static func encoding(_ head: UInt8) -> String {
        let form = IntegerForm(rawValue: head & ~differences).map { "\($0)" } ?? "unknown"
        return (head & differences == 0 ? "" : "differences, ") + form
    }
}

/// Owned by one encoder; it keeps its memory.
package struct IntegerColumnWriter: ~Copyable {
    /// With numbers that repeat so often on average, runs are smaller in every case that matters.
    private static let surelyRuns = 32
    /// With fewer repetitions they never are.
    private static let maybeRuns = 4

    /// Of the whole chunk: one compressor is enough, and large.
    var blocks = ByteBlockWriter()
    private var differences: [Int64] = []
    private var runs: [Int64] = []
    private var runLengths: [Int64] = []
    private var words: [UInt64] = []
    private var planes: [UInt8] = []
    private var planesForm: [UInt8] = []

    package init() {}

    mutating func write(_ values: [Int64], to bytes: inout [UInt8]) {
        let runCount = values.span.runCount
        guard runCount > 1, runCount * Self.maybeRuns <= values.count else { return writeEach(values, to: &bytes) }
        let start = bytes.count
        writeRuns(values, to: &bytes)
        guard runCount * Self.surelyRuns > values.count else { return }
        var eachForm: [UInt8] = []
        writeEach(values, to: &eachForm)
        if eachForm.count < bytes.count - start { bytes.replace(from: start, by: eachForm) }
    }

    /// About what a column takes, to tell the better of two ways.
    mutating func estimatedBits(_ values: [Int64]) -> Int {
        differences.replace(byDifferencesOf: values)
        return min(values.span.estimatedBits, differences.span.estimatedBits)
    }

    private mutating func writeRuns(_ values: [Int64], to bytes: inout [UInt8]) {
        runs.removeAll(keepingCapacity: true)
        runLengths.removeAll(keepingCapacity: true)
        var start = 0
        for index in values.indices where index + 1 == values.count || values[index + 1] != values[index] {
            runs.append(values[index])
            runLengths.append(Int64(index + 1 - start))
            start = index + 1
        }
        bytes.append(IntegerForm.runs.rawValue)
        bytes.append(varint: UInt64(runs.count))
        writeEach(runLengths, to: &bytes)
        writeEach(runs, to: &bytes)
    }

    /// Without runs.
    private mutating func writeEach(_ values: [Int64], to bytes: inout [UInt8]) {
        guard let first = values.first else { return }
        differences.replace(byDifferencesOf: values)
        if values.span.estimatedBits <= differences.span.estimatedBits {
            writeSmallest(values, after: nil, to: &bytes)
        } else {
            writeSmallest(differences, after: first, to: &bytes)
        }
    }

    /// `first` stands before differences.
    private mutating func writeSmallest(_ values: [Int64], after first: Int64?, to bytes: inout [UInt8]) {
        if values.span.runCount == 1 {
            bytes.append(.constant, after: first)
            bytes.append(varint: ZigZag.encode(values[0]))
            return
        }
        let start = bytes.count
        bytes.append(.packed, after: first)
        bytes.append(packed: values)
        writePlanes(values, after: first)
        if ByteBlock.pays(planesForm.count, over: bytes.count - start) { bytes.replace(from: start, by: planesForm) }
    }

    private mutating func writePlanes(_ values: [Int64], after first: Int64?) {
        let mean = values.span.mean
        words.removeAll(keepingCapacity: true)
        let numbers = values.span
        words.append(numbers.count) { ZigZag.encode(numbers[unchecked: $0] &- mean) }
        let used = words.reduce(0, |)
        let count = (64 - used.leadingZeroBitCount + 7) / 8
        planesForm.removeAll(keepingCapacity: true)
        planesForm.append(.planes, after: first)
        planesForm.append(UInt8(count))
        planesForm.append(varint: ZigZag.encode(mean))
        planes.removeAll(keepingCapacity: true)
        for plane in 0..<count { planes.append(plane: plane, of: words) }
        blocks.write(planes, to: &planesForm)
    }
}

extension [UInt8] {
    fileprivate mutating func append(_ form: IntegerForm, after first: Int64?) {
        append(form.rawValue | (first == nil ? 0 : IntegerForm.differences))
        if let first { append(varint: ZigZag.encode(first)) }
    }

    mutating func replace(from start: Int, by other: [UInt8]) {
        removeLast(count - start)
        append(contentsOf: other)
    }
}

extension [Int64] {
    mutating func replace(byDifferencesOf values: [Int64]) {
        removeAll(keepingCapacity: true)
        let values = values.span
        append(Swift.max(0, values.count - 1)) { values[unchecked: $0 + 1] &- values[unchecked: $0] }
    }
}

extension Span<Int64> {
    /// How often the number changes, plus one.
    fileprivate var runCount: Int {
        guard count > 1 else { return 1 }
        var changes: UInt64 = 0
        for index in 1..<count {
            let change = UInt64(bitPattern: self[unchecked: index] ^ self[unchecked: index - 1])
            // The highest bit of a number or of its negative, unless it is 0: a branch would often be guessed wrong.
            changes &+= (change | (0 &- change)) >> 63
        }
        return Int(changes) + 1
    }

    /// About; any number would do for what it is used for.
    var mean: Int64 {
        guard !isEmpty else { return 0 }
        var sum: Int64 = 0
        let first = self[0]
        for index in indices { sum &+= self[unchecked: index] &- first }
        return first &+ sum / Int64(count)
    }

    /// About what the numbers take when each is stored by its distance to the mean, to tell the better of two ways.
    /// Of many, some tell as much as all; the odd step does not fall in with cycles of 2, 4 or 8.
    var estimatedBits: Int {
        let mean = mean
        let step = count / 256 | 1
        var bits = 0
        for index in stride(from: 0, to: count, by: step) {
            bits += 64 - ZigZag.encode(self[index] &- mean).leadingZeroBitCount
        }
        return bits * step
    }
}

/// Owned by one decoder; it keeps its memory.
package struct IntegerColumnReader: ~Copyable {
    /// Of the whole chunk: one decompressor is enough, and large.
    var blocks = ByteBlockReader()
    private var runs: [Int64] = []
    private var runLengths: [Int64] = []
    private var words: [UInt64] = []
    private var planes: [UInt8] = []

    package init() {}

    /// Puts `count` numbers in place of what `values` held.
    mutating func read(
        _ bytes: Span<UInt8>, at position: inout Int, count: Int, into values: inout [Int64]
    ) throws(DamagedBytes) {
        guard count > 0, position < bytes.count, bytes[position] == IntegerForm.runs.rawValue else {
            return try readEach(bytes, at: &position, count: count, into: &values)
        }
        position += 1
        let runCount = try bytes.varint(at: &position, upTo: count)
        // Taken out, since reading changes all that this holds.
        var lengths: [Int64] = []
        swap(&lengths, &runLengths)
        var numbers: [Int64] = []
        swap(&numbers, &runs)
        try readEach(bytes, at: &position, count: runCount, into: &lengths)
        try readEach(bytes, at: &position, count: runCount, into: &numbers)
        try Self.repeatEach(numbers, lengths, count: count, into: &values)
        swap(&lengths, &runLengths)
        swap(&numbers, &runs)
    }

    private static func repeatEach(
        _ numbers: [Int64], _ lengths: [Int64], count: Int, into values: inout [Int64]
    ) throws(DamagedBytes) {
        var left = Int64(count)
        for length in lengths {
            guard length > 0, length <= left else { throw DamagedBytes("a number that stands there \(length) times") }
            left -= length
        }
        guard left == 0 else { throw DamagedBytes("runs of fewer numbers than there are") }
        values.removeAll(keepingCapacity: true)
        values.append(runsOf: numbers.span, lengths.span, count: count)
    }

    /// Without runs.
    private mutating func readEach(
        _ bytes: Span<UInt8>, at position: inout Int, count: Int, into values: inout [Int64]
    ) throws(DamagedBytes) {
        values.removeAll(keepingCapacity: true)
        guard count > 0 else { return }
        values.reserveCapacity(count)
        let head = try bytes.byte(at: &position)
        let hasDifferences = head & IntegerForm.differences != 0
        if hasDifferences { values.append(ZigZag.decode(try bytes.varint(at: &position))) }
        let stored = count - values.count
        switch IntegerForm(rawValue: head & ~IntegerForm.differences) {
        case .constant:
            let value = stored > 0 ? ZigZag.decode(try bytes.varint(at: &position)) : 0
            values.append(repeating: value, count: stored)
        case .packed: try bytes.packed(stored, at: &position, appendingTo: &values)
        case .planes: try readPlanes(bytes, at: &position, count: stored, appendingTo: &values)
        case .runs, nil: throw DamagedBytes("an unknown form of integers")
        }
        if hasDifferences { values.addUp() }
    }

    private mutating func readPlanes(
        _ bytes: Span<UInt8>, at position: inout Int, count: Int, appendingTo values: inout [Int64]
    ) throws(DamagedBytes) {
        let planeCount = Int(try bytes.byte(at: &position))
        guard (1...BytePlanes.all).contains(planeCount) else { throw DamagedBytes("numbers of \(planeCount) bytes") }
        let mean = ZigZag.decode(try bytes.varint(at: &position))
        try blocks.read(bytes, at: &position, limit: count * planeCount, into: &planes)
        guard planes.count == count * planeCount else { throw DamagedBytes("planes of fewer numbers than there are") }
        appendPlanes(planeCount, of: count, mean, to: &values)
    }

    private mutating func appendPlanes(_ planeCount: Int, of count: Int, _ mean: Int64, to values: inout [Int64]) {
        let planes = planes  // a span borrows from a variable, not from a property beside one that is changed
        switch planeCount {
        case 1:
            let lows = planes.span
            values.append(count) { ZigZag.decode(UInt64(lows[unchecked: $0])) &+ mean }
        case 2:
            let (lows, highs) = (planes.span.extracting(..<count), planes.span.extracting(count...))
            values.append(count) {
                ZigZag.decode(UInt64(lows[unchecked: $0]) | UInt64(highs[unchecked: $0]) << 8) &+ mean
            }
        default:
            words.replaceByZeros(count)
            for plane in 0..<planeCount {
                words.add(plane: plane, planes.span.extracting(plane * count..<(plane + 1) * count))
            }
            let words = words
            values.append(count) { ZigZag.decode(words.span[unchecked: $0]) &+ mean }
        }
    }
}

extension [Int64] {
    /// Turns a first number and differences back into numbers.
    fileprivate mutating func addUp() {
        var sum: Int64 = 0
        var numbers = mutableSpan
        for index in numbers.indices {
            sum &+= numbers[unchecked: index]
            numbers[unchecked: index] = sum
        }
    }

    /// Each number as often as its length says, which come to `count`.
    fileprivate mutating func append(runsOf numbers: Span<Int64>, _ lengths: Span<Int64>, count: Int) {
        // Several at once: most runs are short, and to end each where it ends would take longer than to write on into
        // the next. There is room for what the last one writes on.
        let step = 8
        append(addingCapacity: count + step) { output in
            output.withUnsafeMutableBufferPointer { buffer, filled in
                for run in numbers.indices {
                    let end = filled + Int(lengths[run])
                    for start in stride(from: filled, to: end, by: step) {
                        for place in start..<start + step { buffer.initializeElement(at: place, to: numbers[run]) }
                    }
                    filled = end
                }
            }
        }
    }
}
