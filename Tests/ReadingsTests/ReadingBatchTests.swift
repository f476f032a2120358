import Readings
import Testing

private func reading(_ value: Value, series: UInt32 = 1, time: Int64 = 5, quality: Quality = .good) -> Reading {
    Reading(series: SeriesID(series), time: Timestamp(microseconds: time), value: value, quality: quality)
}

private func batch(_ readings: [Reading]) -> ReadingBatch {
    var batch = ReadingBatch()
    for reading in readings { batch.append(reading) }
    return batch
}

extension ReadingBatch {
    fileprivate var rows: [Reading] { (0..<count).map { self[$0] } }
}

private let composed = "caf\u{E9}"
private let decomposed = "cafe\u{301}"

@Suite struct ReadingBatchTests {
    private let mixed = [
        reading(.number(1.5)), reading(.text("OPEN"), series: 2), reading(.absent, time: .min, quality: .stale),
        reading(.text(composed)), reading(.number(-0.0), time: .max), reading(.text(decomposed)),
        reading(.text("OPEN"), quality: .substituted), reading(.text("")), reading(.number(.nan)),
    ]

    @Test func rowsComeBackAsTheyWereAppended() {
        #expect(batch(mixed).rows == mixed)
        #expect(batch(mixed).texts.count == 4)
    }

    @Test func textsThatDifferOnlyInNormalizationStayApart() {
        var merged = batch([reading(.text(composed)), reading(.text("x"))])
        merged.append(contentsOf: batch([reading(.text("x")), reading(.text(decomposed)), reading(.text(composed))]))
        #expect(merged.rows.map(\.value) == [composed, "x", "x", decomposed, composed].map(Value.text))
        #expect(merged.texts.map(ExactText.init) == [composed, "x", decomposed].map(ExactText.init))
    }

    @Test func mergingKeepsTheOrderOfArrival() {
        var merged = batch(mixed)
        merged.append(contentsOf: batch(mixed.reversed()))
        merged.append(contentsOf: ReadingBatch())
        #expect(merged.rows == mixed + mixed.reversed())
    }

    @Test func anEmptiedBatchForgetsItsTexts() {
        var emptied = batch(mixed)
        emptied.removeAll()
        #expect(emptied.isEmpty && emptied.texts.isEmpty)
        emptied.append(reading(.text("SHUT")))
        #expect(emptied.rows == [reading(.text("SHUT"))])
    }

    @Test func columnsThatAgreeMakeABatch() throws {
        let original = batch(mixed)
        var restored = try #require(ReadingBatch(columns(of: original)))
        #expect(restored.rows == mixed)
        restored.append(reading(.text(composed)))
        #expect(restored.texts.count == original.texts.count)
    }

    @Test func columnsThatContradictEachOtherMakeNone() {
        let changes: [(inout ReadingBatch.Columns) -> Void] = [
            { $0.series.removeLast() }, { $0.times.removeLast() }, { $0.bits.removeLast() }, { $0.kinds.removeLast() },
            { $0.qualities.removeLast() }, { $0.texts.removeLast() }, { $0.bits[1] = 4 }, { $0.bits[2] = 1 },
            { $0.texts[1] = $0.texts[0] },
        ]
        for (number, change) in changes.enumerated() {
            var columns = columns(of: batch(mixed))
            change(&columns)
            #expect(ReadingBatch(columns) == nil, "change \(number)")
        }
    }

    @Test func takingTheColumnsLeavesAnEmptyBatch() {
        var emptied = batch(mixed)
        let columns = emptied.takeColumns()
        #expect(emptied.isEmpty && columns.series.isEmpty && columns.texts.isEmpty)
        #expect(columns.times.capacity >= mixed.count)
        emptied.append(reading(.text("SHUT")))
        #expect(emptied.rows == [reading(.text("SHUT"))])
    }

    private func columns(of batch: ReadingBatch) -> ReadingBatch.Columns {
        var columns = ReadingBatch.Columns()
        columns.series = batch.series
        columns.times = batch.times
        columns.bits = batch.bits
        columns.kinds = batch.kinds
        columns.qualities = batch.qualities
        columns.texts = batch.texts
        return columns
    }
}

@Suite struct ValueTests {
    private static let values: [Value] = [
        .number(0), .number(-0.0), .number(.nan), .number(-.nan), .number(.signalingNaN), .number(1),
        .number(.infinity),
        .text(""), .text("1"), .text(composed), .text(decomposed), .absent,
    ]

    @Test func aValueEqualsItselfAndNoOther() {
        for (i, left) in Self.values.enumerated() {
            for (j, right) in Self.values.enumerated() { #expect((left == right) == (i == j), "\(left) \(right)") }
        }
        #expect(Set(Self.values).count == Self.values.count)
    }

    @Test(arguments: Quality.allCases) func aQualityIsFoundByItsName(quality: Quality) {
        #expect(Quality(name: quality.name) == quality)
        #expect(Quality(name: quality.name.uppercased()) == nil)
    }
}
