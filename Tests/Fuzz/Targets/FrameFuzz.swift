import Encoding
import Readings

/// Frames of a gateway that says anything: the input is all but the checksum, and its size and checksum are set right.
/// What is taken for a frame is in order, and the same once it is a frame again; a sound frame is understood after it.
struct FrameFuzz: FuzzTarget {
    private static let sizeOffset = FrameHeader.size - 4
    /// More readings take too long to be tried so often.
    private static let mostReadings = 20_000

    func complaint(about input: UnsafeRawBufferPointer) -> String? {
        guard input.count >= FrameHeader.size else { return nil }
        var bytes = Array(input)
        let size = bytes.count - FrameHeader.size
        for index in 0..<4 { bytes[Self.sizeOffset + index] = UInt8(truncatingIfNeeded: size >> (8 * index)) }
        let checksum = Checksum.of(bytes.span, label: 0)
        for shift in stride(from: 0, to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: checksum >> shift)) }
        guard let header = try? FrameHeader(bytes.span), header.readings <= Self.mostReadings else { return nil }

        var decoder = FrameDecoder()
        var frame = Frame()
        if (try? bytes.withUnsafeBytes { try decoder.decode($0, into: &frame) }) != nil {
            if let complaint = Self.complaint(about: frame, &decoder) { return complaint }
        }
        do {
            try Self.sound.withUnsafeBytes { try decoder.decode($0, into: &frame) }
            return frame.readings.times == [0, 1000] ? nil : "a sound frame gives \(frame.readings.times) after it"
        } catch {
            return "a sound frame is refused after it: \(error)"
        }
    }

    private static func complaint(about frame: Frame, _ decoder: inout FrameDecoder) -> String? {
        let readings = frame.readings
        guard readings.count == frame.header.readings else { return "\(readings.count) readings" }
        for row in readings.series.indices.dropFirst() {
            let before = (readings.series[row - 1], readings.times[row - 1])
            guard before <= (readings.series[row], readings.times[row]) else { return "row \(row) is out of order" }
        }
        var again = Frame()
        do {
            let bytes = try encoded(frame)
            try bytes.withUnsafeBytes { try decoder.decode($0, into: &again) }
        } catch {
            return "it is no frame the second time: \(error)"
        }
        let mentioned = Set(readings.series + frame.rollups.map(\.series))
        guard again.definitions == frame.definitions.filter({ mentioned.contains($0.series) }) else {
            return "other definitions the second time"
        }
        let isSame =
            again.tables == frame.tables && again.rollups.map(\.rollups.count) == frame.rollups.map(\.rollups.count)
            && again.header.sequences == frame.header.sequences
            && again.readings.series == readings.series && again.readings.times == readings.times
            && again.readings.qualities == readings.qualities
            && readings.series.indices.allSatisfy { again.readings.value(at: $0) == readings.value(at: $0) }
        return isSame ? nil : "another frame the second time"
    }

    private static func encoded(_ frame: Frame) throws -> [UInt8] {
        var encoder = FrameEncoder()
        guard encoder.add(frame.readings), frame.tables.allSatisfy({ encoder.add($0) }),
            frame.rollups.allSatisfy({ encoder.add($0) })
        else { return [] }
        let known = Dictionary(uniqueKeysWithValues: frame.definitions.map { ($0.series, $0.definition) })
        var bytes: [UInt8] = []
        try encoder.finish(
            epoch: frame.header.epoch, sequences: frame.header.sequences, defining: { known[$0] }, into: &bytes)
        return bytes
    }

    private static let sound: [UInt8] = {
        var batch = ReadingBatch()
        for time in [0, 1000] as [Int64] {
            batch.append(
                Reading(series: SeriesID(1), time: Timestamp(microseconds: time), value: .number(Double(time))))
        }
        var encoder = FrameEncoder()
        var bytes: [UInt8] = []
        do {
            _ = encoder.add(batch)
            try encoder.finish(
                epoch: FrameHeader.Epoch(high: 1, low: 2), sequences: 1...1, defining: { _ in nil }, into: &bytes)
        } catch {
            fatalError("\(error)")
        }
        return bytes
    }()
}
