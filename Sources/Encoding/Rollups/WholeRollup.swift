/// The numbers of a rollup as whole ones. What is stored of it is its distance to what can be guessed from the rollup
/// before and from its own other properties. Nothing is checked for overflow: what wraps round there wraps back.
struct WholeRollup {
    /// From what the others are guessed.
    enum Guess: UInt8, CaseIterable {
        /// The first number from the last one before, the last from the first, and the sum from both: of values that
        /// wander.
        case ends = 0
        /// The same, and the sum from the smallest and the largest.
        case extremes = 1
        /// The same, and the sum from all four.
        case all = 2
        /// The sum from the mean before, and all others from the mean: of values that jump about it.
        case mean = 3
    }

    /// Those columns that are stored, in their order.
    static func columns(isFlat: Bool) -> [Int] { isFlat ? [0, 4] : [0, 1, 2, 3, 4] }

    private var columns = InlineArray<5, Int64>(repeating: 0)

    subscript(column: Int) -> Int64 {
        get { columns[column] }
        set { columns[column] = newValue }
    }

    var first: Int64 {
        get { self[0] }
        set { self[0] = newValue }
    }
    var last: Int64 {
        get { self[1] }
        set { self[1] = newValue }
    }
    var min: Int64 {
        get { self[2] }
        set { self[2] = newValue }
    }
    var max: Int64 {
        get { self[3] }
        set { self[3] = newValue }
    }
    var sum: Int64 {
        get { self[4] }
        set { self[4] = newValue }
    }

    func distance(_ count: Int, after before: Before, _ guess: Guess) -> WholeRollup {
        var distance = self
        if guess == .mean {
            let mean = mean(count)
            distance.first = first &- mean
            distance.last = last &- mean
            distance.min = mean &- min
            distance.max = max &- mean
            distance.sum = sum &- before.mean &* Int64(count)
        } else {
            distance.first = first &- before.last
            distance.last = last &- first
            distance.min = Swift.min(first, last) &- min
            distance.max = max &- Swift.max(first, last)
            distance.sum = sum &- guessedSum(count, guess)
        }
        return distance
    }

    /// Turns a distance back into the rollup.
    mutating func restore(_ count: Int, after before: Before, _ guess: Guess) {
        if guess == .mean {
            sum = sum &+ before.mean &* Int64(count)
            let mean = mean(count)
            first = first &+ mean
            last = last &+ mean
            min = mean &- min
            max = max &+ mean
        } else {
            first = first &+ before.last
            last = last &+ first
            min = Swift.min(first, last) &- min
            max = max &+ Swift.max(first, last)
            sum = sum &+ guessedSum(count, guess)
        }
    }

    private func guessedSum(_ count: Int, _ guess: Guess) -> Int64 {
        let ends = first &+ last
        let extremes = min &+ max
        return switch guess {
        case .ends: Int64(count) &* ends >> 1
        case .extremes: Int64(count) &* extremes >> 1
        case .all, .mean: Int64(count) &* (ends &+ extremes) >> 2
        }
    }

    private func mean(_ count: Int) -> Int64 { count > 0 ? (sum &+ Int64(count / 2)) / Int64(count) : 0 }

    /// What the rollup before leaves to guess from.
    struct Before {
        fileprivate var last: Int64 = 0
        fileprivate var mean: Int64 = 0

        init() {}

        init(_ rollup: WholeRollup, _ count: Int) {
            last = rollup.last
            mean = rollup.mean(count)
        }
    }
}
