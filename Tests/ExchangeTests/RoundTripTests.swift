import Exchange
import Readings
import TestSupport
import Testing

@Suite struct RoundTripTests {
    @Test(arguments: [TimeStyle.microseconds, .iso], 1...40 as ClosedRange<UInt64>)
    func csvReturnsEveryReadingToTheBit(time: TimeStyle, seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let readings = (0..<200).map { _ in NamedReading.hostile(&generator) }
        let (bytes, taken) = written(readings, .csv, time: time)
        #expect(taken == readings, "seed \(seed)")
        let longestChunk = [1, 3, 100, 100_000].randomElement(using: &generator)!
        let result = parsed(bytes, .csv, longestChunk: longestChunk, &generator)
        #expect(result == Parsed(readings: readings), "seed \(seed), chunks up to \(longestChunk)")
        #expect(ExchangeFormat.guess(fromHead: bytes) == .csv)
    }

    @Test(arguments: 1...80 as ClosedRange<UInt64>)
    func lineProtocolReturnsWhatItTook(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let readings = (0..<200).map { _ in NamedReading.hostile(&generator) }
        let (bytes, taken) = written(readings, .line)
        #expect(taken == readings.filter(canBeLineProtocol), "seed \(seed)")
        let longestChunk = [1, 3, 100, 100_000].randomElement(using: &generator)!
        let result = parsed(bytes, .line, longestChunk: longestChunk, &generator)
        #expect(result == Parsed(readings: taken), "seed \(seed), chunks up to \(longestChunk)")
        #expect(ExchangeFormat.guess(fromHead: bytes) == .line, "seed \(seed)")
    }

    private func canBeLineProtocol(_ reading: NamedReading) -> Bool {
        let name = reading.name.description.utf8
        let hasValue =
            switch reading.value {
            case .number(let number): number.isFinite
            case .text: true
            case .absent: false
            }
        return hasValue && (Int64.min / 1000...Int64.max / 1000).contains(reading.time!.microseconds)
            && name.first != UInt8(ascii: "#") && name.last != UInt8(ascii: "\\")
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func onePlainSeriesReturns(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let start = Int64.random(in: 0...2_000_000_000_000_000, using: &generator)
        let readings = (0..<500).map { row in
            let number = Double(Int.random(in: -400...900, using: &generator)) / 10
            return NamedReading("plant/press-3/temperature", start + Int64(row) * 1_000_000, .number(number))
        }
        for format in ExchangeFormat.allCases {
            #expect(parsed(written(readings, format).bytes, format) == Parsed(readings: readings), "seed \(seed)")
        }
    }
}

@Suite struct WriterTests {
    private let readings = [
        NamedReading("press/temperature", 1_708_813_238_500_000, .number(21.5)),
        NamedReading("press/state", -1, .text("OPEN"), .stale),
        NamedReading("a, \"b\"=c", 0, .text("two\nlines, a \\ and a \"")),
        NamedReading("press/state", 5, .text("")),
        NamedReading("press/state", 6, .absent, .communicationError),
        NamedReading("press/power", 7, .number(.signalingNaN)),
        NamedReading("press/power", 8, .number(-.infinity)),
    ]

    @Test func csv() {
        #expect(
            String(decoding: written(readings, .csv).bytes, as: UTF8.self) == """
                series,time,value,text,quality
                press/temperature,1708813238500000,21.5,,good
                press/state,-1,,OPEN,stale
                "a, ""b""=c",0,,"two
                lines, a \\ and a \""",good
                press/state,5,,"",good
                press/state,6,,,communication_error
                press/power,7,nan(0x7ff4000000000000),,good
                press/power,8,-inf,,good

                """)
    }

    @Test(arguments: [",", "\"", "\n", "\r"])
    func csvQuotesWhatOtherReadersWouldTrip(over character: String) {
        let bytes = written([NamedReading("a", 1, .text("x\(character)y"))], .csv).bytes
        let doubled = character == "\"" ? "\"\"" : character
        #expect(String(decoding: bytes, as: UTF8.self).hasSuffix("\na,1,,\"x\(doubled)y\",good\n"))
    }

    @Test func csvWithISOTimes() {
        let bytes = written(Array(readings.prefix(2)), .csv, time: .iso).bytes
        #expect(
            String(decoding: bytes, as: UTF8.self) == """
                series,time,value,text,quality
                press/temperature,2024-02-24T22:20:38.500000Z,21.5,,good
                press/state,1969-12-31T23:59:59.999999Z,,OPEN,stale

                """)
    }

    @Test func lineProtocol() {
        #expect(
            String(decoding: written(readings, .line).bytes, as: UTF8.self) == """
                press/temperature value=21.5 1708813238500000000
                press/state,quality=stale text="OPEN" -1000
                a\\,\\ "b"=c text="two
                lines, a \\\\ and a \\"" 0
                press/state text="" 5000

                """)
    }

    @Test(arguments: ["#comment", "ends with \\"])
    func namesThatLineProtocolCannotHoldAreLeftOut(name: String) {
        let (bytes, taken) = written([NamedReading(name, 1, .number(1))], .line)
        #expect(bytes.isEmpty && taken.isEmpty)
    }
}
