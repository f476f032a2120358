import Readings

/// What stands beside a chunk, so that most questions need not open it.
public struct ChunkSummary: Sendable, Equatable {
    /// The number values that can be reckoned with: the finite ones of good and uncertain readings. One NaN or
    /// infinity would make a sum of thousands worthless. The sum is taken in the order of time, each addition
    /// rounded; it may be infinite, but it is never NaN.
    public struct Numbers: Sendable, Equatable {
        public var count: Int
        public var min: Double
        public var max: Double
        public var sum: Double
        public var first: Double
        public var last: Double

        public init(count: Int, min: Double, max: Double, sum: Double, first: Double, last: Double) {
            self.count = count
            self.min = min
            self.max = max
            self.sum = sum
            self.first = first
            self.last = last
        }
    }

    /// All readings, whatever their kind and quality.
    public var count: Int
    /// Of the first and the last of all readings, in microseconds since 1970; 0 in a chunk of none.
    public var start: Int64
    public var end: Int64
    /// Nil where there are none: only texts, failed reads, bad values.
    public var numbers: Numbers?

    public init(count: Int, start: Int64, end: Int64, numbers: Numbers?) {
        self.count = count
        self.start = start
        self.end = end
        self.numbers = numbers
    }
}

extension ChunkSummary {
    init(_ batch: ReadingBatch) {
        self.init(count: batch.count, start: batch.times.first ?? 0, end: batch.times.last ?? 0, numbers: nil)
        for row in batch.bits.indices where batch.kinds[row] == .number && batch.qualities[row].isTrusted {
            let number = Double(bitPattern: batch.bits[row])
            guard number.isFinite else { continue }
            if numbers == nil { numbers = Numbers(first: number) } else { numbers?.add(number) }
        }
    }
}

extension ChunkSummary.Numbers {
    fileprivate init(first number: Double) {
        self.init(count: 1, min: number, max: number, sum: number, first: number, last: number)
    }

    fileprivate mutating func add(_ number: Double) {
        count += 1
        if number < min { min = number }
        if number > max { max = number }
        sum += number
        last = number
    }
}

extension Quality {
    fileprivate var isTrusted: Bool { self == .good || self == .uncertain }
}
