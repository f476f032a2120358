import Payloads
import Readings
import Testing

@Suite struct CSVPayloadTests {
    private func decoder(
        _ columns: [CSVMapping.Column], _ separator: CSVMapping.Separator = .comma, texts: Bool = false
    ) -> PayloadDecoder {
        PayloadDecoder(.csv(CSVMapping(columns: columns, separator: separator, texts: texts)), maxPayload: 1 << 20)
    }

    private let two: [CSVMapping.Column] = [.value("a"), .value("b")]

    @Test func linesBecomeReadings() {
        let decoder = decoder([.time, .value("t"), .skipped, .value("h")], .semicolon)
        #expect(decoder.fields.map(\.suffix) == ["t", "h"])
        #expect(
            decoder.named("1718000000;21,5;x;48\r\n\n1718000001; -3 ;;on\n") == [
                Named("t", 21.5, at: 1_718_000_000), Named("h", 48, at: 1_718_000_000),
                Named("t", -3, at: 1_718_000_001), Named("h", 1, at: 1_718_000_001),
            ])
    }

    @Test(arguments: [
        (CSVMapping.Separator.comma, "1,2"), (.semicolon, "1;2"), (.bar, "1|2"), (.tab, "1\t2"), (.space, "1 2"),
        (.comma, #""1","2""#), (.comma, #"1,"2,0""#),
    ])
    func fieldsAreSeparated(separator: CSVMapping.Separator, payload: String) {
        #expect(decoder(two, separator).named(payload) == [Named("a", 1), Named("b", 2)])
    }

    @Test func whatIsEmptyGivesNothing() {
        #expect(decoder(two).named("1,") == [Named("a", 1)])
        #expect(decoder(two).named(",2") == [Named("b", 2)])
        #expect(decoder(two).decode(",") == Decoded(readings: [], problem: .empty))
        #expect(decoder(two).decode(" \n\n") == Decoded(readings: [], problem: .empty))
    }

    @Test func textsWhereTheyAreWanted() {
        #expect(decoder(two, texts: true).named("OK,2") == [Named("a", .text("OK")), Named("b", 2)])
        let refused = decoder(two).decode("OK,2")
        #expect(refused.readings.count == 1)
        #expect(refused.problem == .notANumber)
        #expect(decoder(two).problem(of: "\n1,x")?.detail == "line 2: b: not a number")
        let long = String(repeating: "x", count: 257)
        #expect(decoder(two, texts: true).decode("\(long),2").problem == .wrongType)
        #expect(decoder(two, texts: true).decode([0xFF, 0x2C, 0x32]).problem == .notUTF8)
    }

    @Test(arguments: [
        ("1", "line 1: 1 fields, where columns names 2"), ("1,2,3", "line 1: 3 fields, where columns names 2"),
        (#""1,2"#, "line 1: field 1: a quote that does not end it"),
        (#"1,"2"3"#, "line 1: field 2: a quote that does not end it"),
        (#"1,""""#, "line 1: field 2: a quote that does not end it"),
    ])
    func aLineThatDoesNotFitGivesNothing(payload: String, problem: String) {
        #expect(decoder(two).decode(payload) == Decoded(readings: [], problem: .notCSV))
        #expect(decoder(two).problem(of: payload)?.detail == problem)
        #expect(decoder(two).decode("\(payload)\n3,4").readings.count == 2)
    }

    @Test func aTimeThatCannotBe() {
        let decoder = decoder([.time, .value("t")])
        #expect(decoder.named("noon,5") == [Named("t", 5, .uncertain)])
        #expect(decoder.decode("noon,5").problem == .badTime)
    }

    @Test func notANumberIsRefused() {
        #expect(decoder(two).decode("nan,1e999") == Decoded(readings: [], problem: .notFinite))
    }

    @Test func aMessageGives65536ReadingsAtMost() {
        let many = String(repeating: "1,2\n", count: 40_000)
        #expect(decoder(two).decode(many).readings.count == 65_536)
        #expect(decoder(two).decode(many).problem == .tooManyReadings)
    }

    @Test(arguments: 1...10 as ClosedRange<UInt64>)
    func mutatedLinesDoNoHarm(seed: UInt64) {
        let decoder = decoder([.time, .value("t"), .skipped, .value("h")], texts: true)
        survives(seed: seed, good: Array("1718000000,21.5,\"x,\"\"y\",OK\n1718000001,\"2\",,-4".utf8), decoder: decoder)
    }
}
