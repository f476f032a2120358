import Readings
import TestSupport

/// Times and values of the shapes that one series can have, each combined with each.
enum TimeShape: CaseIterable {
    case regular, jitter, drift, holes, phases, wholeSeconds, irregular, bursts, farApart, extremes

    /// Strictly ascending microseconds.
    func times(_ count: Int, _ generator: inout SeededGenerator) -> [Int64] {
        let times = (0..<count).map { time($0, &generator) }
        return Array(Set(times).sorted().prefix(count))
    }

    private func time(_ row: Int, _ generator: inout SeededGenerator) -> Int64 {
        let start: Int64 = 1_700_000_000_000_000
        let second = start + Int64(row) * 1_000_000
        return switch self {
        case .regular: second + 123_456
        case .jitter: second + Int64.random(in: -9...9, using: &generator) * 1000
        case .drift: start + Int64(Double(row) * 1_000_040) + Int64.random(in: -900...900, using: &generator)
        case .holes: second + (row % 50 == 7 ? 3_000_000 : 0) + Int64(row / 70) * 60_000_000
        case .phases: second + Int64(row / 40) * 333_000 + Int64.random(in: 0...3, using: &generator) * 1000
        case .wholeSeconds: start + Int64(row * row) * 1_000_000
        case .irregular: start + Int64.random(in: 0..<86_400_000_000, using: &generator)
        case .bursts: start + Int64(row / 8) * 3_600_000_000 + Int64(row % 8)
        case .farApart: Int64(row - 50) * 4_000_000_000_000_000
        case .extremes: row % 2 == 0 ? Int64.min + Int64(row) : Int64.max - Int64(row * row)
        }
    }
}

enum ValueShape: CaseIterable {
    case constant, ramp, states, steps, noisyDecimals, manyDecimals, decimalsAndSpecials, largeIntegers, floats
    case doubles, constantDouble, anyBits, texts, sameText, mixed, absent

    func value(_ row: Int, _ generator: inout SeededGenerator) -> Value {
        func random(_ range: ClosedRange<Double>) -> Double { .random(in: range, using: &generator) }
        return switch self {
        case .constant: .number(21.5)
        case .ramp: .number(Double(row * 3 - 100))
        case .states: .number(Double(row / 61 % 4))
        case .steps: .number(Double(200 + row / 7 % 5) / 10)
        case .noisyDecimals: .number((random(900...1100) * 100).rounded() / 100)
        case .manyDecimals: .number((random(-5...5) * 1_000_000).rounded() / 1_000_000)
        case .decimalsAndSpecials: .number(row % 40 == 3 ? special(&generator) : Double(row % 9) / 10)
        case .largeIntegers: .number(random(-0x1p62...0x1p62).rounded())
        case .floats: .number(Double(Float(random(-1...1))))
        case .doubles: .number(random(-1...1))
        case .constantDouble: .number(.pi)
        case .anyBits: .number(row % 3 == 0 ? special(&generator) : Double(bitPattern: generator.next()))
        case .texts: .text(["OPEN", "CLOSED", "FAULT \(row / 100)"][row / 20 % 3])
        case .sameText: .text("caf\u{E9}")
        case .mixed: mixed(row, &generator)
        case .absent: .absent
        }
    }

    private func special(_ generator: inout SeededGenerator) -> Double {
        let known: [Double] = [
            -0.0, .nan, -.nan, .signalingNaN, Double(nan: 0x123, signaling: true), .infinity, -.infinity,
            .leastNonzeroMagnitude, .greatestFiniteMagnitude, 0x1p51, -0x1p51, 1e-7, 0.1 + 0.2,
        ]
        return known.randomElement(using: &generator)!
    }

    private func mixed(_ row: Int, _ generator: inout SeededGenerator) -> Value {
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: .absent
        case 1: .text(["", "\0", "cafe\u{301}", String(repeating: "x", count: 4096)][row % 4])
        default: .number(Double(row) / 8)
        }
    }
}

enum QualityShape: CaseIterable {
    case good, changing

    func quality(_ generator: inout SeededGenerator) -> Quality {
        self == .good ? .good : Quality.allCases.randomElement(using: &generator)!
    }
}

extension ReadingBatch {
    /// Readings of one series in order of time.
    static func chunk(
        _ count: Int, _ times: TimeShape, _ values: ValueShape, _ qualities: QualityShape, seed: UInt64
    ) -> ReadingBatch {
        var generator = SeededGenerator(seed: seed)
        var batch = ReadingBatch()
        for (row, time) in times.times(count, &generator).enumerated() {
            batch.append(
                Reading(
                    series: SeriesID(7), time: Timestamp(microseconds: time), value: values.value(row, &generator),
                    quality: qualities.quality(&generator)))
        }
        return batch
    }

    var rows: [Reading] { (0..<count).map { self[$0] } }
}
