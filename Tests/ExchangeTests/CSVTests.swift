import Exchange
import Readings
import Testing

@Suite struct CSVTests {
    private static let good: [(String, [NamedReading])] = [
        ("", []),
        ("\n\r\n\n", []),
        ("series,time,value,text,quality\n", []),
        ("a,1,2.5,,", [NamedReading("a", 1, .number(2.5))]),
        (
            "a,1,2.5,,\r\nb,2,,OPEN,stale\r\n",
            [
                NamedReading("a", 1, .number(2.5)), NamedReading("b", 2, .text("OPEN"), .stale),
            ]
        ),
        ("\u{FEFF}series,time,value,text,quality\na,1,2.5,,\n", [NamedReading("a", 1, .number(2.5))]),
        (
            "\u{FEFF}\"series\",\"time\"\n\"a\",\"1\"\r\n\"b\",\"2\"",
            [
                NamedReading("a", 1, .absent), NamedReading("b", 2, .absent),
            ]
        ),
        (
            "value,time,series\n-1e3,2024-02-24T22:20:38.5+01:00,a\n\n1,7,b",
            [
                NamedReading("a", 1_708_809_638_500_000, .number(-1000)), NamedReading("b", 7, .number(1)),
            ]
        ),
        ("time,series\n1,a\n", [NamedReading("a", 1, .absent)]),
        (
            "series,time,text\na,1,\"\"\na,2,\na,3,12",
            [
                NamedReading("a", 1, .text("")), NamedReading("a", 2, .absent), NamedReading("a", 3, .text("12")),
            ]
        ),
        // Some tools put quotes round everything: only a row without a value has an empty text.
        ("\"a\",\"1\",\"2.5\",\"\",\"\"", [NamedReading("a", 1, .number(2.5))]),
        (
            "\"a, \"\"b\"\"\",2024-02-24,,\"x\r\ny\",good",
            [
                NamedReading("a, \"b\"", 1_708_732_800_000_000, .text("x\r\ny"))
            ]
        ),
        (
            "a,1,inf,,\na,2,-inf,,\na,3,nan,,\na,4,nan(0xFFF8000000000001),,\na,5,-0.0,,\na,6,.5,,\na,7,5.,,\n",
            [
                NamedReading("a", 1, .number(.infinity)), NamedReading("a", 2, .number(-.infinity)),
                NamedReading("a", 3, .number(.nan)),
                NamedReading("a", 4, .number(Double(bitPattern: 0xFFF8_0000_0000_0001))),
                NamedReading("a", 5, .number(-0.0)), NamedReading("a", 6, .number(0.5)),
                NamedReading("a", 7, .number(5)),
            ]
        ),
        // Rows, although these words are names of columns.
        (
            "series,1,,time,\ntime,2,,series,",
            [
                NamedReading("series", 1, .text("time")), NamedReading("time", 2, .text("series")),
            ]
        ),
    ]

    @Test(arguments: good.indices) func files(_ index: Int) {
        let (text, readings) = Self.good[index]
        #expect(parsed(text, .csv) == Parsed(readings: readings))
    }

    private static let goodRow = "\na,9,9,,\n"
    private static let timeHint = "is neither microseconds since 1970 nor like 2024-02-24T22:20:38Z"
    private static let nameHint = "is not a name of 1 to 1024 bytes without control characters"

    /// Of a first line without a header; the row after it is fine.
    @Test(arguments: [
        ("a,1,2", "1: fields: 3 where there are 5 columns"),
        ("a,1,2,,,", "1: fields: 6 where there are 5 columns"),
        ("a", "1: fields: 1 where there are 5 columns"),
        (",1,2,,", "1: series: \"\" \(nameHint)"),
        ("\"a\tb\",1,2,,", "1: series: \"a\\u{9}b\" \(nameHint)"),
        ("a,,2,,", "1: time: \"\" \(timeHint)"),
        ("a,yesterday,2,,", "1: time: \"yesterday\" \(timeHint)"),
        ("a,9223372036854775808,2,,", "1: time: \"9223372036854775808\" \(timeHint)"),
        ("a,2024-02-30,2,,", "1: time: \"2024-02-30\" \(timeHint)"),
        ("a,1,x,,", "1: value: \"x\" is not a number that a double can hold"),
        ("a,1, 2,,", "1: value: \" 2\" is not a number that a double can hold"),
        ("a,1,0x10,,", "1: value: \"0x10\" is not a number that a double can hold"),
        ("a,1,1e999,,", "1: value: \"1e999\" is not a number that a double can hold"),
        (
            "a,1,nan(0x7ff0000000000000),,",
            "1: value: \"nan(0x7ff0000000000000)\" is not a number that a double can hold"
        ),
        ("a,1,2,OPEN,", "1: text: \"OPEN\" stands beside the value \"2\", and only one can be"),
        (
            "a,1,2,,great",
            "1: quality: \"great\" is unknown; known are good, uncertain, stale, communication_error, "
                + "device_exception, out_of_range, substituted"
        ),
        ("a,1,,say \"OPEN\",", "1: text: \"say \"\" has a quote although it does not begin with one"),
        ("a,1,,\"OPEN\" now,", "1: text: \"\"OPEN\" \" goes on after its closing quote"),
        ("a,1,,\"OPEN\"\rnow,", "1: text: \"\"OPEN\"\\u{d}n\" goes on after its closing quote"),
        (
            "a,1,\(String(repeating: "9", count: 41)),x,",
            "1: text: \"x\" stands beside the value \"\(String(repeating: "9", count: 40))...\", and only one can be"
        ),
    ])
    func badRows(row: String, message: String) {
        let result = parsed(row + Self.goodRow, .csv)
        #expect(result.messages == [message])
        #expect(result.readings == [NamedReading("a", 9, .number(9))])
    }

    @Test(
        arguments: [
            (
                "series,time,unit,value",
                ["1: column 3: \"unit\" is unknown and ignored; known are series,time,value,text,quality"],
                "a,9,kW,9"
            ),
            (
                "series,time,value,time",
                ["1: column 4: \"time\" stands in the header twice, and the first one counts"],
                "a,9,9,8"
            ),
            ("\n\nseries,value", ["3: time: the header has no such column, so no row can be read"], nil),
            ("value,time", ["1: series: the header has no such column, so no row can be read"], nil),
        ] as [(String, [String], String?)])
    func headers(header: String, messages: [String], row: String?) {
        let result = parsed("\(header)\n\(row ?? "a,9,9")\n", .csv)
        #expect(result.messages == messages)
        #expect(result.readings == (row == nil ? [] : [NamedReading("a", 9, .number(9))]))
    }

    @Test func aProblemHasTheLineWhereItsRecordStarts() {
        let text = "series,time,text\na,1,\"x\ny\nz\"\n\nb,2,\"x\n\ny\",\nc,x,\r\nd,4,"
        let result = parsed(text, .csv)
        #expect(
            result.messages == [
                "6: fields: 4 where there are 3 columns",
                "9: time: \"x\" is neither microseconds since 1970 nor like 2024-02-24T22:20:38Z",
            ])
        #expect(result.readings == [NamedReading("a", 1, .text("x\ny\nz")), NamedReading("d", 4, .absent)])
    }

    @Test func invalidUTF8IsAProblem() {
        let text = Array("a\u{0}b,1,2,,\na,1,,a\u{0}b,\na,9,9,,\n".utf8).map { $0 == 0 ? 0xFF : $0 }
        let result = parsed(text, .csv)
        #expect(result.messages == ["1: series: \"a\u{FFFD}b\" is not UTF-8", "2: text: \"a\u{FFFD}b\" is not UTF-8"])
        #expect(result.readings == [NamedReading("a", 9, .number(9))])
    }
}
