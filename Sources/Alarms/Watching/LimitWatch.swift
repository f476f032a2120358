/// Limits on one series, as the thread that reads the series sees them: by far the most rules are of this kind. Small, and
/// nothing in it is counted: a value within the quiet range costs two comparisons.
struct LimitWatch {
    let number: Int32
    let whenBad: AlarmRule.WhenBad
    let lowest: UInt8
    private let limits: LimitNumbers
    /// What was told last, and whether old readings led to it.
    private(set) var level: UInt8
    private(set) var isLate: Bool
    /// Between these, both left out, a value changes nothing.
    private var quiet: (low: Double, high: Double)

    init(number: Int32, whenBad: AlarmRule.WhenBad, lowest: UInt8, limits: LimitNumbers, level: UInt8, isLate: Bool) {
        self.number = number
        self.whenBad = whenBad
        self.lowest = lowest
        self.limits = limits
        self.level = level
        self.isLate = isLate
        quiet = limits.quiet(at: level)
    }

    @inline(__always)
    func isQuiet(_ value: Double) -> Bool { value > quiet.low && value < quiet.high && !isLate }

    /// Of a value that may change something.
    func level(of value: Double) -> UInt8 { limits.level(of: value, current: level) }

    /// Of a reading without a good value; nil: it says nothing.
    var levelOfBad: UInt8? { whenBad.level(current: level, lowest: lowest) }

    mutating func tell(_ level: UInt8, isLate: Bool) {
        self.level = level
        self.isLate = isLate
        quiet = limits.quiet(at: level)
    }
}

extension AlarmRule.WhenBad {
    /// Nil: it stays as it was.
    func level(current: UInt8, lowest: UInt8) -> UInt8? {
        switch self {
        case .hold: nil
        case .alarm: max(current, lowest)
        case .clear: 0
        }
    }
}
