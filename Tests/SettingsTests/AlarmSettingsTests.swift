import Alarms
import Readings
import Testing

@testable import Settings

/// A configuration with two actions; the lines are those of its only `[[alarm]]`, the first of them line 2.
private func load(alarm lines: String) -> LoadedSettings {
    var files = FakeFiles([
        "etc/outpost.toml": """
        [[alarm]]
        \(lines)
        [[mqtt]]
        name = "plant"
        broker = "mqtt://127.0.0.1"
        [[mqtt.topic]]
        filter = "a/+"
        series = "{topic}"
        format = "number"
        [[action]]
        name = "bus"
        kind = "mqtt"
        broker = "plant"
        [[action]]
        name = "siren"
        kind = "command"
        command = ["/bin/siren"]
        """
    ])
    files.contents["/bin/siren"] = [0x7F]
    return load(files)
}

private func alarms(_ lines: String) -> [AlarmRule] {
    let loaded = load(alarm: lines)
    #expect(loaded.problems == [])
    return loaded.settings?.alarmRules ?? []
}

private func alarm(_ lines: String) throws -> AlarmRule {
    try #require(alarms("name = \"high\"\nseries = \"a/*\"\n" + lines).first)
}

private func problems(_ lines: String) -> [String] {
    load(alarm: lines).problems.map { String($0.description.dropFirst("etc/outpost.toml:".count)) }
}

@Suite struct AlarmSettingsTests {
    private static let second: Int64 = 1_000_000_000

    private static let kinds: [(String, AlarmCondition)] = [
        ("above = 80", .limits(Limits([.init(.warning, above: 80)]))),
        (
            "above = 80.5\nbelow = -3\nseverity = \"critical\"\ndeadband = 2",
            .limits(Limits([.init(.critical, above: 80.5, below: -3)], deadband: 2))
        ),
        (
            "emergency = { above = 4000 }\nwarning = { above = 3000, below = 1 }\ncritical = { below = 0 }",
            .limits(
                Limits([
                    .init(.warning, above: 3000, below: 1), .init(.critical, below: 0), .init(.emergency, above: 4000),
                ]))
        ),
        ("inside = [1, 2.5]", .band(Band(1...2.5, isOutside: false))),
        ("outside = [-1, -1]\ndeadband = 0.5", .band(Band(-1 ... -1, isOutside: true, deadband: 0.5))),
        ("equals = \"FAULT\"", .equality(Equality([.text("FAULT")]))),
        ("equals = [\"FAULT\", 3, true]", .equality(Equality([.text("FAULT"), .number(3), .number(1)]))),
        ("not_equals = false", .equality(Equality([.number(0)], isNegated: true))),
        ("rate_above = 5", .rate(RateLimit(5))),
        (
            "rate_above = { value = 5, per = \"m\", over = \"10s\" }\ndeadband = 1",
            .rate(RateLimit(5, per: .minute, window: 10 * second, deadband: 1))
        ),
        ("change_above = 0.1", .change(ChangeLimit(0.1))),
        ("unchanged_for = \"5m\"\ndeadband = 0.1", .unchanged(Unchanged(300 * second, deadband: 0.1))),
        ("stale_after = \"30s\"\nseverity = \"emergency\"", .staleness(Staleness(30 * second, level: .emergency))),
        ("quality_bad_for = \"10s\"", .badQuality(BadQuality())),
        ("deviation = { from = \"b\", above = 3 }", .deviation(Deviation(from: SeriesName("b")!, above: 3))),
        ("count_above = { value = 5 }", .count(CountLimit(above: 5, count: 3, within: 60 * second))),
        ("notice = { above = 5 }", .limits(Limits([.init(.notice, above: 5)]))),
        ("anomaly = true", .anomaly(Anomaly())),
        (
            "anomaly = { sensitivity = \"high\", every = \"0s\", score = true }\nseverity = \"critical\"",
            .anomaly(Anomaly(.high, every: 0, hasScore: true, level: .critical))
        ),
        ("zscore = { window = \"10m\", limit = 4 }", .zscore(ZScore(window: 600 * second, limit: 4))),
        ("zscore = {}", .zscore(ZScore(window: 3600 * second, limit: 3))),
        (
            "forecast = { limit = 90, within = \"8h\" }",
            .forecast(Forecast(limit: 90, within: 28_800 * second, over: 7200 * second))
        ),
        (
            "forecast = { limit = -1, within = \"1h\", over = \"2h\", direction = \"falling\" }",
            .forecast(Forecast(limit: -1, within: 3600 * second, over: 7200 * second, direction: .falling))
        ),
        (
            "count_below = { value = -5, count = 2, within = \"1h\" }",
            .count(CountLimit(below: -5, count: 2, within: 3600 * second))
        ),
    ]

    @Test(arguments: 0..<kinds.count) func eachKind(index: Int) throws {
        let (lines, condition) = Self.kinds[index]
        let rule = try alarm(lines)
        #expect(rule.condition == condition)
        #expect(rule.series == SeriesGlob("a/*"))
        #expect(rule.onDelay == (index == 13 ? 10 * Self.second : 0))
    }

    @Test func theRest() throws {
        let rule = try alarm(
            """
            above = 1
            on_delay = "500ms"
            off_delay = "1m"
            latch = true
            message = "{series}: {value}"
            actions = ["bus", "siren"]
            repeat = "10m"
            when_bad = "hold"
            late = "act"
            group = "hall"
            enabled_when = { series = "a/state", equals = ["RUN", "START"] }
            """)
        #expect(
            (rule.onDelay, rule.offDelay, rule.repeatEvery) == (Self.second / 2, 60 * Self.second, 600 * Self.second))
        #expect(rule.isLatching)
        #expect(rule.actions == ["bus", "siren"])
        #expect((rule.whenBad, rule.late, rule.group) == (.hold, .act, "hall"))
        #expect(rule.enabledWhen == EnabledWhen(SeriesName("a/state")!, .equals([.text("RUN"), .text("START")])))
        let plain = try alarm("above = 1")
        #expect((plain.whenBad, plain.late, plain.isLatching, plain.repeatEvery) == (.alarm, .record, false, nil))
    }

    @Test func votes() {
        let rules = alarms(
            """
            name = "x"
            series = "a/1"
            above = 1
            [[alarm]]
            name = "y"
            series = "a/2"
            above = 1
            [[alarm]]
            name = "both"
            all = ["x", "y"]
            [[alarm]]
            name = "one"
            any = ["x", "both"]
            at_least = 2
            severity = "emergency"
            [[alarm]]
            name = "neither"
            not = ["x", "y"]
            """)
        #expect(
            rules.dropFirst(2).map(\.condition) == [
                .vote(Vote(.all, of: ["x", "y"])), .vote(Vote(.atLeast(2), of: ["x", "both"], level: .emergency)),
                .vote(Vote(.none, of: ["x", "y"])),
            ])
        #expect(rules.dropFirst(2).allSatisfy { $0.series == nil })
    }

    private static let named = "name = \"high\"\nseries = \"a/*\"\n"

    /// What follows the name and the series, and what is said of it.
    private static let wrong: [(String, [String])] = [
        (
            "abov = 5",
            [
                "1:1: [[alarm]] needs what to look for, such as above = 80",
                "4:1: unknown key \"abov\" in [[alarm]], did you mean \"above\"?",
            ]
        ),
        (
            "above = 5\nequals = 3",
            [
                "1:1: above and equals exclude each other: an alarm looks for one thing, and all, any and not join several"
            ]
        ), ("", ["1:1: [[alarm]] needs what to look for, such as above = 80"]),
        (
            "warning = { above = 5 }\nabove = 6",
            ["5:1: above stands within a level where there are levels, as in warning = { above = 80 }"]
        ),
        (
            "warning = { above = 5 }\ncritical = { above = 4 }",
            ["5:12: critical: its limit is reached before that of warning"]
        ),
        (
            "critical = { below = 5 }\nemergency = { below = 6 }",
            ["5:13: emergency: its limit is reached before that of critical"]
        ),
        (
            "warning = { above = 5 }\nemergency = { above = 4 }",
            ["5:13: emergency: its limit is reached before that of warning"]
        ),
        (
            "warning = { above = 5 }\ncritical = { below = 1 }\nemergency = { above = 4 }",
            ["6:13: emergency: its limit is reached before that of warning"]
        ),
        (
            "warning = { above = 5 }\ncritical = { below = 6 }",
            ["5:12: critical and warning: below = 6.0 and above = 5.0 leave no value that is well"]
        ),
        ("above = 5\nbelow = 5", ["5:9: below = 5.0 and above = 5.0 leave no value that is well"]),
        ("warning = { }", ["4:11: [alarm.warning] needs above = 80 or below = 10"]),
        ("warning = { above = \"5\" }", ["4:21: above: a number such as 80 is expected, not a string"]),
        ("warning = { above = 5 }\nseverity = \"critical\"", ["5:1: severity means nothing beside levels"]),
        ("above = nan", ["4:9: above: a finite number is expected"]),
        ("above = inf", ["4:9: above: a finite number is expected"]),
        ("inside = [5, 1]", ["4:10: inside: two numbers are expected, the smaller first, such as [10, 80]"]),
        ("outside = [1]", ["4:11: outside: two numbers are expected, the smaller first, such as [10, 80]"]),
        ("outside = []", ["4:11: outside: two numbers are expected, the smaller first, such as [10, 80]"]),
        ("outside = [-inf, inf]", []),
        ("equals = []", ["4:10: equals: the array is empty"]),
        (
            "equals = 1979-05-27",
            ["4:10: equals: a number, a string or a boolean such as \"FAULT\" is expected, not a date or time"]
        ), ("equals = \"A\"\ndeadband = 1", ["5:1: deadband means nothing for equals"]),
        ("above = 1\ndeadband = -1", ["5:12: deadband: 0 or more is expected"]),
        ("rate_above = -1", ["4:14: rate_above: a number over 0 is expected"]),
        ("rate_above = { per = \"m\" }", ["4:14: [alarm.rate_above] needs value = 5"]),
        ("rate_above = { value = 1, per = \"d\" }", ["4:33: per: \"d\" is not known; known are \"s\", \"m\", \"h\""]),
        ("change_above = 0", ["4:16: change_above: a number over 0 is expected"]),
        ("unchanged_for = \"0s\"", ["4:17: unchanged_for: \"0s\" is out of range: \"100ms\" to \"366d\""]),
        ("stale_after = 5", ["4:15: stale_after: a duration needs a unit: write \"5s\""]),
        ("stale_after = \"2000d\"", ["4:15: stale_after: \"2000d\" is out of range: \"100ms\" to \"366d\""]),
        ("quality_bad_for = \"10s\"\non_delay = \"1s\"", ["5:1: on_delay stands in quality_bad_for"]),
        ("deviation = { above = 1 }", ["4:13: [alarm.deviation] needs from = \"press/set-point\""]),
        ("deviation = { from = \"a\\u0001\", above = 1 }", ["4:22: from: control characters are not allowed"]),
        ("deviation = { from = \"b\" }", ["4:13: [alarm.deviation] needs above = 5"]),
        ("deviation = { from = \"b\", above = -1 }", ["4:35: above: a number over 0 is expected"]),
        ("count_above = { count = 2 }", ["4:15: [alarm.count_above] needs value = 80"]),
        ("count_above = { value = 1, count = 0 }", ["4:36: count = 0 is out of range: 1 to 1000"]),
        ("count_above = { value = 1, count = 1001 }", ["4:36: count = 1001 is out of range: 1 to 1000"]),
        (
            "count_above = { value = 1, within = \"1ms\" }",
            ["4:37: within: \"1ms\" is out of range: \"100ms\" to \"366d\""]
        ), ("above = 1\non_delay = \"8d\"", ["5:12: on_delay: \"8d\" is out of range: \"0s\" to \"1w\""]),
        ("above = 1\noff_delay = \"-1s\"", ["5:13: off_delay: \"-1s\" is not a duration such as \"10s\" or \"1h30m\""]),
        ("above = 1\nrepeat = \"0s\"", ["5:10: repeat: \"0s\" is out of range: \"1s\" to \"1w\""]),
        ("above = 1\nlatch = 1", ["5:9: latch: a boolean such as false is expected, not an integer"]),
        ("above = 1\nwhen_bad = \"holds\"", ["5:12: when_bad: \"holds\" is not known, did you mean \"hold\"?"]),
        ("above = 1\nlate = \"no\"", ["5:8: late: \"no\" is not known; known are \"record\", \"act\""]),
        (
            "above = 1\nseverity = \"fatal\"",
            ["5:12: severity: \"fatal\" is not known; known are \"notice\", \"warning\", \"critical\", \"emergency\""]
        ),
        (
            "above = 1\nmessage = \"ä {valeu}\"",
            ["5:14: message: {valeu} stands for nothing, did you mean \"value\"?; {{ is a brace"]
        ),
        ("above = 1\nmessage = \"{value\"", ["5:12: message: {value has no }; {{ is a brace"]),
        (
            "above = 1\nactions = [\"sirene\"]",
            ["5:11: actions: there is no [[action]] \"sirene\", did you mean \"siren\"?"]
        ),
        ("above = 1\nactions = \"siren\"", ["5:11: actions: an array such as [\"siren\"] is expected, not a string"]),
        (
            "above = 1\nenabled_when = { series = \"b\" }",
            ["5:16: enabled_when: one of equals, not_equals, above and below is expected"]
        ),
        (
            "above = 1\nenabled_when = { series = \"b\", above = 1, below = 2 }",
            ["5:16: enabled_when: one of equals, not_equals, above and below is expected"]
        ),
        ("above = 1\nenabled_when = { equals = 1 }", ["5:16: [alarm.enabled_when] needs series = \"press/running\""]),
        ("above = 1\nenabled_when = { series = \"\", equals = 1 }", ["5:27: series: the text is empty"]),
        ("above = 1\nenabled_when = { series = \"b\", equals = [] }", ["5:41: equals: the array is empty"]),
        (
            "above = 1\nenabled_when = { series = \"b\", above = \"x\" }",
            ["5:40: above: a number such as 0 is expected, not a string"]
        ),
        ("anomaly = false", ["4:11: anomaly: true or a table is expected"]),
        ("anomaly = { every = \"2h\" }", ["4:21: every: \"2h\" is out of range: \"0s\" to \"1h\""]),
        ("anomaly = true\ndeadband = 1", ["5:1: deadband means nothing for anomaly"]),
        ("zscore = { limit = 0 }", ["4:20: limit: a number over 0 is expected"]),
        ("forecast = { within = \"1h\" }", ["4:12: [alarm.forecast] needs limit = 90"]),
        (
            "any = [\"high\"]",
            [
                "3:1: series means nothing beside all, any and not: they look at other alarms",
                "4:7: high looks at itself by way of others",
            ]
        ),
    ]

    @Test(arguments: 0..<wrong.count) func mistakes(index: Int) {
        let (lines, expected) = Self.wrong[index]
        #expect(problems(Self.named + lines) == expected, "\(lines)")
    }

    private static let others: [(String, [String])] = [
        ("series = \"a\"\nabove = 1", ["1:1: [[alarm]] needs name = \"pressure\""]),
        (
            "name = \"a b\"\nseries = \"a\"\nabove = 1",
            ["2:10: name: a name is 1 to 64 letters, digits, \".\", \"_\" and \"-\""]
        ),
        ("name = \"high\"\nabove = 1", ["1:1: [[alarm]] needs series = \"drill/pressure-*\""]),
        ("name = \"flood\"\nseries = \"a\"\nabove = 1", ["2:8: name: \"flood\" is an alarm of the gateway's own"]),
        (
            "name = \"alarm-latency\"\nseries = \"a\"\nabove = 1",
            ["2:8: name: \"alarm-latency\" is an alarm of the gateway's own"]
        ),
        (
            "name = \"a\"\nseries = \"a\"\nabove = 1\n[[alarm]]\nname = \"a\"\nseries = \"a\"\nabove = 1",
            ["6:8: name: \"a\" is the name of the alarm at etc/outpost.toml:2:8 too"]
        ),
        ("name = \"a\"\nall = []", ["3:7: all: the array is empty"]),
        ("name = \"a\"\nall = [\"b\"]\nany = [\"b\"]", ["4:7: all and any exclude each other"]),
        (
            "name = \"a\"\nall = [\"hihg\"]\n[[alarm]]\nname = \"high\"\nseries = \"s\"\nabove = 1",
            ["3:7: there is no alarm \"hihg\", did you mean \"high\"?"]
        ),
        ("name = \"a\"\nall = [\"a\"]", ["3:7: a looks at itself by way of others"]),
        (
            "name = \"a\"\nall = [\"b\"]\n[[alarm]]\nname = \"b\"\nnot = [\"c\"]\n[[alarm]]\nname = \"c\"\nany = [\"a\"]",
            [
                "3:7: a looks at itself by way of others", "6:7: b looks at itself by way of others",
                "9:7: c looks at itself by way of others",
            ]
        ),
        (
            "name = \"a\"\nall = [\"b\"]\nat_least = 2\n[[alarm]]\nname = \"b\"\nseries = \"s\"\nabove = 1",
            ["4:1: at_least belongs to any"]
        ),
        (
            "name = \"a\"\nany = [\"b\"]\nat_least = 0\n[[alarm]]\nname = \"b\"\nseries = \"s\"\nabove = 1",
            ["4:12: at_least = 0 is out of range: 1 to 1000"]
        ),
        (
            "name = \"a\"\nnot = [\"b\"]\ndeadband = 1\n[[alarm]]\nname = \"b\"\nseries = \"s\"\nabove = 1",
            ["4:1: deadband means nothing for all"]
        ),
    ]

    @Test(arguments: 0..<others.count) func mistakesOfNames(index: Int) {
        let (lines, expected) = Self.others[index]
        #expect(problems(lines) == expected, "\(lines)")
    }

    @Test func ofAll() {
        let text = """
            [alarms]
            max_age = "0s"
            flood_limit = 0
            alarm_latency_limit = "2m"
            actions = ["bus"]
            """
        #expect(
            SettingsTests.problems(in: text) == [
                "2:11: max_age: \"0s\" is out of range: \"1s\" to \"1d\"",
                "3:15: flood_limit = 0 is out of range: 1 to 10000",
                "4:23: alarm_latency_limit: \"2m\" is out of range: \"1ms\" to \"1m\"",
                "5:11: actions: there is no [[action]] \"bus\"",
            ])
    }
}
