import Foundation
import Payloads
import Readings
import Testing

@testable import Settings

/// A connection whose only topic has a preset; its lines begin at 5.
private let start = """
    [[mqtt]]
    name = "plant"
    broker = "mqtt://127.0.0.1"
    [[mqtt.topic]]

    """

@Suite struct PresetSettingsTests {
    @Test(arguments: Preset.allCases)
    func everyPresetIsRead(preset: Preset) throws {
        let loaded = load(start + "preset = \"\(preset.rawValue)\"")
        #expect(loaded.problems == [])
        let topics = try #require(loaded.settings).mqtt[0].topics
        #expect(!topics.isEmpty)
        for topic in topics { #expect(topic.series.description.hasPrefix(preset.rawValue), "\(topic.series)") }

        // Written out it is the same.
        let written = start.replacing("[[mqtt.topic]]\n", with: "") + preset.mappings
        #expect(load(written).problems == [])
        #expect(load(written).settings?.mqtt[0].topics == topics)
    }

    /// What the documentation shows works, and shows every preset.
    @Test func theSamplesAreRead() throws {
        let folder = URL(filePath: #filePath).appending(path: "../../../etc/presets").standardizedFileURL
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path()).sorted()
        #expect(names == Preset.allCases.map { $0.rawValue + ".toml" }.sorted())
        for name in names {
            let text = String(decoding: try Data(contentsOf: folder.appending(path: name)), as: UTF8.self)
            #expect(load(text).problems == [], "\(name)")
            let preset = name.dropLast(".toml".count)
            let plain = load(start + "preset = \"\(preset)\"").settings
            #expect(load(text).settings?.mqtt[0].topics == plain?.mqtt[0].topics, "\(name)")
            let uncommented = text.split(separator: "\n").map { line in
                line.hasPrefix("  #") && !line.hasPrefix("  # ") ? "  " + line.dropFirst(3) : line
            }.joined(separator: "\n")
            #expect(uncommented != text, "\(name)")
            #expect(load(uncommented).problems == [], "\(name)")
        }
    }

    @Test func baseAndSeriesStandBeforeAll() throws {
        let text = "preset = \"tasmota\"\nbase = \"home/attic\"\nseries = \"a/b\""
        let topics = try #require(load(start + text).settings).mqtt[0].topics
        #expect(
            topics.map(\.filter.description) == [
                "home/attic/tele/+/SENSOR", "home/attic/tele/+/STATE", "home/attic/stat/+/+", "home/attic/tele/+/LWT",
            ])
        #expect(topics.map(\.series.description) == ["a/b/{3}", "a/b/{3}", "a/b/{3}/{4}", "a/b/{3}"])
        #expect(topics[2].only == [SeriesGlob("home/attic/stat/*/POWER*")])
        #expect(topics[2].takes("home/attic/stat/plug/POWER2"))
        #expect(!topics[2].takes("home/attic/stat/plug/RESULT"))
    }

    @Test func whatStandsBesideItHoldsForAllThatItFits() throws {
        let text =
            "preset = \"zigbee2mqtt\"\nqos = 0\nunit = \"x\"\nignore = [\"voltage\"]\nexcept = [\"zigbee2mqtt/x\"]"
        let topics = try #require(load(start + text).settings).mqtt[0].topics
        #expect(topics.map(\.qos) == [0, 0])
        #expect(topics.map(\.unit) == ["x", "x"])
        guard case .payload(.json(let mapping)) = topics[0].format, case .everything(let rules) = mapping.values else {
            Issue.record("not JSON")
            return
        }
        #expect(rules.ignore.contains(SeriesGlob("linkquality")))
        #expect(rules.ignore.contains(SeriesGlob("voltage")))
        #expect(!topics[0].takes("zigbee2mqtt/x"))
        #expect(!topics[0].takes("zigbee2mqtt/y/set"))
        #expect(topics[0].takes("zigbee2mqtt/y"))
        #expect(topics[1].takes("zigbee2mqtt/y/availability"))
    }

    @Test(arguments: [
        ("preset = \"tasmotta\"", "5:10: preset: \"tasmotta\" is not known, did you mean \"tasmota\"?"),
        (
            "preset = \"tasmota\"\nfilter = \"a\"",
            "6:1: filter does not go with preset, which knows its topics; base is what they begin with"
        ),
        (
            "preset = \"tasmota\"\nqos = 2",
            "6:7: qos = 2 brings nothing here: at 1 nothing is lost, and the journal keeps a repeated reading once"
        ),
        ("preset = \"tasmota\"\nintervall = 2", "6:1: unknown key \"intervall\" in [[mqtt.topic]]"),
        ("preset = \"tasmota\"\nlayout = \"<u8\"", "6:1: layout has no place in this preset"),
        (
            "preset = \"tasmota\"\nbase = \"a/+\"",
            "6:11: base: \"+\" has no place here: this is where topics and series begin"
        ),
        ("preset = \"tasmota\"\nbase = \"a/\"", "6:10: base: a \"/\" follows by itself"),
        (
            "preset = \"tasmota\"\nseries = \"{1}\"",
            "6:11: series: \"{\" has no place here: this is where topics and series begin"
        ),
        ("preset = 5", "5:10: preset: a string such as \"zigbee2mqtt\" is expected, not an integer"),
    ])
    func refuses(text: String, problem: String) {
        #expect(problems(in: start + text) == [problem])
    }

    @Test(
        arguments: [
            (
                "filter = \"homie/+\"\nformat = \"homie\"\nseries = \"{field}\"",
                ["5:10: filter: this format needs all topics behind a base, such as base/#"]
            ),
            (
                "filter = \"homie/#\"\nformat = \"homie\"\nseries = \"{topic}\"",
                ["7:10: series: the topics of this format have different levels: use {field}"]
            ),
            ("filter = \"a/#\"\nformat = \"number\"\nseries = \"{2..-1}\"", []),
            (
                "filter = \"a/+\"\nformat = \"number\"\nseries = \"{1..-1}\"",
                ["7:10: series: this filter has no level {2}: they count from 0, and its last is {1}"]
            ),
            (
                "filter = \"a\"\nformat = \"number\"\nseries = \"x\"\nnull_words = [\"ON\"]",
                ["8:14: null_words: \"on\" is one of the true or false words too"]
            ),
            (
                "filter = \"a\"\nformat = \"json\"\nseries = \"x\"\nvalue = \"v\"\nunder = \"a\"",
                ["9:1: under needs fields = \"*\" beside it"]
            ),
        ] as [(String, [String])])
    func formatsHaveTheirRules(text: String, expected: [String]) {
        #expect(problems(in: start + text) == expected)
    }

    @Test func connectionsHaveAProtocolAndAnEnd() throws {
        let plain = try #require(load(start + "preset = \"senml\"").settings).mqtt[0]
        #expect(plain.protocolVersion == .automatic)
        #expect(plain.sessionExpiry == nil)
        let lines = "protocol = \"3.1.1\"\nsession_expiry = \"7d\"\n[[mqtt.topic]]"
        let settings = try #require(
            load(start.replacing("[[mqtt.topic]]", with: lines) + "preset = \"senml\"").settings)
        #expect(settings.mqtt[0].protocolVersion == .v311)
        #expect(settings.mqtt[0].sessionExpiry == .seconds(7 * 86_400))
    }
}
