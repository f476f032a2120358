import Glibc

/// The values of a series.
struct BenchSignal {
    private static let day = 86_400_000.0

    private let kind: BenchKind
    private let interval: Double
    /// What the value lies about.
    private let base: Double
    /// How far it has wandered from there.
    private var drift = 0.0
    private var count: Int
    private var isRunning = true

    init(_ kind: BenchKind, interval: Double, _ random: inout BenchRandom) {
        self.kind = kind
        self.interval = interval
        base = random.uniform()
        count = Int(random.uniform() * 100_000)
    }

    mutating func next(at milliseconds: Int64, _ random: inout BenchRandom) -> Double {
        switch kind {
        case .temperature:
            wander(by: 0.02, &random)
            return (15 + base * 60 + drift).rounded(toDecimals: 10)
        case .pressure:
            wander(by: 0.01, &random)
            return (900 + base * 200 + drift + random.normal() * 0.05).rounded(toDecimals: 100)
        case .vibration: return shake(&random)
        case .floatVibration: return Double(Float(shake(&random)))
        case .counter:
            if changes(every: 600_000, &random) { isRunning.toggle() }
            if isRunning { count += Int(random.next() >> 62) }
            return Double(count)
        case .state:
            if changes(every: 1_200_000, &random) { count = Int(random.next() >> 32 % 5) }
            return Double(count % 5)
        case .power:
            let cycle = sin(Double(milliseconds) / Self.day * 2 * .pi)
            return (400 + base * 200 + cycle * 300 + random.normal()).rounded(toDecimals: 10)
        }
    }

    /// A walk that is drawn back to where it began.
    private mutating func wander(by step: Double, _ random: inout BenchRandom) {
        drift += random.normal() * step - drift * 0.0005
    }

    private func shake(_ random: inout BenchRandom) -> Double {
        (0.5 + base) * (random.uniform() + random.uniform() - 1)
    }

    private func changes(every milliseconds: Double, _ random: inout BenchRandom) -> Bool {
        random.happens(interval / milliseconds)
    }
}

extension Double {
    /// The double that a decimal with so many digits is read as.
    fileprivate func rounded(toDecimals power: Double) -> Double { (self * power).rounded() / power }
}
