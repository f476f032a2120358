import Readings
import TestSupport
import Testing

@testable import Encoding

/// Both ways, with an encoder and a decoder that keep their scratch from frame to frame.
struct FrameTrip: ~Copyable {
    static let epoch = FrameHeader.Epoch(high: 0x0123_4567_89AB_CDEF, low: 42)

    private var encoder = FrameEncoder()
    private var decoder = FrameDecoder()
    private(set) var bytes: [UInt8] = []
    private(set) var frame = Frame()

    mutating func encode(
        _ batches: [ReadingBatch], tables: [FrameTable] = [], rollups: [FrameRollups] = [],
        defining definition: (SeriesID) -> SeriesDefinition? = { _ in nil }
    ) throws {
        var isTaken = true
        for batch in batches { isTaken = encoder.add(batch) && isTaken }
        for table in tables { isTaken = encoder.add(table) && isTaken }
        for entry in rollups { isTaken = encoder.add(entry) && isTaken }
        #expect(isTaken)
        let isEmpty = batches.allSatisfy(\.isEmpty)
        try encoder.finish(
            epoch: Self.epoch, sequences: isEmpty ? nil : 7...Int64(6 + batches.count), defining: definition,
            into: &bytes)
    }

    mutating func decode(_ bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes { try decoder.decode($0, into: &frame) }
    }

    mutating func decode() throws { try decode(bytes) }

    var estimatedSize: Int { encoder.estimatedSize }

    /// Adds readings to the next frame.
    mutating func add(_ batch: ReadingBatch) -> Bool { encoder.add(batch) }
}

func frameBytes(_ batches: [ReadingBatch], tables: [FrameTable] = []) throws -> [UInt8] {
    var trip = FrameTrip()
    try trip.encode(batches, tables: tables)
    return trip.bytes
}

extension [ReadingBatch] {
    /// As a frame has them: by series, then time, then arrival.
    var inFrameOrder: [Reading] {
        flatMap(\.rows).enumerated().sorted {
            ($0.element.series, $0.element.time, $0.offset) < ($1.element.series, $1.element.time, $1.offset)
        }.map(\.element)
    }
}

@Suite struct FrameTests {
    @Test(arguments: BatchShape.allCases, 1...10 as ClosedRange<UInt64>)
    func everyShapeComesBackToTheBit(shape: BatchShape, seed: UInt64) throws {
        var trip = FrameTrip()
        let batches = [shape.batch(seed: seed), shape.batch(seed: seed &+ 1000)]
        try trip.encode(batches)
        try trip.decode()
        #expect(trip.frame.readings.rows == batches.inFrameOrder, "seed \(seed)")
        #expect(trip.frame.header.readings == batches[0].count + batches[1].count)
    }

    /// Every shape of a single series, as chunks have them, in one frame.
    @Test(arguments: [1, 2, 7, 8, 60, 300], 1...3 as ClosedRange<UInt64>)
    func everyKindOfSeriesComesBackToTheBit(count: Int, seed: UInt64) throws {
        var readings: [Reading] = []
        var series: UInt32 = 0
        for times in TimeShape.allCases {
            for values in ValueShape.allCases {
                for qualities in QualityShape.allCases {
                    for reading in ReadingBatch.chunk(count, times, values, qualities, seed: seed).rows {
                        var reading = reading
                        reading.series = SeriesID(series)
                        readings.append(reading)
                    }
                    series += 3
                }
            }
        }
        var generator = SeededGenerator(seed: seed)
        var batch = ReadingBatch()
        for reading in readings.shuffled(using: &generator) { batch.append(reading) }
        var trip = FrameTrip()
        try trip.encode([batch])
        try trip.decode()
        #expect(trip.frame.readings.rows == [batch].inFrameOrder, "seed \(seed)")
    }

    /// All frames of up to three readings over a few series, times and values.
    @Test func everyTinyFrameComesBack() throws {
        let times: [Int64] = [.min, 0, 1000, .max]
        let values: [Value] = [.number(-0.0), .number(0.5), .text("A"), .absent]
        var all: [Reading] = []
        for series in [0, .max] as [UInt32] {
            for time in times {
                for value in values {
                    all.append(
                        Reading(series: SeriesID(series), time: Timestamp(microseconds: time), value: value))
                }
            }
        }
        var trip = FrameTrip()
        for first in all {
            for second in all {
                var batch = ReadingBatch()
                batch.append(first)
                batch.append(second)
                try trip.encode([batch])
                try trip.decode()
                #expect(trip.frame.readings.rows == [batch].inFrameOrder)
            }
        }
    }

    @Test func theHeaderIsReadWithoutTheRest() throws {
        let bytes = try frameBytes([BatchShape.mixedFleet.batch(seed: 1), BatchShape.oneRow.batch(seed: 1)])
        let beginning = Array(bytes[..<FrameHeader.size])
        let header = try FrameHeader(beginning.span)
        #expect(header.epoch == FrameTrip.epoch)
        #expect(header.sequences == 7...8)
        #expect(header.readings == 2001)
        #expect(header.rows == 0)
        #expect(header.frameSize == bytes.count)
    }

    @Test func onlyDefinitionsThatAreAskedForTravel() throws {
        var trip = FrameTrip()
        var asked: [SeriesID] = []
        let tags = ["site": "north", "caf\u{E9}": ""]
        try trip.encode([BatchShape.groupedAlready.batch(seed: 1)]) { id in
            asked.append(id)
            guard id.rawValue % 10 == 3 else { return nil }
            let name = SeriesName(path: "plant/\(id.rawValue)/caf\u{E9}")
            return id.rawValue == 3
                ? SeriesDefinition(name: name) : SeriesDefinition(name: name, unit: "kW", tags: tags)
        }
        try trip.decode()
        #expect(asked == Array(Set(trip.frame.readings.series)).sorted())
        #expect(trip.frame.definitions.map(\.series.rawValue) == [3, 13, 23, 33, 43])
        #expect(trip.frame.definitions[0].definition.unit == nil)
        #expect(
            trip.frame.definitions[1].definition
                == SeriesDefinition(name: SeriesName(path: "plant/13/caf\u{E9}"), unit: "kW", tags: tags))
    }

    @Test func rowsOfTablesTravelWithReadingsAndAlone() throws {
        let tables = [
            FrameTable(
                name: "gaps", columns: ["source", "first", "count"],
                rows: [
                    [.text("plant"), .integer(.min), .null],
                    [.text(""), .integer(.max), .real(bits: (-0.0).bitPattern)],
                ]),
            FrameTable(name: "audit", columns: ["time"]),
            FrameTable(name: "alarm_events", columns: ["value"], rows: [[.real(bits: Double.nan.bitPattern)]]),
        ]
        var trip = FrameTrip()
        for batches in [[], [BatchShape.textsAndGaps.batch(seed: 2)]] {
            try trip.encode(batches, tables: tables)
            try trip.decode()
            #expect(trip.frame.tables == tables)
            #expect(trip.frame.header.rows == 3)
            #expect((trip.frame.header.sequences == nil) == batches.isEmpty)
            #expect(trip.frame.readings.rows == batches.inFrameOrder)
        }
    }

    @Test func rollupsTravelInPlaceOfReadings() throws {
        var batches: [FrameRollups] = []
        for (number, values) in ValueShape.allCases.enumerated() {
            let batch = ReadingBatch.chunk(900, .jitter, values, .changing, seed: 5)
            let series = SeriesID(UInt32(number / 2))
            batches.append(FrameRollups(series: series, width: 60, rollups: [Rollup](batch, width: minute)))
        }
        var trip = FrameTrip()
        var asked: [UInt32] = []
        try trip.encode([BatchShape.oneLongSeries.batch(seed: 1)], rollups: batches) {
            asked.append($0.rawValue)
            return SeriesDefinition(name: SeriesName(path: "\($0.rawValue)"))
        }
        try trip.decode()
        #expect(trip.frame.rollups.map(\.series) == batches.map(\.series))
        #expect(
            trip.frame.rollups.flatMap { $0.rollups.flatMap(\.bits) }
                == batches.flatMap { $0.rollups.flatMap(\.bits) })
        #expect(trip.frame.readings.count == 3000)
        #expect(asked == Array(0...UInt32((batches.count - 1) / 2)) + [70_000])
        #expect(trip.frame.definitions.map(\.series.rawValue) == asked)
    }

    @Test func oneEncoderAndOneDecoderServeFrameAfterFrame() throws {
        var trip = FrameTrip()
        for round in 0..<30 as Range<UInt64> {
            let shape = BatchShape.allCases[Int(round * 5) % BatchShape.allCases.count]
            let batch = shape.batch(seed: round)
            try trip.encode([batch])
            try trip.decode()
            #expect(trip.frame.readings.rows == [batch].inFrameOrder, "round \(round), \(shape)")
            #expect(trip.bytes == (try frameBytes([batch])), "round \(round), \(shape)")
        }
    }

    @Test func whatDoesNotFitIsNotTaken() throws {
        var trip = FrameTrip()
        var batch = ReadingBatch()
        let reading = Reading(series: SeriesID(1), time: Timestamp(microseconds: 0), value: .number(1))
        for _ in 0..<Frame.maximumReadings / 2 { batch.append(reading) }
        var taken = [trip.add(batch), trip.add(batch)]
        batch.removeAll()
        taken.append(trip.add(batch))
        batch.append(reading)
        taken.append(trip.add(batch))
        #expect(taken == [true, true, true, false])
    }

    @Test func theEstimateFollowsTheFrames() throws {
        var trip = FrameTrip()
        let batch = BatchShape.mixedFleet.batch(seed: 3)
        try trip.encode([batch])
        let isTaken = trip.add(batch)
        #expect(isTaken)
        #expect((trip.bytes.count * 9 / 10...trip.bytes.count * 11 / 10) ~= trip.estimatedSize)
    }
}
