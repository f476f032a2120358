import Readings
import Settings
import Testing

@Suite struct RetentionSectionTests {
    private static func days(_ count: Int) -> Duration { .seconds(count * 86_400) }

    @Test func whatIsLeftOutIsKeptForever() throws {
        let text = """
            [[retention]]
            series = "plant/**"
            raw = "7d"
            "1m" = "90d"
            "1h" = "5y"
            [[retention]]
            series = "**"
            """
        let rules = try #require(load(text).settings).retention
        #expect(rules.map(\.series) == [SeriesGlob("plant/**"), SeriesGlob("**")])
        #expect(rules.map(\.raw) == [Self.days(7), nil])
        #expect(rules.map(\.rollups) == [[Self.days(90), Self.days(5 * 365), nil], [nil, nil, nil]])
    }

    @Test func theWidthsOfTheStoreAreItsKeys() throws {
        let text = """
            [store]
            rollups = ["5m", "7d"]
            [[retention]]
            series = "**"
            raw = "forever"
            300s = "1w"
            7d = "forever"
            """
        let rule = try #require(load(text).settings?.retention.first)
        #expect(rule.raw == nil)
        #expect(rule.rollups == [Self.days(7), nil])
    }

    @Test func withoutRollupsThereIsOnlyRaw() throws {
        let text = "[store]\nrollups = []\n[[retention]]\nseries = \"**\"\n"
        #expect(try #require(load(text + "raw = \"1h\"").settings?.retention.first).raw == .seconds(3600))
        #expect(
            problems(in: text + "1m = \"1h\"") == ["5:1: unknown key \"1m\" in [[retention]]: there are no rollups"])
    }

    @Test(arguments: [
        Case("raw = \"7d\"", "1:1: [[retention]] needs series = \"plant/**\""),
        Case("series = \"\"", "2:10: series: the text is empty"),
        Case("series = \"**\"\nraw = 7", "3:7: raw: a duration needs a unit: write \"7s\""),
        Case(
            "series = \"**\"\nraw = \"for ever\"",
            "3:7: raw: \"for ever\" is not a duration such as \"10s\" or \"1h30m\""),
        Case("series = \"**\"\nraw = \"59m\"", "3:7: raw: \"59m\" is out of range: \"1h\" to \"100y\""),
        Case("series = \"**\"\n1m = \"101y\"", "3:6: 1m: \"101y\" is out of range: \"1h\" to \"100y\""),
        Case("series = \"**\"\n1h = \"23h\"\n1m = \"1h\"", "3:6: 1h: \"23h\" is out of range: \"1d\" to \"100y\""),
        Case("series = \"**\"\n1d = false", "3:6: 1d: a duration such as \"1w\" is expected, not a boolean"),
        Case(
            "series = \"**\"\n10m = \"7d\"",
            "3:1: unknown key \"10m\" in [[retention]]: there are rollups of 1m, 1h and 1d"),
        Case("series = \"**\"\nrwa = \"7d\"", "3:1: unknown key \"rwa\" in [[retention]], did you mean \"raw\"?"),
        Case(
            "series = \"**\"\nreadings = \"7d\"",
            "3:1: unknown key \"readings\" in [[retention]]"
                + "; known are \"series\", \"raw\", \"1m\", \"1h\", \"1d\""),
        Case("series = \"**\"\n1m = \"7d\"\n60s = \"7d\"", "4:1: \"60s\" and \"1m\" are the same"),
        Case(
            "series = \"**\"\n1m = \"90d\"\n1h = \"30d\"", "4:6: \"1h\" is kept for less time than \"1m\""),
        Case(
            "series = \"**\"\n1h = \"30d\"",
            "3:6: \"1h\" is kept for less time than \"1m\", which is kept forever"),
        Case("series = \"**\"\nraw = \"1y\"\n1m = \"7d\""),
        Case("series = \"**\"\n1m = \"90x\"\n1h = \"5y\"", "3:7: 1m: \"x\" is none of the units y, w, d, h, m, s, ms"),
    ])
    func refuses(_ example: Case) {
        #expect(problems(in: "[[retention]]\n" + example.text) == example.problems)
    }

    @Test func whatStandsBehindARuleForAllSeriesIsPointedOut() throws {
        let rules = ["plant/*", "**", "lab/*", "**"].map { "[[retention]]\nseries = \"\($0)\"\n" }.joined()
        let message = "warning: this rule is for no series: the one at etc/outpost.toml:3:1 is for all of them"
        #expect(problems(in: rules) == ["5:1: \(message)", "7:1: \(message)"])
        #expect(load(rules).settings?.retention.count == 4)
    }
}
