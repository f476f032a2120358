import Exchange
import Readings
import TestSupport

struct Parsed: Equatable {
    var readings: [NamedReading] = []
    var problems: [LineProblem] = []

    /// `line: message`, as a person would read them.
    var messages: [String] { problems.map { "\($0.line): \($0.message)" } }
}

func parsed(_ text: String, _ format: ExchangeFormat) -> Parsed { parsed(Array(text.utf8), format) }

func parsed(_ bytes: [UInt8], _ format: ExchangeFormat) -> Parsed {
    parsed(chunks: [bytes], format)
}

/// The same file, cut at random.
func parsed(_ bytes: [UInt8], _ format: ExchangeFormat, longestChunk: Int, _ generator: inout SeededGenerator) -> Parsed
{
    var chunks: [[UInt8]] = []
    var start = 0
    while start < bytes.count {
        let end = min(bytes.count, start + Int.random(in: 0...longestChunk, using: &generator))
        chunks.append(Array(bytes[start..<end]))
        start = end
    }
    if Bool.random(using: &generator) { chunks.append([]) }
    return parsed(chunks: chunks, format)
}

func parsed(chunks: [[UInt8]], _ format: ExchangeFormat) -> Parsed {
    var parser = ReadingsParser(format)
    var result = Parsed()
    for (index, chunk) in chunks.enumerated() {
        parser.feed(chunk.span, isLast: index == chunks.count - 1) {
            result.readings.append($0)
        } problem: {
            result.problems.append($0)
        }
    }
    return result
}

/// All of them, and those that the format took.
func written(
    _ readings: [NamedReading], _ format: ExchangeFormat, time: TimeStyle = .microseconds
) -> (bytes: [UInt8], taken: [NamedReading]) {
    var writer = ReadingsWriter(format, time: time)
    var bytes: [UInt8] = []
    writer.header(into: &bytes)
    let taken = readings.filter { reading in
        let row = Reading(
            series: SeriesID(0), time: reading.time!, value: reading.value, quality: reading.quality)
        return writer.append(reading.name, row, into: &bytes)
    }
    return (bytes, taken)
}

extension NamedReading {
    init(_ name: String, _ time: Int64?, _ value: Value, _ quality: Quality = .good) {
        self.init(
            name: SeriesName(name)!, time: time.map { Timestamp(microseconds: $0) }, value: value, quality: quality)
    }

    /// Anything that the types allow, and mostly what is hard to write.
    static func hostile(_ generator: inout SeededGenerator) -> NamedReading {
        NamedReading(
            name: .hostile(&generator), time: .hostile(&generator), value: .hostile(&generator),
            quality: Quality.allCases.randomElement(using: &generator)!)
    }
}

private func hostileText(of parts: [String], _ length: ClosedRange<Int>, _ generator: inout SeededGenerator) -> String {
    (0..<Int.random(in: length, using: &generator)).map { _ in parts.randomElement(using: &generator)! }.joined()
}

extension SeriesName {
    static let hostileParts = [
        "a", "plant", "/", ",", "\"", " ", "=", "\\", "#", "%0A", "é", "e\u{301}", "🌡", "\u{FEFF}", "\u{2028}",
        "\u{85}",
        "series", "time", "value", "quality", "1700000000000000", "'", ";", "nan",
    ]

    static func hostile(_ generator: inout SeededGenerator) -> SeriesName {
        SeriesName(hostileText(of: hostileParts, 1...6, &generator))!
    }
}

extension Timestamp {
    static func hostile(_ generator: inout SeededGenerator) -> Timestamp {
        let known: [Int64] = [
            .min, .min + 1, .max, 0, -1, 1, 999, -1000, 1_708_813_238_500_000, .max / 1000, .max / 1000 + 1,
            .min / 1000,
            .min / 1000 - 1, -62_167_219_200_000_000, -62_167_219_200_000_001, 253_402_300_799_999_999,
            253_402_300_800_000_000,
        ]
        let choice = Int.random(in: 0..<3 * known.count, using: &generator)
        let usual = Int64.random(in: -4_000_000_000_000_000...4_000_000_000_000_000, using: &generator)
        return Timestamp(microseconds: choice < known.count ? known[choice] : usual)
    }
}

extension Value {
    static func hostile(_ generator: inout SeededGenerator) -> Value {
        switch Int.random(in: 0..<8, using: &generator) {
        case 0: .absent
        case 1, 2:
            .text(hostileText(of: SeriesName.hostileParts + ["\n", "\r", "\r\n", "\t", "\0"], 0...6, &generator))
        default: .number(.hostile(&generator))
        }
    }
}

extension Double {
    static func hostile(_ generator: inout SeededGenerator) -> Double {
        let known: [Double] = [
            0, -0.0, .nan, -.nan, .signalingNaN, Double(nan: 0x123, signaling: true), .infinity, -.infinity,
            .leastNonzeroMagnitude, -.leastNormalMagnitude, .greatestFiniteMagnitude, 0.1, 1e22, 1e23, 0x1p53 + 2, 42,
        ]
        return switch Int.random(in: 0..<3, using: &generator) {
        case 0: known.randomElement(using: &generator)!
        case 1: Double(Int.random(in: -1_000_000...1_000_000, using: &generator)) / 1000
        default: Double(bitPattern: generator.next())
        }
    }
}
