import Alarms
import Glibc
import Readings
import TestSupport

func logarithm(_ number: Double) -> Double { log(number) }

struct Sample {
    /// Microseconds.
    var time: Int64
    var value: Double

    var hour: HourOfDay { HourOfDay(at: time, offset: 3600) }
}

/// What series look like, and some of what they should not.
enum Shape: String, CaseIterable, Sendable {
    case steps, sine, walk, constant, counter, offset, bursts, repeats, gaps, daily

    func samples(_ count: Int, seed: UInt64 = 7) -> [Sample] {
        var generator = SeededGenerator(seed: seed)
        var maker = Maker(shape: self, generator: generator)
        generator = SeededGenerator(seed: seed + 1)
        var time: Int64 = 1_718_000_000_000_000
        return (0..<count).map { number in
            time += pause(number, &generator)
            return Sample(time: time, value: maker.next(number, at: time))
        }
    }

    /// Microseconds to the next one.
    private func pause(_ number: Int, _ generator: inout SeededGenerator) -> Int64 {
        switch self {
        case .gaps:
            let isGap = Int.random(in: 0..<500, using: &generator) == 0
            return isGap ? Int64.random(in: 0...200_000, using: &generator) * 1_000_000 : 20_000_000
        case .repeats:
            // Some at the same time, some late.
            return [0, 0, 1_000_000, 60_000_000, -5_000_000].randomElement(using: &generator)!
        case .daily: return 300_000_000
        case .sine, .steps: return 60_000_000 + Int64.random(in: -900_000...900_000, using: &generator)
        default: return 10_000_000
        }
    }
}

private struct Maker {
    let shape: Shape
    var generator: SeededGenerator
    var level = 20.0
    var left = 0

    init(shape: Shape, generator: SeededGenerator) {
        self.shape = shape
        self.generator = generator
    }

    private mutating func uniform(_ range: ClosedRange<Double> = -1...1) -> Double {
        Double.random(in: range, using: &generator)
    }

    private mutating func noise() -> Double { uniform() + uniform() + uniform() }

    /// True once in so many, on average.
    private mutating func once(in count: Int) -> Bool { Int.random(in: 0..<count, using: &generator) == 0 }

    mutating func next(_ number: Int, at time: Int64) -> Double {
        switch shape {
        case .steps:
            if once(in: 800) { level = uniform(-100...100) }
            return level + 0.1 * noise()
        case .sine: return 50 + 10 * sin(Double(number) / 70) + noise()
        case .walk:
            level += noise()
            return level
        case .constant:
            if left == 0 { (left, level) = (Int.random(in: 1...4000, using: &generator), (10 * uniform()).rounded()) }
            left -= 1
            return left % 3000 < 200 ? level + (2 * noise()).rounded() / 2 : level
        case .counter:
            level = once(in: 3000) ? 0 : level + uniform(0...5).rounded()
            return level
        case .offset: return 1e12 + noise()
        case .bursts:
            if left == 0, once(in: 2000) { left = 60 }
            if left > 0 { left -= 1 }
            return left > 0 ? 5 + 200 * uniform() : 5 + 0.01 * noise()
        case .repeats:
            if once(in: 6) { level = (5 * uniform()).rounded() / 4 }
            return level
        case .gaps: return 3 + sin(Double(number) / 300) + 0.2 * noise() + (once(in: 4000) ? 5 : 0)
        case .daily:
            let hours = Double(time / 1_000_000 % 86_400) / 3600
            return 15 + 6 * sin(hours / 24 * 2 * .pi) + 0.3 * noise() + (number % 9000 > 8950 ? 4 : 0)
        }
    }
}

extension AnomalyDetector {
    mutating func take(_ sample: Sample) -> AnomalyVerdict { take(sample.value, at: sample.time, hour: sample.hour) }

    mutating func take(_ samples: some Sequence<Sample>) -> [AnomalyVerdict] { samples.map { take($0) } }
}
