import Payloads
import Readings
import Testing

/// The samples of FIELD.md that `json` covers, and what they mean.
@Suite struct JSONSampleTests {
    @Test func flat() throws {
        let decoder = try PayloadDecoder.json("t", "h", time: "ts", format: .seconds)
        let time = Timestamp(1_718_000_000_000_000)
        #expect(decoder.fields.map(\.suffix) == ["t", "h"])
        #expect(
            decoder.decode(#"{"t":21.5,"h":48,"ts":1718000000}"#)
                == Decoded(readings: [
                    DecodedReading(field: 0, time: time, value: .number(21.5)),
                    DecodedReading(field: 1, time: time, value: .number(48)),
                ]))
    }

    @Test(
        arguments: [
            ("data.ch[1].v", #"{"data":{"ch":[{"v":1.2},{"v":3.4}]}}"#, .number(3.4)),
            ("[0].v", #"[{"id":"a","v":1,"ts":5}]"#, .number(1)),
            ("linkquality", #"{"temperature":27.3,"humidity":44,"battery":97,"linkquality":131}"#, .number(131)),
            (
                "DS18B20.Temperature",
                #"{"Time":"2024-02-24T22:20:38","ENERGY":{"Power":12},"DS18B20":{"Temperature":20.1},"TempUnit":"C"}"#,
                .number(20.1)
            ),
            ("rxInfo[0].rssi", #"{"object":{"temp":21.5},"rxInfo":[{"rssi":-36,"snr":10.5}]}"#, .number(-36)),
            (
                "params.switch:0.apower", #"{"params":{"ts":1718000000.1,"switch:0":{"id":0,"apower":12.4}}}"#,
                .number(12.4)
            ),
            ("state", #"{"state":"OPEN"}"#, .text("OPEN")),
        ] as [(String, String, Value)])
    func nested(path: String, payload: String, value: Value) throws {
        #expect(
            try PayloadDecoder.json(path).decode(payload) == Decoded(readings: [DecodedReading(field: 0, value: value)])
        )
    }

    @Test(arguments: [
        ("Time", #"{"v":1,"Time":"2024-02-24T22:20:38"}"#, 1_708_813_238_000_000),
        ("time", #"{"v":1,"time":"2022-07-18T09:34:15.77+00:00"}"#, 1_658_136_855_770_000),
        ("params.ts", #"{"v":1,"params":{"ts":1718000000.1}}"#, 1_718_000_000_100_000),
    ])
    func times(path: String, payload: String, microseconds: Int64) throws {
        #expect(
            try PayloadDecoder.json("v", time: path).decode(payload)
                == Decoded(readings: [DecodedReading(field: 0, time: Timestamp(microseconds), value: .number(1))]))
    }
}

@Suite struct JSONPayloadTests {
    @Test(
        arguments: [
            ("1", .number(1)), ("-0.0", .number(-0.0)), ("1.5e3", .number(1500)), ("9007199254740993", .number(0x1p53)),
            ("-9223372036854775808", .number(-0x1p63)), ("18446744073709551615", .number(0x1p64)), ("true", .number(1)),
            ("false", .number(0)), (#""21.5""#, .number(21.5)), (#"" 21,5 ""#, .number(21.5)),
            (#""\u0032""#, .number(2)),
            (#""true""#, .text("true")), (#""ON""#, .text("ON")), (#""""#, .text("")),
            (#""a\nb\u0000""#, .text("a\nb\0")),
            (#""NaN""#, .text("NaN")), (#""1e999""#, .text("1e999")), (#""unavailable""#, .text("unavailable")),
            (#""caf\u00e9""#, .text("caf\u{E9}")), ("\"\u{1F600}\"", .text("\u{1F600}")), ("1e-400", .number(0)),
        ] as [(String, Value)])
    func aValueIsRead(json: String, value: Value) throws {
        #expect(
            try PayloadDecoder.json("v").decode(#"{"v":\#(json)}"#)
                == Decoded(readings: [DecodedReading(field: 0, value: value)]))
    }

    @Test func nullIsTheDeviceSayingThatItHasNone() throws {
        #expect(
            try PayloadDecoder.json("v").decode(#"{"v":null}"#)
                == Decoded(readings: [DecodedReading(field: 0, value: .absent, quality: .deviceException)]))
    }

    @Test func aTextHas256BytesAtMost() throws {
        let decoder = try PayloadDecoder.json("v")
        let longest = String(repeating: "x", count: 256)
        #expect(decoder.decode(#"{"v":"\#(longest)"}"#).readings.first?.value == .text(longest))
        #expect(decoder.decode(#"{"v":"\#(longest)x"}"#) == Decoded(readings: [], problem: .wrongType))
        #expect(decoder.problem(of: #"{"v":"\#(longest)x"}"#)?.detail == "v: a text of more than 256 bytes")
    }

    @Test func soundFieldsAreReadBesideOthers() throws {
        let decoder = try PayloadDecoder.json("a", "b", "c", "d")
        #expect(
            decoder.decode(#"{"a":1,"b":[],"d":"x"}"#)
                == Decoded(
                    readings: [
                        DecodedReading(field: 0, value: .number(1)), DecodedReading(field: 3, value: .text("x")),
                    ],
                    problem: .wrongType))
        #expect(decoder.problem(of: #"{"c":{},"b":[]}"#)?.detail == "b: an array or object")
    }

    @Test(arguments: [
        "{}", "[]", "5", "null", #""t""#, #"{"x":1}"#, #"{"T":1}"#, #"{"data":1}"#, #"{"data":{"ch":[]}}"#,
        #"{"data":[1]}"#, #"[{"t":1}]"#,
    ])
    func withoutAnyOfItsFieldsADocumentIsRefused(payload: String) throws {
        let decoder = try PayloadDecoder.json("t", "data.ch[0]")
        #expect(decoder.decode(payload) == Decoded(readings: [], problem: .noSuchField))
        #expect(decoder.problem(of: payload)?.detail == "t, data.ch[0]")
    }

    @Test func ofADuplicateKeyTheFirstCounts() throws {
        #expect(try PayloadDecoder.json("v").decode(#"{"v":1,"v":2}"#).readings.map(\.value) == [.number(1)])
    }

    @Test(arguments: [
        (#"["a.b"]"#, #"{"a.b":1}"#), (#"[""]"#, #"{"":1}"#), ("$a", #"{"\u0024a":1}"#), ("caf\u{E9}", #"{"café":1}"#),
        (#"["a b"][0]["c"]"#, #"{"a b":[{"c":1}]}"#), ("a/b", #"{"a\/b":1}"#),
    ])
    func keysAreFoundHoweverTheyAreWritten(path: String, payload: String) throws {
        #expect(try PayloadDecoder.json(path).decode(payload).readings.map(\.value) == [.number(1)])
    }

    @Test(
        arguments: [
            ("", .empty), (" \n", .empty), ("{", .notJSON), (#"{"v":}"#, .notJSON), (#"{"v":1}}"#, .notJSON),
            (#"{"v":1} x"#, .notJSON), (#"{"v":1"#, .notJSON), (#"{v:1}"#, .notJSON), (#"{'v':1}"#, .notJSON),
            (#"{"v":01}"#, .notJSON), (#"{"v":NaN}"#, .notJSON), (#"{"v":.5}"#, .notJSON), (#"{"v":+1}"#, .notJSON),
            (#"{"v":"}"#, .notJSON), (#"{"v":1,}"#, .notJSON), (#"{"v":tru}"#, .notJSON), (#"{"v":"\x"}"#, .notJSON),
            ("{\"v\":\"\n\"}", .notJSON), (#"{"v":1e999}"#, .notJSON), (#"{"v":18446744073709551616}"#, .notJSON),
            (#"{"x":1e999,"v":1}"#, .notJSON), ("Online", .notJSON), ("\0", .notJSON),
        ] as [(String, PayloadProblem.Reason)])
    func whatIsNotADocumentIsRefused(payload: String, reason: PayloadProblem.Reason) throws {
        #expect(try PayloadDecoder.json("v").decode(payload) == Decoded(readings: [], problem: reason))
    }

    @Test func aNumberBeyondSixtyFourBitsIsNamed() throws {
        let problem = try PayloadDecoder.json("v").problem(of: #"{"v":1e999}"#)
        #expect(problem?.detail == "a number that is malformed or does not fit into 64 bits")
    }

    @Test func thirtyTwoLevelsAreTheDeepest() throws {
        let decoder = try PayloadDecoder.json("[0]")
        for depth in 1...40 {
            let payload = String(repeating: "[", count: depth) + "1" + String(repeating: "]", count: depth)
            #expect(decoder.decode(payload).problem == (depth == 1 ? nil : depth <= 32 ? .wrongType : .tooDeep))
            let objects = String(repeating: #"{"a":"#, count: depth) + "1" + String(repeating: "}", count: depth)
            #expect(decoder.decode(objects).problem == (depth <= 32 ? .noSuchField : .tooDeep))
        }
    }
}

@Suite struct JSONTimeTests {
    @Test(
        arguments: [
            (.seconds, "1718000000", 1_718_000_000_000_000), (.seconds, "1718000000.123456", 1_718_000_000_123_456),
            (.seconds, "0", 0), (.seconds, "0.0000005", 1), (.seconds, "0.0000004", 0),
            (.seconds, "253402300799", 253_402_300_799_000_000), (.seconds, #""1718000000""#, 1_718_000_000_000_000),
            (.seconds, #""1718000000.5""#, 1_718_000_000_500_000),
            (.seconds, #"" 1718000000,5 ""#, 1_718_000_000_500_000),
            (.milliseconds, "1718000000123", 1_718_000_000_123_000), (.milliseconds, "1.5", 1500),
            (.milliseconds, #""1718000000123""#, 1_718_000_000_123_000),
            (.microseconds, "1718000000123456", 1_718_000_000_123_456), (.microseconds, "2.5", 3),
            (.microseconds, "2.4", 2), (.nanoseconds, "1718000000123456499", 1_718_000_000_123_456),
            (.nanoseconds, "1718000000123456500", 1_718_000_000_123_457),
            (.nanoseconds, #""1718000000123456499""#, 1_718_000_000_123_456),
            (.nanoseconds, "18446744073709551615", 18_446_744_073_709_552), (.nanoseconds, "499.0", 0),
            (.nanoseconds, "500.0", 1), (.rfc3339, #""2024-02-24T22:20:38+01:00""#, 1_708_809_638_000_000),
            (.rfc3339, #""1970-01-01""#, 0), (.auto, "99999999999", 99_999_999_999_000_000),
            (.auto, "100000000000", 100_000_000_000_000), (.auto, "99999999999999", 99_999_999_999_999_000),
            (.auto, "100000000000000", 100_000_000_000_000), (.auto, "99999999999999999", 99_999_999_999_999_999),
            (.auto, "100000000000000000", 100_000_000_000_000), (.auto, "1718000000.25", 1_718_000_000_250_000),
            (.auto, #""1718000000123""#, 1_718_000_000_123_000),
            (.auto, #""2024-02-24 22:20:38""#, 1_708_813_238_000_000),
        ] as [(TimeFormat, String, Int64)])
    func aTimeIsRead(format: TimeFormat, json: String, microseconds: Int64) throws {
        #expect(
            try PayloadDecoder.json("v", time: "t", format: format).decode(#"{"t":\#(json),"v":1}"#)
                == Decoded(readings: [DecodedReading(field: 0, time: Timestamp(microseconds), value: .number(1))]))
    }

    @Test(
        arguments: [
            (.seconds, "-1"), (.seconds, "-0.5"), (.seconds, "253402300800"), (.seconds, "18446744073709551615"),
            (.seconds, "1e300"), (.milliseconds, "9223372036854775807"), (.microseconds, "253402300800000000"),
            (.seconds, #""2024-02-24""#), (.seconds, #""""#), (.seconds, #""now""#), (.seconds, "true"),
            (.seconds, "[]"),
            (.rfc3339, "1718000000"), (.rfc3339, "1718000000.5"), (.rfc3339, #""1718000000""#),
            (.rfc3339, #""22:20:38""#),
            (.rfc3339, #""1969-12-31T23:59:59Z""#), (.rfc3339, #""2024-02-30""#), (.auto, "-1718000000"), (.auto, "{}"),
            (.auto, "1e30"), (.auto, #""1e999""#), (.auto, #""99999999999999999999999""#),
        ] as [(TimeFormat, String)])
    func aTimeThatCannotBeIsAProblemOfItsOwn(format: TimeFormat, json: String) throws {
        let decoder = try PayloadDecoder.json("v", time: "t", format: format)
        #expect(
            decoder.decode(#"{"t":\#(json),"v":1}"#)
                == Decoded(
                    readings: [DecodedReading(field: 0, value: .number(1), quality: .uncertain)], problem: .badTime))
    }

    @Test(arguments: [#"{"v":1}"#, #"{"v":1,"t":null}"#])
    func aMissingTimeIsUncertainAndNoProblem(payload: String) throws {
        #expect(
            try PayloadDecoder.json("v", time: "t").decode(payload)
                == Decoded(readings: [DecodedReading(field: 0, value: .number(1), quality: .uncertain)]))
    }

    @Test func aWorseQualityIsKept() throws {
        #expect(
            try PayloadDecoder.json("v", time: "t").decode(#"{"v":null}"#)
                == Decoded(readings: [DecodedReading(field: 0, value: .absent, quality: .deviceException)]))
    }

    @Test func onlyTheReadingsOfThisPayloadAreStamped() throws {
        let decoder = try PayloadDecoder.json("v", time: "t")
        let earlier = DecodedReading(field: 9, value: .number(9))
        var readings = [earlier]
        _ = Array(#"{"v":1,"t":5}"#.utf8).withUnsafeBytes { decoder.decode($0, arrival: arrival, into: &readings) }
        #expect(readings == [earlier, DecodedReading(field: 0, time: Timestamp(5_000_000), value: .number(1))])
    }
}
