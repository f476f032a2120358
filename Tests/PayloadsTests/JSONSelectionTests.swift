import Payloads
import Readings
import Testing

private func everything(
    include: [String] = [], ignore: [String] = [], texts: Bool = false, each: JSONPath? = nil, name: String? = nil,
    time: String? = nil
) throws -> PayloadDecoder {
    let mapping = JSONMapping(
        each: each, name: try name.map { try JSONPath(parsing: $0) },
        values: .everything(
            JSONMapping.Everything(
                include: include.map { SeriesGlob($0) }, ignore: ignore.map { SeriesGlob($0) }, texts: texts)),
        time: try time.map { TimeField(path: try JSONPath(parsing: $0), format: .auto) })
    return PayloadDecoder(.json(mapping), maxPayload: 1 << 20)
}

@Suite struct JSONEverythingTests {
    private static let tasmota =
        #"{"Time":"2024-02-24T22:20:38","ENERGY":{"Power":12,"Phase":[1,"2.5"]},"DS18B20":{"Temperature":20.1},"#
        + #""TempUnit":"C","On":true}"#

    @Test func allNumbersHoweverDeep() throws {
        let expected = [
            Named("ENERGY/Power", 12), Named("ENERGY/Phase/0", 1), Named("ENERGY/Phase/1", 2.5),
            Named("DS18B20/Temperature", 20.1), Named("On", 1),
        ]
        let decoder = try everything()
        #expect(decoder.named(Self.tasmota) == expected)
        // The second time the fields are known.
        #expect(decoder.named(Self.tasmota) == expected)
        #expect(decoder.fields.count == 5)
    }

    @Test func theTimeIsNoReading() throws {
        let decoder = try everything(texts: true, time: "ts")
        #expect(
            decoder.named(#"{"v":1,"s":"a","ts":1718000000}"#) == [
                Named("v", 1, at: 1_718_000_000), Named("s", .text("a"), at: 1_718_000_000),
            ])
        #expect(decoder.named(#"{"v":1}"#) == [Named("v", 1, .uncertain)])
    }

    @Test func someAreIncludedAndSomeOfThoseIgnored() throws {
        let decoder = try everything(include: ["ENERGY/**", "On"], ignore: ["**/0"])
        #expect(
            decoder.named(Self.tasmota) == [
                Named("ENERGY/Power", 12), Named("ENERGY/Phase/1", 2.5), Named("On", 1),
            ])
    }

    @Test func nullIsSaidOfWhatHasHadAValue() throws {
        let decoder = try everything()
        #expect(decoder.decode(#"{"a":null}"#).problem == .noSuchField)
        #expect(decoder.named(#"{"a":1,"b":null}"#) == [Named("a", 1)])
        #expect(decoder.named(#"{"a":null,"b":2}"#) == [Named("a", .absent, .deviceException), Named("b", 2)])
    }

    @Test(arguments: ["{}", "[]", "null", #""x""#, #"{"a":"x"}"#, #"{"a":{},"b":[[]]}"#])
    func withoutANumberADocumentIsRefused(payload: String) throws {
        #expect(try everything().decode(payload) == Decoded(readings: [], problem: .noSuchField))
    }

    @Test func aNumberAloneAddsNothingToTheName() throws {
        #expect(try everything().named("5") == [Named(nil, 5)])
    }

    @Test func aMappingHas4096FieldsAtMost() throws {
        let decoder = try everything()
        let first = "{" + (0..<4000).map { #""k\#($0)":\#($0)"# }.joined(separator: ",") + "}"
        #expect(decoder.decode(first).problem == nil)
        let more = "{" + (3990..<4200).map { #""k\#($0)":\#($0)"# }.joined(separator: ",") + "}"
        #expect(decoder.decode(more).readings.count == 106)
        #expect(decoder.problem(of: more)?.reason == .tooManyFields)
        #expect(decoder.problem(of: more)?.detail == "k4096: more than 4096 different fields")
        // Those that are known go on.
        #expect(decoder.decode(first).readings.count == 4000)
        #expect(decoder.decode(first).problem == nil)
        #expect(decoder.fields.count == 4096)
    }

    @Test func ignoredKeysCostNoFields() throws {
        let decoder = try everything(ignore: ["x*"])
        for round in 0..<3 {
            let payload = "{" + (0..<5000).map { #""x\#(round)-\#($0)":1"# }.joined(separator: ",") + #","a":1}"#
            #expect(decoder.named(payload) == [Named("a", 1)])
        }
    }

    @Test func aDocumentHas65536ValuesAtMost() throws {
        let decoder = try everything(include: ["0"])
        let payload = "[" + Array(repeating: "1", count: 70_000).joined(separator: ",") + "]"
        #expect(decoder.named(payload) == [Named("0", 1)])
        #expect(decoder.decode(payload).problem == .tooManyReadings)
        #expect(decoder.decode("[1]").problem == nil)
    }

    @Test func aKeyHas256BytesAtMost() throws {
        let decoder = try everything()
        let longest = String(repeating: "x", count: 256)
        #expect(decoder.named(#"{"\#(longest)":1}"#) == [Named(longest, 1)])
        #expect(decoder.decode(#"{"a":1,"\#(longest)x":1,"b":{"\#(longest)":1}}"#).problem == .tooManyReadings)
        #expect(decoder.named(#"{"a":1,"\#(longest)x":1}"#) == [Named("a", 1)])
    }
}

@Suite struct JSONEachTests {
    private func decoder(
        each: JSONPath? = nil, name: String? = nil, fields: [String: String], time: String? = nil
    ) throws -> PayloadDecoder {
        let mapping = JSONMapping(
            each: each, name: try name.map { try JSONPath(parsing: $0) },
            values: .fields(
                try fields.sorted { $0.key < $1.key }
                    .map { JSONMapping.Field(path: try JSONPath(parsing: $0.key), suffix: $0.value) }),
            time: try time.map { TimeField(path: try JSONPath(parsing: $0), format: .seconds) })
        return PayloadDecoder(.json(mapping), maxPayload: 1 << 20)
    }

    @Test func anArrayOfReadings() throws {
        let decoder = try decoder(each: .root, name: "id", fields: ["v": "level", "w": "x"], time: "ts")
        let payload = #"[{"id":"a","v":1,"ts":10},{"v":2,"id":" b/c ","ts":20,"w":3},{"ts":5,"id":7,"v":null}]"#
        for _ in 0..<2 {
            #expect(
                decoder.named(payload) == [
                    Named("a/level", 1, at: 10), Named("b_c/level", 2, at: 20), Named("b_c/x", 3, at: 20),
                    Named("7/level", .absent, at: 5, .deviceException),
                ])
        }
    }

    @Test func withoutANameTheElementsAreOfOneSeries() throws {
        let decoder = try decoder(each: try JSONPath(parsing: "d.list"), fields: ["v": "level"], time: "ts")
        #expect(
            decoder.named(#"{"d":{"list":[{"v":1,"ts":10},{"v":2},{"ts":30}]}}"#) == [
                Named("level", 1, at: 10), Named("level", 2, .uncertain),
            ])
    }

    @Test func theTimeOfTheDocumentIsThatOfElementsWithoutOne() throws {
        let decoder = try decoder(each: try JSONPath(parsing: "list"), fields: ["v": "level"], time: "ts")
        #expect(
            decoder.named(#"{"ts":5,"list":[{"v":1},{"v":2,"ts":10},{"v":3}]}"#) == [
                Named("level", 1, at: 5), Named("level", 2, at: 10), Named("level", 3, at: 5),
            ])
        let broken = #"{"ts":"x","list":[{"v":1},{"v":2,"ts":10}]}"#
        #expect(decoder.named(broken) == [Named("level", 1, .uncertain), Named("level", 2, at: 10)])
        #expect(decoder.decode(broken).problem == .badTime)
        #expect(decoder.named(#"{"list":[{"v":1}]}"#) == [Named("level", 1, .uncertain)])
    }

    @Test func whatHasNoNameIsLeftOut() throws {
        let decoder = try decoder(each: .root, name: "id", fields: ["v": "level"])
        let payload = #"[{"v":1},{"id":"","v":1},{"id":{},"v":1},{"id":"a","v":4}]"#
        #expect(decoder.named(payload) == [Named("a/level", 4)])
        #expect(decoder.problem(of: payload)?.detail == "id: no name of 1 to 256 bytes")
    }

    @Test(arguments: ["{}", "5", #"{"d":{"v":1}}"#, #"{"d":5}"#])
    func withoutTheArrayADocumentIsRefused(payload: String) throws {
        let decoder = try decoder(each: try JSONPath(parsing: "d"), fields: ["v": "level"])
        #expect(decoder.decode(payload) == Decoded(readings: [], problem: .wrongType))
        #expect(decoder.decode(#"{"d":[]}"#) == Decoded(readings: [], problem: .noSuchField))
    }

    @Test func aWildcardLeadsToAll() throws {
        let decoder = try decoder(fields: ["data.ch[*].v": "volts", "m[*][*]": "matrix"])
        #expect(
            decoder.named(#"{"data":{"ch":[{"v":1.2},{"w":1},{"v":3.4}]},"m":{"x":[1,2],"y":[]}}"#) == [
                Named("volts/0", 1.2), Named("volts/2", 3.4), Named("matrix/x/0", 1), Named("matrix/x/1", 2),
            ])
        #expect(decoder.decode(#"{"data":{"ch":5}}"#).problem == .noSuchField)
    }

    @Test func everyNumberOfEveryElement() throws {
        let decoder = try everything(each: .root, name: "id", time: "ts")
        #expect(
            decoder.named(#"[{"id":3,"a":{"b":1},"ts":7},{"id":"x","c":2}]"#) == [
                Named("3/a/b", 1, at: 7), Named("x/c", 2, .uncertain),
            ])
    }
}
