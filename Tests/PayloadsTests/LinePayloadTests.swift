import Exchange
import Payloads
import Readings
import TestSupport
import Testing

@Suite struct LinePayloadTests {
    private func decoder(_ precision: LinePrecision = .nanoseconds) -> PayloadDecoder {
        PayloadDecoder(.line(precision), maxPayload: 1 << 20)
    }

    private static let lines = """
        # of a station
        weather,site=a,area=x temp=21.5,hum=48i,ok=t 1718000000000001999
        weather,site=b\\ c value=3

        door,quality=stale state="OPEN" 1718000000000000000\r
        """

    @Test func linesBecomeReadings() {
        let decoder = decoder()
        let time = 1_718_000_000.000001
        let expected = [
            Named("weather/x/a/temp", 21.5, at: time), Named("weather/x/a/hum", 48, at: time),
            Named("weather/x/a/ok", 1, at: time), Named("weather/b c", 3),
            Named("door/state", .text("OPEN"), at: 1_718_000_000, .stale),
        ]
        #expect(decoder.named(Self.lines) == expected)
        #expect(decoder.named(Self.lines) == expected)
        #expect(decoder.fields.count == 5)
        #expect(decoder.fields[0].tags == ["site": "a", "area": "x"])
        #expect(decoder.fields[4].tags == [:])
    }

    @Test func anImportAgrees() {
        var parser = ReadingsParser(.line)
        var imported: [Named] = []
        parser.feed(Array(Self.lines.utf8).span, isLast: true) { reading in
            let seconds = reading.time.map { Double($0.microseconds) / 1_000_000 }
            imported.append(Named(reading.name.description, reading.value, at: seconds, reading.quality))
        } problem: { problem in
            Issue.record("\(problem)")
        }
        #expect(decoder().named(Self.lines) == imported)
    }

    @Test(
        arguments: [
            (.seconds, "1718000000"), (.milliseconds, "1718000000000"), (.microseconds, "1718000000000000"),
            (.nanoseconds, "1718000000000000000"), (.auto, "1718000000"), (.auto, "1718000000000"),
        ] as [(LinePrecision, String)])
    func timesAreCounted(precision: LinePrecision, time: String) {
        #expect(decoder(precision).named("a value=1 \(time)") == [Named("a", 1, at: 1_718_000_000)])
    }

    @Test func aTimeThatCannotBe() {
        let decoder = decoder(.seconds)
        #expect(decoder.named("a value=1 -5") == [Named("a", 1, .uncertain)])
        #expect(decoder.decode("a value=1 9223372036854775807").problem == .badTime)
        #expect(
            decoder.problem(of: "a v=1 x")?.detail == "line 1: time: \"x\" is not a whole number of seconds since 1970")
    }

    @Test func soundLinesAreReadBesideOthers() {
        let decoder = decoder()
        let payload = "a value=1\nb\nc v=\"x\nd value=2"
        #expect(decoder.named(payload) == [Named("a", 1), Named("d", 2)])
        #expect(decoder.problem(of: payload)?.detail == "line 2: field: none stands after \"b\"")
        #expect(decoder.decode("# nothing\n\n") == Decoded(readings: [], problem: .empty))
    }

    @Test func aMappingHas4096FieldsAtMost() {
        let decoder = decoder()
        let many = (0..<5000).map { "m,t=\($0) v=1" }.joined(separator: "\n")
        #expect(decoder.decode(many).readings.count == 4096)
        #expect(decoder.problem(of: many)?.detail == "m/4096/v: more than 4096 different fields")
        #expect(decoder.decode("m,t=1 v=2").problem == nil)
    }

    @Test func namesHaveABound() {
        let long = String(repeating: "x", count: 2050)
        #expect(decoder().decode("\(long) v=1") == Decoded(readings: [], problem: .notLineProtocol))
        #expect(decoder().named("m v=1,\(long)=2") == [Named("m/v", 1)])
    }

    @Test func aMessageGives65536ReadingsAtMost() {
        let many = String(repeating: "m v=1\n", count: 70_000)
        #expect(decoder().decode(many).readings.count == 65_536)
        #expect(decoder().decode(many).problem == .tooManyReadings)
    }

    @Test(arguments: 1...10 as ClosedRange<UInt64>)
    func mutatedLinesDoNoHarm(seed: UInt64) {
        survives(seed: seed, good: Array(Self.lines.utf8), decoder: decoder())
    }
}
