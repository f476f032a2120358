/// The line along which the values of a window run: the median of the slopes between any two of its parts, so that up to a
/// quarter of them may lie anywhere. There is none where the parts do not go one way more than chance would have them.
struct RobustTrend {
    struct Line {
        /// A nanosecond.
        var slope: Double
        fileprivate var moment: Double
        fileprivate var value: Double
        fileprivate var origin: Int64

        func value(at moment: Int64) -> Double { value + slope * (Double(moment - origin) - self.moment) }
    }

    private struct Part {
        var moment: Double
        var value: Double
    }

    private static let parts = 32
    /// Of fewer no line is made, nor where they reach less far back than half of the window.
    private static let fewest = 8
    /// How many standard deviations the parts have to go one way more often than the other.
    private static let certainty = 3.29

    private(set) var line: Line?
    private let over: Int64
    private let width: Int64
    /// The oldest first.
    private var done: [Part] = []
    /// Moments count from here: they are small then.
    private var origin: Int64?
    private var current: Int64 = .min
    private var moments = Moments()
    private var values = Moments()

    init(over: Int64) {
        self.over = over
        width = max(1, over / Int64(Self.parts))
        done.reserveCapacity(Self.parts + 1)
    }

    mutating func add(_ value: Double, at moment: Int64) {
        let origin = origin ?? moment
        self.origin = origin
        let part = (moment - origin) / width
        if part > current {
            finishPart()
            current = part
            forget(before: Double(moment - origin - over))
            line = fitted()
        }
        moments.add(Double(moment - origin))
        values.add(value)
    }

    private mutating func finishPart() {
        guard values.count > 0 else { return }
        done.append(Part(moment: moments.mean, value: values.mean))
        (moments, values) = (Moments(), Moments())
    }

    private mutating func forget(before moment: Double) {
        let old = done.prefix { $0.moment < moment }.count
        done.removeFirst(max(old, done.count - Self.parts))
    }

    private func fitted() -> Line? {
        guard let origin, done.count >= Self.fewest, done[done.count - 1].moment - done[0].moment >= Double(over) / 2
        else { return nil }
        let count = done.count * (done.count - 1) / 2
        return withUnsafeTemporaryAllocation(of: Double.self, capacity: count) { numbers in
            guard isOneWay(slopes(into: numbers)) else { return nil }
            let slope = Self.median(numbers)
            // Where half of the parts lie above the line, and half below.
            let last = done[done.count - 1].moment
            for (index, part) in done.enumerated() { numbers[index] = part.value - slope * (part.moment - last) }
            let value = Self.median(UnsafeMutableBufferPointer(rebasing: numbers[..<done.count]))
            return slope.isFinite && value.isFinite
                ? Line(slope: slope, moment: last, value: value, origin: origin) : nil
        }
    }

    /// How many of them rise more than fall.
    private func slopes(into numbers: UnsafeMutableBufferPointer<Double>) -> Int {
        var (next, excess) = (0, 0)
        for late in 1..<done.count {
            for early in 0..<late {
                let slope = (done[late].value - done[early].value) / (done[late].moment - done[early].moment)
                numbers.initializeElement(at: next, to: slope.isNaN ? 0 : slope)
                excess += slope > 0 ? 1 : slope < 0 ? -1 : 0
                next += 1
            }
        }
        return excess
    }

    /// By the test of Mann and Kendall.
    private func isOneWay(_ excess: Int) -> Bool {
        let count = Double(done.count)
        let spread = (count * (count - 1) * (2 * count + 5) / 18).squareRoot()
        return abs(Double(excess)) > Self.certainty * spread
    }

    /// Of numbers whose order is lost by it: the middle is looked for where it lies.
    private static func median(_ numbers: UnsafeMutableBufferPointer<Double>) -> Double {
        let middle = numbers.count / 2
        var (low, high) = (0, numbers.count - 1)
        while low < high {
            let pivot = numbers[(low + high) / 2]
            var (left, right) = (low, high)
            while left <= right {
                while numbers[left] < pivot { left += 1 }
                while numbers[right] > pivot { right -= 1 }
                guard left <= right else { break }
                numbers.swapAt(left, right)
                left += 1
                right -= 1
            }
            if middle <= right { high = right } else if middle >= left { low = left } else { break }
        }
        return numbers[middle]
    }
}
