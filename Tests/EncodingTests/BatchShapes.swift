import Readings
import TestSupport

/// Batches of the shapes that a gateway meets, and of those that it should never meet.
enum BatchShape: CaseIterable {
    case empty, oneRow, mixedFleet, oneRowOfEachOfManySeries, groupedAlready, oneLongSeries, extremes, textsAndGaps

    func batch(seed: UInt64) -> ReadingBatch {
        var generator = SeededGenerator(seed: seed)
        var batch = ReadingBatch()
        for reading in readings(&generator) { batch.append(reading) }
        return batch
    }

    private func readings(_ generator: inout SeededGenerator) -> [Reading] {
        switch self {
        case .empty: []
        case .oneRow: [Reading.extreme(&generator)]
        case .mixedFleet:
            (0..<2000).map { row in
                .plausible(series: UInt32.random(in: 0..<200, using: &generator), row: row, &generator)
            }
        case .oneRowOfEachOfManySeries:
            (0..<10_000).shuffled(using: &generator).map { .plausible(series: UInt32($0), row: $0, &generator) }
        case .groupedAlready:
            (0..<1000).map { .plausible(series: UInt32(50 - $0 / 20), row: $0, &generator) }
        case .oneLongSeries:
            (0..<3000).map { .plausible(series: 70_000, row: $0, &generator) }
        case .extremes:
            (0..<500).map { _ in .extreme(&generator) }
        case .textsAndGaps:
            (0..<500).map { _ in .textOrGap(&generator) }
        }
    }
}

extension Reading {
    static func plausible(series: UInt32, row: Int, _ generator: inout SeededGenerator) -> Reading {
        let time = 1_700_000_000_000_000 + Int64(row) * 100_000 + Int64.random(in: -3...3, using: &generator) * 1000
        return Reading(
            series: SeriesID(series), time: Timestamp(microseconds: time),
            value: plausibleValue(series: series, row: row, &generator),
            quality: row % 97 == 0 ? .uncertain : .good)
    }

    private static func plausibleValue(
        series: UInt32, row: Int, _ generator: inout SeededGenerator
    ) -> Value {
        switch series % 7 {
        case 0: .number((Double.random(in: -40...90, using: &generator) * 10).rounded() / 10)
        case 1: .number(Double(row))
        case 2: .number(Double(Float.random(in: -1...1, using: &generator)))
        case 3: .number(Double.random(in: 0...1, using: &generator))
        case 4: .number(42)
        case 5: .number((Double.random(in: 900...1100, using: &generator) * 100).rounded() / 100)
        default: .text(["OPEN", "CLOSED", "FAULT 12"][row / 100 % 3])
        }
    }

    static func extreme(_ generator: inout SeededGenerator) -> Reading {
        let series = [0, 1, 255, 256, 65_536, UInt32.max - 1, UInt32.max].randomElement(using: &generator)!
        let known: [Int64] = [.min, .min + 1, -1, 0, 1, 1000, 1_000_000, .max - 1, .max]
        let time = known.randomElement(using: &generator) ?? 0
        return Reading(
            series: SeriesID(series), time: Timestamp(microseconds: time), value: .number(extremeNumber(&generator)),
            quality: Quality.allCases.randomElement(using: &generator)!)
    }

    private static func extremeNumber(_ generator: inout SeededGenerator) -> Double {
        let known: [Double] = [
            0, -0.0, .nan, .signalingNaN, -.nan, Double(nan: 0x123, signaling: true), .infinity, -.infinity,
            .leastNonzeroMagnitude, -.leastNonzeroMagnitude, .leastNormalMagnitude, .greatestFiniteMagnitude,
            -.greatestFiniteMagnitude, 0.1, 0.3, 1e-6, 1e-7, 2_251_799_813.685247, 0x1p51, 0x1p51 - 1, -0x1p51,
            0x1p52 + 1, 0x1p53, 0x1p63, 1e15 + 0.3, 123_456_789.123456,
        ]
        let choice = Int.random(in: 0...known.count, using: &generator)
        return choice < known.count ? known[choice] : Double(bitPattern: generator.next())
    }

    static func textOrGap(_ generator: inout SeededGenerator) -> Reading {
        let texts = [
            "", "\0", "OPEN", "caf\u{E9}", "cafe\u{301}", "line\nline", String(repeating: "\u{1F600}", count: 16_384),
        ]
        let value: Value =
            switch Int.random(in: 0..<3, using: &generator) {
            case 0: .absent
            case 1: .number(Double.random(in: 0...1, using: &generator))
            default: .text(texts.randomElement(using: &generator)!)
            }
        return Reading(
            series: SeriesID(UInt32.random(in: 0..<5, using: &generator)),
            time: Timestamp(microseconds: Int64.random(in: 0..<1_000_000, using: &generator)), value: value,
            quality: Quality.allCases.randomElement(using: &generator)!)
    }
}

extension ReadingBatch {
    /// The rows of each series in their order: what a journal batch promises to bring back.
    var bySeries: [SeriesID: [Reading]] {
        Dictionary(grouping: (0..<count).map { self[$0] }, by: \.series)
    }
}
