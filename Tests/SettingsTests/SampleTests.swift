import Settings
import Testing

/// `etc/outpost.toml`: whoever adds a key documents it there, and these tests say where it lacks.
@Suite struct SampleTests {
    private static let text = String(decoding: Settings.sample, as: UTF8.self)
    private static let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)

    /// The lines with an option behind "#"; prose has a space there.
    private static let optionLines = lines.indices.filter { index in
        let line = lines[index].drop { $0 == " " }
        return line.hasPrefix("#") && line.dropFirst().first?.isLetter == true
    }

    /// Those whose value is an example: by default there is none, or it depends.
    private static let examples: Set = ["id", "username", "password", "password_file", "client_id", "unit", "tags"]

    private static func key(ofLine index: Int) -> String {
        String(lines[index].drop { $0 == " " || $0 == "#" }.prefix { $0 != " " })
    }

    private func load(uncommenting indices: [Int]) -> LoadedSettings {
        var lines = Self.lines
        for index in indices { lines[index] = lines[index].replacing("#", with: "", maxReplacements: 1) }
        var files = FakeFiles(["etc/outpost.toml": lines.joined(separator: "\n")])
        files.contents["/etc/outpost/plant.password"] = Array("x".utf8)
        return SettingsTests.load(files, environment: ["PLANT_PASSWORD": "x"])
    }

    @Test func itLoadsAsItIs() throws {
        let loaded = load(uncommenting: [])
        #expect(loaded.problems == [])
        let settings = try #require(loaded.settings)
        #expect(settings.mqtt.map(\.broker.description) == ["mqtt://127.0.0.1:1883"])
        #expect(settings.mqtt[0].topics.count == 3)
    }

    @Test func whatItCallsDefaultsAreDefaults() {
        let defaults = Self.optionLines.filter { !Self.examples.contains(Self.key(ofLine: $0)) }
        #expect(defaults.count == 11)
        #expect(load(uncommenting: defaults).problems == [])
        #expect(load(uncommenting: defaults).settings == load(uncommenting: []).settings)
    }

    @Test(arguments: optionLines)
    func everyOptionIsKnown(line: Int) throws {
        let key = Self.key(ofLine: line)
        let username = Self.optionLines.filter { key.hasPrefix("password") && Self.key(ofLine: $0) == "username" }
        let loaded = load(uncommenting: username + [line])
        #expect(loaded.problems == [], "\(Self.lines[line])")
        #expect((loaded.settings == load(uncommenting: []).settings) == !Self.examples.contains(key))
    }

    /// The keys of options, with or without a "#", and the names in headers.
    private static var documentedKeys: Set<String> {
        let options = lines.filter { !$0.contains("# ") }.map { $0.prefix { $0 != "=" } }
        return Set(options.flatMap { $0.split { !($0.isLetter || $0 == "_") } }.map(String.init))
    }

    /// The message about an unknown key lists the known ones.
    @Test func everyKnownKeyIsInIt() {
        let sections = ["", "[gateway]", "[log]", "[store]", "[[mqtt]]", "[[mqtt]]\n[[mqtt.topic]]\nformat = \"json\""]
        for section in sections {
            let message = problems(in: "\(section)\n_________________ = 1").first { $0.contains("unknown key") } ?? ""
            let known = message.split(separator: "; known are ").last?.split(separator: ", ").map {
                $0.filter { $0 != "\"" }
            }
            #expect(known?.isEmpty == false, "\(section)")
            for key in known ?? [] { #expect(Self.documentedKeys.contains(key), "\(section) \(key)") }
        }
    }

    @Test func itsSummaryFitsOnAScreen() throws {
        let settings = try #require(load(uncommenting: []).settings)
        #expect(
            settings.summary() == """
                gateway     host-1
                data        /var/lib/outpost
                durability  survives a power cut, committed every 500ms
                limits      20GB, 10000 series
                mqtt        plant: mqtt://127.0.0.1:1883 as outpost-host-1-plant
                            plant/+/+  a number into {topic}, QoS 1
                            ledger/+  one value in JSON into {topic}, QoS 1
                            sensors/+  2 values in JSON into sensors/{1}, QoS 1

                """)
    }
}
