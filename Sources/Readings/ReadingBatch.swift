/// Readings in the order of their arrival, held as columns: one array a property, nothing allocated per reading.
public struct ReadingBatch: Sendable {
    /// What a row's `bits` mean.
    @frozen
    public enum Kind: UInt8, Sendable {
        /// The bit pattern of a Double.
        case number = 0
        /// An index into `texts`.
        case text = 1
        /// Nothing: `bits` is 0.
        case absent = 2
    }

    public private(set) var series: [SeriesID] = []
    /// Microseconds since 1970.
    public private(set) var times: [Int64] = []
    public private(set) var bits: [UInt64] = []
    public private(set) var kinds: [Kind] = []
    public private(set) var qualities: [Quality] = []
    /// The distinct texts that rows of kind `text` point to.
    public private(set) var texts: [String] = []
    private var textIndices: [ExactText: Int] = [:]

    public init() {}

    public var count: Int { series.count }
    public var isEmpty: Bool { series.isEmpty }

    public mutating func reserveCapacity(_ capacity: Int) {
        series.reserveCapacity(capacity)
        times.reserveCapacity(capacity)
        bits.reserveCapacity(capacity)
        kinds.reserveCapacity(capacity)
        qualities.reserveCapacity(capacity)
    }

    /// Forgets the rows and keeps the memory.
    public mutating func removeAll() {
        series.removeAll(keepingCapacity: true)
        times.removeAll(keepingCapacity: true)
        bits.removeAll(keepingCapacity: true)
        kinds.removeAll(keepingCapacity: true)
        qualities.removeAll(keepingCapacity: true)
        if !texts.isEmpty {
            texts.removeAll(keepingCapacity: true)
            textIndices.removeAll(keepingCapacity: true)
        }
    }

    public mutating func append(_ reading: Reading) {
        switch reading.value {
        case .number(let number):
            append(reading.series, reading.time, .number, number.bitPattern, reading.quality)
        case .text(let text):
            append(reading.series, reading.time, .text, UInt64(intern(text)), reading.quality)
        case .absent:
            append(reading.series, reading.time, .absent, 0, reading.quality)
        }
    }

    public mutating func append(contentsOf other: ReadingBatch) {
        series.append(contentsOf: other.series)
        times.append(contentsOf: other.times)
        kinds.append(contentsOf: other.kinds)
        qualities.append(contentsOf: other.qualities)
        guard !other.texts.isEmpty else {
            bits.append(contentsOf: other.bits)
            return
        }
        let renumbered = other.texts.map { UInt64(intern($0)) }
        for row in other.bits.indices {
            bits.append(other.kinds[row] == .text ? renumbered[Int(other.bits[row])] : other.bits[row])
        }
    }

    /// Some rows of another batch.
    public mutating func append(_ rows: Range<Int>, of other: borrowing ReadingBatch) {
        series.append(contentsOf: other.series[rows])
        times.append(contentsOf: other.times[rows])
        kinds.append(contentsOf: other.kinds[rows])
        qualities.append(contentsOf: other.qualities[rows])
        guard !other.texts.isEmpty else {
            bits.append(contentsOf: other.bits[rows])
            return
        }
        for row in rows {
            let isText = other.kinds[row] == .text
            bits.append(isText ? UInt64(intern(other.texts[Int(other.bits[row])])) : other.bits[row])
        }
    }

    public subscript(row: Int) -> Reading {
        Reading(
            series: series[row], time: Timestamp(microseconds: times[row]), value: value(at: row),
            quality: qualities[row])
    }

    public func value(at row: Int) -> Value {
        switch kinds[row] {
        case .number: .number(Double(bitPattern: bits[row]))
        case .text: .text(texts[Int(bits[row])])
        case .absent: .absent
        }
    }

    private mutating func append(
        _ id: SeriesID, _ time: Timestamp, _ kind: Kind, _ pattern: UInt64, _ quality: Quality
    ) {
        series.append(id)
        times.append(time.microseconds)
        bits.append(pattern)
        kinds.append(kind)
        qualities.append(quality)
    }

    private mutating func intern(_ text: String) -> Int {
        if let index = textIndices[ExactText(text)] { return index }
        texts.append(text)
        textIndices[ExactText(text)] = texts.count - 1
        return texts.count - 1
    }
}

// MARK: - Columns for a codec

extension ReadingBatch {
    /// What a batch is made of, open to be filled by a decoder.
    public struct Columns: Sendable {
        public var series: [SeriesID] = []
        public var times: [Int64] = []
        public var bits: [UInt64] = []
        public var kinds: [Kind] = []
        public var qualities: [Quality] = []
        public var texts: [String] = []

        public init() {}

        /// Whether all rows are of kind number. To look at all of them without a branch is fast.
        public var areNumbers: Bool { kinds.reduce(0) { $0 | $1.rawValue } == Kind.number.rawValue }

        fileprivate var kindsFitBits: Bool {
            kinds.indices.allSatisfy { row in
                switch kinds[row] {
                case .number: true
                case .text: bits[row] < UInt64(texts.count)
                case .absent: bits[row] == 0
                }
            }
        }
    }

    /// Takes the columns as they are; nil where they contradict each other: lengths that differ, a text that is
    /// not there or stands there twice, an absent value with bits.
    public init?(_ columns: consuming Columns) {
        let count = columns.series.count
        guard columns.times.count == count, columns.bits.count == count, columns.kinds.count == count,
            columns.qualities.count == count
        else { return nil }
        guard columns.areNumbers || columns.kindsFitBits else { return nil }
        for (index, text) in columns.texts.enumerated() {
            guard textIndices.updateValue(index, forKey: ExactText(text)) == nil else { return nil }
        }
        series = columns.series
        times = columns.times
        bits = columns.bits
        kinds = columns.kinds
        qualities = columns.qualities
        texts = columns.texts
    }

    /// Forgets the rows and gives their memory away, empty, to be filled anew.
    public mutating func takeColumns() -> Columns {
        removeAll()
        var columns = Columns()
        swap(&series, &columns.series)
        swap(&times, &columns.times)
        swap(&bits, &columns.bits)
        swap(&kinds, &columns.kinds)
        swap(&qualities, &columns.qualities)
        swap(&texts, &columns.texts)
        return columns
    }
}
