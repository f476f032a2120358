import Exchange
import Readings
import Testing

@Suite struct LineProtocolTests {
    private static let good: [(String, [NamedReading])] = [
        ("", []),
        ("\n  \r\n# a comment with text=\"\n  # another\n", []),
        (
            "weather,site=a temp=21.5 1708813238500000000\n",
            [
                NamedReading("weather/a/temp", 1_708_813_238_500_000, .number(21.5))
            ]
        ),
        ("weather value=21.5", [NamedReading("weather", nil, .number(21.5))]),
        ("  weather   value=21.5   1000  \r\n", [NamedReading("weather", 1, .number(21.5))]),
        // Levels in the order of the tags' keys, whatever the order in the line.
        (
            "cpu,host=h1,core=3 user=1i,system=2u,idle=97.5 1000",
            [
                NamedReading("cpu/3/h1/user", 1, .number(1)), NamedReading("cpu/3/h1/system", 1, .number(2)),
                NamedReading("cpu/3/h1/idle", 1, .number(97.5)),
            ]
        ),
        (
            "d a=t,b=T,c=true,d=True,e=TRUE,f=f,g=F,h=false,i=False,j=FALSE",
            zip("abcdefghij", 0...).map {
                NamedReading("d/\($0)", nil, .number($1 < 5 ? 1 : 0))
            }
        ),
        (
            "door text=\"OPEN, a=b \\\"c\\\" \\\\ \\d\",state=\"\" 0",
            [
                NamedReading("door", 0, .text("OPEN, a=b \"c\" \\ \\d")), NamedReading("door/state", 0, .text("")),
            ]
        ),
        (
            "door text=\"two\nlines\r\n\" 1000\nb value=2 2000\n",
            [
                NamedReading("door", 1, .text("two\nlines\r\n")), NamedReading("b", 2, .number(2)),
            ]
        ),
        (
            "my\\ room\\,x=y,ta\\,g\\ \\=1=v\\ 1\\,\\=2 fi\\ eld\\,\\=k=1",
            [
                NamedReading("my room,x=y/v 1,=2/fi eld,=k", nil, .number(1))
            ]
        ),
        // No text begins within a key.
        (
            "a k\\=\"x=1 1000\nb value=2 2000",
            [NamedReading("a/k=\"x", 1, .number(1)), NamedReading("b", 2, .number(2))]
        ),
        // A backslash before anything else is itself.
        ("C:\\dir\\\\a,b=c\\d k\\ey=1", [NamedReading("C:\\dir\\\\a/c\\d/k\\ey", nil, .number(1))]),
        (
            "a,quality=stale value=1\na,quality=fine value=2\na,quality=good,z=1 value=3",
            [
                NamedReading("a", nil, .number(1), .stale), NamedReading("a/fine", nil, .number(2)),
                NamedReading("a/1", nil, .number(3)),
            ]
        ),
        (
            "a v=-9223372036854775808i,w=18446744073709551615u,x=-1e-3,y=.5,z=5.",
            [
                NamedReading("a/v", nil, .number(-0x1p63)), NamedReading("a/w", nil, .number(0x1p64)),
                NamedReading("a/x", nil, .number(-0.001)), NamedReading("a/y", nil, .number(0.5)),
                NamedReading("a/z", nil, .number(5)),
            ]
        ),
        // Rounded down, also before 1970.
        (
            "a value=1 1999\na value=1 -1\na value=1 -1000\na value=1 -1001",
            [1, -1, -1, -2].map {
                NamedReading("a", $0, .number(1))
            }
        ),
        (
            "wetter,ort=Zürich temp=21.5,zustand=\"☀️\"",
            [
                NamedReading("wetter/Zürich/temp", nil, .number(21.5)),
                NamedReading("wetter/Zürich/zustand", nil, .text("☀️")),
            ]
        ),
        // What one line leaves behind is not taken for the next.
        (
            "a x=1,y=2\na y=3\nb y=4\na x=5",
            [
                NamedReading("a/x", nil, .number(1)), NamedReading("a/y", nil, .number(2)),
                NamedReading("a/y", nil, .number(3)), NamedReading("b/y", nil, .number(4)),
                NamedReading("a/x", nil, .number(5)),
            ]
        ),
    ]

    @Test(arguments: good.indices) func files(_ index: Int) {
        let (text, readings) = Self.good[index]
        #expect(parsed(text, .line) == Parsed(readings: readings))
    }

    private static let noValue = "is neither a number, a truth value nor a text in quotes"

    /// The line after it is fine.
    @Test(arguments: [
        ("weather", "field: none stands after \"weather\""),
        ("weather,site=a", "field: none stands after \"weather,site=a\""),
        ("weather ", "field: \"\" is not like key=value"),
        (",site=a temp=1", "measurement: \",site=a\" begins without one"),
        ("weather,site temp=1", "tag: \"site\" is not like key=value"),
        ("weather,site= temp=1", "tag: \"site=\" is not like key=value"),
        ("weather,=a temp=1", "tag: \"=a\" is not like key=value"),
        ("weather,site=a=b temp=1", "tag: \"site=a=b\" is not like key=value"),
        ("weather, temp=1", "tag: \"\" is not like key=value"),
        ("weather temp", "field: \"temp\" is not like key=value"),
        ("weather =1", "field: \"=1\" is not like key=value"),
        ("weather temp=", "field \"temp\": \"\" \(noValue)"),
        ("weather temp=warm 1", "field \"temp\": \"warm\" \(noValue)"),
        ("weather temp=nan", "field \"temp\": \"nan\" \(noValue)"),
        ("weather temp=1ii", "field \"temp\": \"1ii\" \(noValue)"),
        ("weather temp=1.5i", "field \"temp\": \"1.5i\" \(noValue)"),
        ("weather temp=-1u", "field \"temp\": \"-1u\" \(noValue)"),
        ("weather temp=9223372036854775808i", "field \"temp\": \"9223372036854775808i\" \(noValue)"),
        ("weather temp=1e999", "field \"temp\": \"1e999\" \(noValue)"),
        ("weather temp=1,", "field: \"\" is not like key=value"),
        ("weather temp=1, wind=2", "field: \" wind=2\" is not like key=value"),
        ("weather value=1,text=\"a\"", "field \"text\": another one is the value of the same series"),
        ("weather temp=1 noon", "time: \"noon\" is not a whole number of nanoseconds since 1970"),
        ("weather temp=1 1.5", "time: \"1.5\" is not a whole number of nanoseconds since 1970"),
        ("weather temp=1 1 2", "time: \"2\" stands after it"),
        ("weather sky=\"blue", "field: \"sky=\"blue\\u{a}b value=2 2000\\u{a}\" has no closing quote"),
        ("weather temp=1,sky=\"blue\"ish", "field: \"sky=\"blue\"i\" goes on after its closing quote"),
        (
            "\u{7}\(String(repeating: "a", count: 50)) temp=1",
            "series: \"\\u{7}\(String(repeating: "a", count: 39))...\" is not a name of 1 to 1024 bytes "
                + "without control characters"
        ),
    ])
    func badLines(line: String, message: String) {
        let result = parsed("\n\(line)\nb value=2 2000\n", .line)
        #expect(result.messages == ["2: \(message)"])
        #expect(result.readings == [NamedReading("b", 2, .number(2))])
    }

    @Test func aLineWithOneBadFieldGivesNothing() {
        let result = parsed("a x=1,y=no\na x=2", .line)
        #expect(result.problems.map(\.line) == [1])
        #expect(result.readings == [NamedReading("a/x", nil, .number(2))])
    }
}
