import Foundation
import Platform
import TestSupport
import Testing

/// Rules on the past, as a person meets them: the binary over an imported store.
@Suite(.serialized) struct AlarmReplayTests {
    private let directory = TemporaryDirectory()
    private let data: String

    init() { data = directory.path + "/data" }

    /// One reading a minute.
    private func store(_ name: String, _ values: [String]) throws {
        let start: Int64 = 1_780_000_000_000_000
        let rows = values.enumerated().map { number, value in
            "\"\(name)\",\(start + Int64(number) * 60_000_000),\(value),good\n"
        }
        let path = directory.path + "/rows.csv"
        try Files.write(Array(("series,time,value,text,quality\n" + rows.joined()).utf8), to: path)
        let result = outpost("import", "--data", data, path)
        #expect(result.status == 0, "\(result.errors)")
    }

    private func write(_ text: String, to name: String) throws -> String {
        try Files.write(Array(text.utf8), to: directory.path + "/" + name)
        return directory.path + "/" + name
    }

    private func replay(_ arguments: String...) -> CommandResult {
        outpost(["alarms", "replay", "--data", data, "--from", "0"] + arguments)
    }

    private let rules = """
        [gateway]
        id = "ignored"

        [[alarm]]
        name = "hot"
        series = "oven/*"
        warning = { above = 80 }
        critical = { above = 150 }
        actions = ["not-in-this-file"]

        [[alarm]]
        name = "silent"
        series = "oven/*"
        stale_after = "5m"

        """

    /// Peaks of 91, 92, 93 ... every ten minutes.
    private func peaks(_ count: Int) -> [String] {
        (0..<10 * count).map { $0 % 10 == 5 ? "\(91 + $0 / 10)," : "20," }
    }

    @Test func aReportForPeople() throws {
        try store("oven/temperature", peaks(20))
        let path = try write(rules, to: "rules.toml")
        let result = replay("--rules", path)
        #expect(result.status == 0 && result.errors == "", "\(result.errors)")
        let lines = result.output.split(separator: "\n").map(String.init)
        #expect(lines.first == "2026-05-28T20:26:40Z to 2026-05-28T23:45:40Z, 0.138 days: 200 readings of 1 series")
        #expect(lines.contains { $0.hasPrefix("hot     20 times") })
        #expect(lines.contains("  oven/temperature  20 times, warning at worst; longest 1m, in all 20m"))
        #expect(lines.contains("    first 2026-05-28T20:31:40Z, last 2026-05-28T23:41:40Z"))
        #expect(lines.contains("  above = 100 would have raised 10"))
        #expect(lines.last == "silent  never")
        #expect(lines.allSatisfy { $0.count <= 100 })
        let whole = replay("--rules", path, "--all")
        #expect(whole.output.split(separator: "\n").count { $0.hasSuffix("1m          warning") } == 20)
        // What is claimed is so.
        let higher = try write(rules.replacingOccurrences(of: "above = 80 ", with: "above = 100 "), to: "higher.toml")
        #expect(replay("--rules", higher).output.contains("10 times, warning at worst"))
    }

    @Test func aReportForPrograms() throws {
        try store("oven/temperature", peaks(20) + ["200,"])
        let result = replay("--json", "--rules", try write(rules, to: "rules.toml"))
        let report = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
        #expect(report["readings"] as? Int == 201)
        let rules = try #require(report["rules"] as? [[String: Any]])
        #expect(rules.map { $0["name"] as? String } == ["hot", "silent"])
        #expect(rules.map { $0["raised"] as? Int } == [21, 0])
        let alarm = try #require((rules[0]["alarms"] as? [[String: Any]])?.first)
        #expect(alarm["series"] as? String == "oven/temperature" && alarm["worst"] as? String == "critical")
        #expect(alarm["stands"] as? Bool == true)
        let episodes = try #require(alarm["episodes"] as? [[String: Any]])
        #expect(episodes.count == 21 && episodes[20]["ended"] is NSNull)
        #expect(episodes[0]["raised"] as? String == "2026-05-28T20:31:40.000000Z")
        #expect((rules[0]["halving"] as? [String: Any])?["raised"] as? Int == 10)
    }

    @Test func rulesOfTheConfigurationOrAFile() throws {
        try store("oven/temperature", peaks(3))
        let wrong = try write(rules + "[[alarm]]\nname = \"x\"\nseries = \"a\"\nabove = \"b\"\n", to: "wrong.toml")
        let result = replay("--rules", wrong)
        #expect(result.status == 2 && result.output == "")
        #expect(result.errors.hasPrefix("\(wrong):18:9: above:"), "\(result.errors)")
        #expect(replay("--rules", "/nowhere.toml").status == 2)
        #expect(replay("--rules", try write("", to: "empty.toml")).status == 2)
        let configuration = try write(
            "[gateway]\nid = \"g\"\ndata = \"\(data)\"\n[[alarm]]\nname = \"low\"\nseries = \"oven/*\"\nbelow = 90\n",
            to: "outpost.toml")
        let own = outpost("alarms", "replay", "--config", configuration, "--from", "2026-01-01")
        #expect(own.status == 0 && own.output.contains("\nlow  4 times\n"), "\(own.output)\(own.errors)")
        // The past month of this machine, and what is not there.
        let none = outpost("alarms", "replay", "--config", configuration, "--from", "2020-01-01", "--to", "2021-01-01")
        #expect(none.output.hasPrefix("no readings of these series from 2020-01-01T00:00:00Z to "))
        #expect(outpost("alarms", "replay", "--config", configuration, "--since", "soon").status == 2)
        #expect(replay("--since", "1d", "--rules", wrong).status == 2)
        #expect(outpost("alarms", "replay", "what", "--config", configuration).status == 2)
    }

    // MARK: - Suggestions

    /// What is suggested is understood, and can be replayed.
    private func suggestion(_ name: String) throws -> String {
        let result = outpost("alarms", "suggest", name, "--data", data, "--from", "0")
        #expect(result.status == 0 && result.errors == "", "\(name): \(result.errors)")
        let path = try write("[gateway]\nid = \"g\"\n" + result.output, to: "suggested.toml")
        let check = outpost("check", "--config", path)
        #expect(check.status == 0 && check.errors == "", "\(name): \(check.errors)\n\(result.output)")
        if result.output.contains("[[alarm]]") { #expect(replay("--rules", path).status == 0, "\(result.output)") }
        return result.output
    }

    @Test func limitsOfAnOven() throws {
        var generator = SeededGenerator(seed: 1)
        let values = (0..<3000).map { _ in
            String(format: "%.1f,", 180 + Double.random(in: -4...4, using: &generator))
        }
        try store("oven/temperature", values)
        let text = try suggestion("oven/temperature")
        for part in [
            "name = \"oven-temperature-limits\"", "warning = { above = 186", "critical = { above = 18", "below = 17",
            "deadband = ", "stale_after = \"3m\"", "unchanged_for = \"", "oven-temperature-silent  never",
            "# In that time these would have been raised:",
        ] { #expect(text.contains(part), "\(part): \(text)") }
    }

    @Test func whatHasNoLimits() throws {
        let cases: [(name: String, values: [String], words: String, alarms: Int)] = [
            ("few", Array(repeating: "1,", count: 10), "10 readings are too few", 0),
            ("constant", Array(repeating: "5,", count: 100), "it has always been 5", 1),
            ("switch", (0..<400).map { "\($0 / 50 % 2)," }, "it has 2 different values", 1),
            ("counter", (0..<400).map { "\($0 * $0)," }, "a counter", 2),
            ("states", (0..<400).map { $0 == 99 ? ",FAULT \"1\" ${x}" : ",\($0 / 50 % 2 == 0 ? "on" : "off")" }, "", 2),
            ("missing", Array(repeating: ",", count: 100), "no good value", 1),
            ("words", (0..<100).map { ",\($0)" }, "texts, more than 16", 1),
            ("infinite", (0..<100).map { _ in "inf," }, "are infinite", 1),
            ("${HOME} \"*\" \\", (0..<100).map { "\($0 % 37)," }, "", 3),
            ("enormous", (0..<100).map { "\($0 % 2 == 0 ? "-" : "")\(Double($0) / 100)e308," }, "too far apart", 2),
        ]
        for (name, values, words, alarms) in cases {
            let quoted = name.replacingOccurrences(of: "\"", with: "\"\"")
            let escaped = values.map { $0.replacingOccurrences(of: "\"", with: "") }
            try store(quoted, escaped)
            let text = try suggestion(name)
            #expect(words == "" || text.contains(words), "\(text)")
            #expect(text.components(separatedBy: "[[alarm]]").count - 1 == alarms, "\(name): \(text)")
        }
        #expect(try suggestion("states").contains("equals = [\"FAULT 1 $${x}\"]"))
        let unknown = outpost("alarms", "suggest", "swich", "--data", data, "--from", "0")
        #expect(unknown.status == 1 && unknown.errors.contains("did you mean \"switch\"?"))
        #expect(outpost("alarms", "suggest", "--data", data).status == 2)
    }

    @Test func spikesAreWaitedFor() throws {
        var generator = SeededGenerator(seed: 3)
        try store(
            "spiky",
            (0..<20_000).map { number in
                "\(number % 1200 == 700 ? 900 : Double.random(in: 0...10, using: &generator)),"
            })
        let text = try suggestion("spiky")
        #expect(text.contains("on_delay = \"3m\""), "\(text)")
        #expect(text.contains("spiky-limits  never") || text.contains("spiky-limits  once"), "\(text)")
    }

    @Test(arguments: 0..<12) func anyHistoryGivesRulesThatAreUnderstood(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        let scale = Double.random(in: -300...300, using: &generator)
        let offset = Bool.random(using: &generator) ? 0 : Double.random(in: -1e9...1e9, using: &generator)
        let unit = Foundation.pow(10, scale)
        let kind = Int.random(in: 0...4, using: &generator)
        var value = 0.0
        let values = (0..<Int.random(in: 0...800, using: &generator)).map { number -> String in
            switch kind {
            case 0: value = Double.random(in: -1...1, using: &generator) * unit + offset
            case 1: value += Double.random(in: -1...1, using: &generator) * unit
            case 2: value = Double(Int.random(in: 0...20, using: &generator)) * unit
            case 3: value = Double(bitPattern: generator.next())
            default: value = abs(Foundation.sin(Double(number) / 9)) * unit
            }
            if Int.random(in: 0...50, using: &generator) == 0 { return ",text" }
            return value.isFinite ? "\(value)," : ","
        }
        try store("seed/\(seed)", values + ["1,"])
        _ = try suggestion("seed/\(seed)")
    }
}
