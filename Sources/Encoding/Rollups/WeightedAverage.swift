/// The average of numbers that each stand for a part of a whole. It is kept by its distance to one of them, so that
/// large numbers do not hide small differences, and in halves, so that no difference is infinite.
struct WeightedAverage {
    private let originHalf: Double
    private var area = 0.0

    /// Starts with a number that has no weight yet.
    init(of number: Double) { originHalf = number * 0.5 }

    @inline(__always)
    mutating func add(_ number: Double, part: Double) { area += (number * 0.5 - originHalf) * part }

    /// As the nearest of 4096 steps from `min` to `max`, where all parts come to `parts`.
    func step(between min: Double, _ max: Double, parts: Double) -> Int {
        Rollup.step(of: (area / parts + (originHalf - min * 0.5)) / (max * 0.5 - min * 0.5))
    }
}

extension Rollup {
    /// The step next to a fraction; the first where there is none, as between equal numbers.
    static func step(of fraction: Double) -> Int {
        guard fraction > 0 else { return 0 }
        return fraction < 1 ? Int((fraction * Double(steps)).rounded()) : steps
    }
}
