import Payloads
import Readings
import Testing

@Suite struct SenMLPayloadTests {
    private func decoder() -> PayloadDecoder { PayloadDecoder(.senml, maxPayload: 1 << 20) }

    /// When the payloads arrive, in seconds.
    private let now = 1_718_000_000.0

    @Test func aSingleRecord() {
        let decoder = decoder()
        let payload = #"[{"n":"urn:dev:ow:10e2073a01080063","u":"Cel","v":23.1}]"#
        #expect(decoder.named(payload) == [Named("urn:dev:ow:10e2073a01080063", 23.1)])
        #expect(decoder.fields[0].unit == "Cel")
    }

    /// RFC 8428, 5.1.2 and 5.1.3.
    @Test func baseFieldsCarryForward() {
        let decoder = decoder()
        let payload = """
            [{"bn":"urn:dev:ow:10e2073a0108006:","bt":1.276020076001e+09,"bu":"A","bver":5,"n":"voltage","u":"V","v":120.1},
             {"n":"current","t":-5,"v":1.2},{"n":"current","t":-4,"v":1.3},{"n":"current","v":1.7}]
            """
        let base = 1_276_020_076.001
        let expected = [
            Named("urn:dev:ow:10e2073a0108006:voltage", 120.1, at: base),
            Named("urn:dev:ow:10e2073a0108006:current", 1.2, at: base - 5),
            Named("urn:dev:ow:10e2073a0108006:current", 1.3, at: base - 4),
            Named("urn:dev:ow:10e2073a0108006:current", 1.7, at: base),
        ]
        #expect(decoder.named(payload) == expected)
        #expect(decoder.fields.map(\.unit) == ["V", "A"])
        // No base outlives its pack.
        #expect(decoder.named(#"[{"n":"x","v":1}]"#) == [Named("x", 1)])
    }

    @Test func baseValuesAreAdded() {
        let payload = #"[{"bn":"m","bv":20,"v":3,"bs":100,"s":5},{"v":4},{"bn":"k","s":1},{"bv":0,"v":1}]"#
        #expect(
            decoder().named(payload) == [
                Named("m", 23), Named("m/sum", 105), Named("m", 24), Named("k/sum", 101), Named("k", 1),
            ])
    }

    @Test func everyKindOfValue() {
        let payload = """
            [{"bn":"2001:db8::2/","n":"temperature","v":27},{"n":"label","vs":"Machine Room"},{"n":"open","vb":false},
             {"n":"nfc-reader","vd":"aGkgCg"},{"n":"on","vb":true}]
            """
        #expect(
            decoder().named(payload) == [
                Named("2001:db8::2/temperature", 27), Named("2001:db8::2/label", .text("Machine Room")),
                Named("2001:db8::2/open", 0), Named("2001:db8::2/nfc-reader", .text("aGkgCg")),
                Named("2001:db8::2/on", 1),
            ])
    }

    @Test(arguments: [
        ("-5", -5.0), ("60.5", 60.5), ("268435455", 268_435_455), ("-1e3", -1000),
    ])
    func aSmallTimeCountsFromNow(time: String, seconds: Double) {
        #expect(decoder().named(#"[{"n":"a","t":\#(time),"v":1}]"#) == [Named("a", 1, at: now + seconds)])
    }

    @Test func otherTimes() {
        #expect(decoder().named(#"[{"n":"a","t":268435456,"v":1}]"#) == [Named("a", 1, at: 268_435_456)])
        #expect(decoder().named(#"[{"n":"a","t":0,"v":1}]"#) == [Named("a", 1)])
        #expect(decoder().named(#"[{"n":"a","t":1e300,"v":1}]"#) == [Named("a", 1, .uncertain)])
        #expect(decoder().decode(#"[{"n":"a","t":-1e300,"v":1}]"#).problem == .badTime)
    }

    @Test func unitsTellFieldsApart() {
        let decoder = decoder()
        #expect(decoder.named(#"[{"n":"a","u":"V","v":1},{"n":"a","u":"mV","v":2}]"#).count == 2)
        #expect(decoder.fields.map(\.unit) == ["V", "mV"])
    }

    @Test(
        arguments: [
            (#"[{"n":"a","v":1},{"x_":1}]"#, .notSenML, "\"x_\" has to be understood, and is not"),
            (#"[{"n":"a","v":1,"x_":{"y":1}}]"#, .notSenML, "\"x_\" has to be understood, and is not"),
            (#"[{"n":"a","v":1,"x_":{}}]"#, .notSenML, "\"x_\" has to be understood, and is not"),
            (#"[{"bver":11,"n":"a","v":1}]"#, .notSenML, "version 11.0, where 10.0 is the latest known"),
            (#"{"n":"a","v":1}"#, .wrongType, "no array where the readings should be"),
            ("[]", .noSuchField, "no record with a value"), (#"[{"bn":"a"}]"#, .noSuchField, "no record with a value"),
            ("[5]", .notSenML, "a record that is no object"), ("[{}]", .notSenML, "a record that is no object"),
            (#"[{"n":"a","v":"1"}]"#, .wrongType, "v: a value of another type, or too long"),
            (#"[{"n":5,"v":1}]"#, .wrongType, "n: a value of another type, or too long"),
            (#"[{"n":"a","vb":1}]"#, .wrongType, "vb: a value of another type, or too long"),
            (#"[{"n":"a","bv":1e308,"v":1e308}]"#, .notFinite, "no finite number with its base"),
        ] as [(String, PayloadProblem.Reason, String)])
    func whatIsNoPackIsRefused(payload: String, reason: PayloadProblem.Reason, detail: String) {
        #expect(decoder().decode(payload) == Decoded(readings: [], problem: reason))
        #expect(decoder().problem(of: payload)?.detail == detail)
    }

    @Test(arguments: ["", "-a", "a b", "a\u{E9}", "_a", "/a"])
    func aNameIsOfFewCharacters(name: String) {
        #expect(decoder().decode(#"[{"n":"\#(name)","v":1}]"#).problem == .notSenML)
    }

    @Test func soundRecordsAreReadBesideOthers() {
        let payload = #"[{"n":"a","v":"x"},{"n":"b","v":1,"unknown":[1,{"y":2}]},{"v":3},{"n":"c","v":4}]"#
        #expect(decoder().named(payload) == [Named("b", 1), Named("c", 4)])
        #expect(decoder().decode(payload).problem == .wrongType)
    }

    @Test(arguments: 1...10 as ClosedRange<UInt64>)
    func mutatedPacksDoNoHarm(seed: UInt64) {
        let good = #"[{"bn":"urn:","bt":1718000000,"n":"temp","u":"Cel","v":21.5},{"n":"hum","u":"%RH","s":48,"t":-3}]"#
        survives(seed: seed, good: Array(good.utf8), decoder: decoder())
    }
}
