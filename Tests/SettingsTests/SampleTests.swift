import Foundation
import Testing

@testable import Settings

/// `etc/outpost.toml`: whoever adds a key documents it there, and these tests say where it lacks.
@Suite struct SampleTests {
    private static let text = String(decoding: Settings.sample, as: UTF8.self)
    private static let writtenLines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    /// With the last sections, which are commented out as a whole, in use.
    private static let lines: [String] = {
        let start = writtenLines.firstIndex(of: "#[[action]]") ?? 0
        return writtenLines[..<start] + writtenLines[start...].map { isProse($0) ? $0 : String($0.dropFirst()) }
    }()

    /// What stands before such a section, and not in it.
    private static func isProse(_ line: String) -> Bool {
        let text = line.drop { $0 == "#" }
        return !line.hasPrefix("##") && text.first == " " && text.dropFirst().first != " "
    }

    /// The lines with an option behind "#"; prose has a space there.
    private static let optionLines = lines.indices.filter { index in
        let line = lines[index].drop { $0 == " " }
        guard line.first == "#", let next = line.dropFirst().first else { return false }
        return next.isLetter || next == "\""
    }

    /// Those whose value is an example: by default there is none, or it depends.
    private static let examples: Set = [
        "id", "username", "password", "password_file", "client_id", "unit", "tags", "ca_file", "cert_file", "key_file",
        "psk_identity", "psk_file", "psk", "valid", "deadband", "heartbeat", "min_interval", "include", "ignore",
        "only", "except", "under", "compression", "base", "sunspec", "series", "type", "order", "scale_register",
        "invalid", "secret", "secret_file", "headers", "clear_value", "failsafe", "on", "actions", "message",
        "repeat", "enabled_when", "group", "time_zone",
    ]
    /// What stands beside an option that means nothing by itself.
    private static let companions = [
        "password": ["username"], "password_file": ["username"], "cert_file": ["key_file"], "key_file": ["cert_file"],
        "psk": ["psk_identity"], "psk_file": ["psk_identity"], "psk_identity": ["psk"], "heartbeat": ["deadband"],
    ]

    private static let environment = [
        "PLANT_PASSWORD": "x", "PLANT_PSK": "00ff", "OFFICE_SECRET": "x", "OFFICE_TOKEN": "x",
    ]

    private static func key(ofLine index: Int) -> String {
        String(lines[index].drop { $0 == " " || $0 == "#" }.prefix { $0 != " " })
    }

    private func load(uncommenting indices: [Int], isEncrypted: Bool = false) -> LoadedSettings {
        var lines = Self.lines
        if isEncrypted { lines = lines.map { $0.replacing("\"mqtt://", with: "\"mqtts://") } }
        for index in indices { lines[index] = lines[index].replacing("#", with: "", maxReplacements: 1) }
        return load(lines)
    }

    private func load(_ lines: [String]) -> LoadedSettings {
        var files = FakeFiles(["etc/outpost.toml": lines.joined(separator: "\n")])
        files.contents["etc/devices/sdm630.toml"] = try? DevicePresetTests.source(of: "sdm630")
        files.contents["/etc/outpost/plant.password"] = Array("x".utf8)
        files.contents["/etc/outpost/office.secret"] = Array("x".utf8)
        files.contents["etc/models/pump.json"] = Array(
            #"{"outpost_model": 1, "kind": "linear", "inputs": ["a", "b"], "weights": [1, 2]}"#.utf8)
        files.contents["/usr/bin/logger"] = [0x7F]
        files.contents["/usr/share/zoneinfo/Europe/Berlin"] = [0x54]
        for name in ["plant-ca.crt", "office-ca.crt", "outpost.crt", "outpost.key"] {
            files.contents["/etc/outpost/\(name)"] = [0x2D]
        }
        files.contents["/etc/outpost/plant.psk"] = Array("00ff".utf8)
        return SettingsTests.load(files, environment: Self.environment)
    }

    @Test func itLoadsAsItIs() throws {
        let loaded = load(Self.writtenLines)
        #expect(loaded.problems == [])
        let settings = try #require(loaded.settings)
        #expect(settings.modbus.isEmpty)
        #expect(settings.actions.isEmpty)
        #expect(settings.mqtt.map(\.broker.description) == ["mqtt://127.0.0.1:1883"])
        #expect(settings.mqtt[0].topics.count == 15)
    }

    @Test func itsLastSectionsLoadToo() throws {
        let loaded = load(uncommenting: [])
        #expect(loaded.problems == [])
        let line = try #require(loaded.settings?.modbus.first)
        #expect(line.devices.map(\.points.count) == [3, 25, 1])
        #expect(
            loaded.settings?.actions.map(\.name) == ["bus", "office", "siren", "horn", "lamp", "journal"])
        #expect(loaded.settings?.alarmRules.count == 18)
    }

    @Test func whatItCallsDefaultsAreDefaults() {
        let defaults = Self.optionLines.filter { !Self.examples.contains(Self.key(ofLine: $0)) }
        #expect(defaults.count == 68)
        let loaded = load(uncommenting: defaults, isEncrypted: true)
        #expect(loaded.problems == [])
        #expect(loaded.settings == load(uncommenting: [], isEncrypted: true).settings)
    }

    @Test(arguments: optionLines)
    func everyOptionIsKnown(line: Int) throws {
        let key = Self.key(ofLine: line)
        let companions = Self.optionLines.filter { Self.companions[key]?.contains(Self.key(ofLine: $0)) == true }
        let loaded = load(uncommenting: companions + [line], isEncrypted: true)
        #expect(loaded.problems == [], "\(Self.lines[line])")
        let plain = load(uncommenting: [], isEncrypted: true).settings
        #expect((loaded.settings == plain) == !Self.examples.contains(key))
    }

    /// The keys of options, with or without a "#", and the names in headers.
    private static var documentedKeys: Set<String> {
        // Those in the tables of a line, too.
        let options = lines.filter { !$0.contains("# ") }.flatMap { $0.split(separator: "=").map { $0.suffix(24) } }
        return Set(options.flatMap { $0.split { !($0.isLetter || $0.isNumber || $0 == "_") } }.map(String.init))
    }

    /// The message about an unknown key lists the known ones, where they are few.
    @Test func everyKnownKeyIsInIt() {
        let sections = [
            "", "[gateway]", "[log]", "[store]", "[[retention]]", "[[mqtt]]", "[[modbus]]",
            "[[mqtt]]\nname = \"a\"\nbroker = \"mqtts://a\"\n[mqtt.tls]",
        ]
        for section in sections {
            let message = problems(in: "\(section)\n_________________ = 1").first { $0.contains("unknown key") } ?? ""
            let known = message.split(separator: "; known are ").last?.split(separator: ", ").map {
                $0.filter { $0 != "\"" }
            }
            #expect(known?.isEmpty == false, "\(section)")
            for key in known ?? [] { #expect(Self.documentedKeys.contains(key), "\(section) \(key)") }
        }
    }

    /// The keys of a topic and of a point are too many for a message: the sources say what is asked for.
    @Test(arguments: [("Topics", 30), ("Modbus", 30), ("Alarms", 37), ("Actions", 24)])
    func everyKeyInTheSourcesIsInIt(folder: String, least: Int) throws {
        let sources = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Sources/Settings/Sections/\(folder)").standardizedFileURL
        var keys: Set<String> = []
        for file in try FileManager.default.contentsOfDirectory(at: sources, includingPropertiesForKeys: nil) {
            let text = String(decoding: try Data(contentsOf: file), as: UTF8.self)
            keys.formUnion(Self.keys(readIn: text))
        }
        #expect(keys.count >= least, "\(keys.sorted())")
        if folder == "Actions" { #expect(keys.union(["secret_file"]).isSuperset(of: ActionKind.allKeys)) }
        if folder == "Topics" { #expect(keys.isSuperset(of: FormatName.allKeys)) }
        for key in keys { #expect(Self.documentedKeys.contains(key), "\(key)") }
    }

    /// What stands first behind table.something(, list( and the like, where that is a text.
    private static func keys(readIn text: String) -> [String] {
        let pieces = text.utf8.split(separator: UInt8(ascii: "("), omittingEmptySubsequences: false)
        return zip(pieces, pieces.dropFirst()).compactMap { before, behind in
            let word =
                String(decoding: before.suffix(40), as: UTF8.self)
                .split { !($0.isLetter || $0 == "." || $0 == "_") }.last ?? ""
            guard
                word.hasPrefix("table.") || word.hasPrefix("reader.")
                    || ["list", "globs", "words", "value", "file"].contains(word.split(separator: ".").last)
            else { return nil }
            let rest = String(decoding: behind, as: UTF8.self).drop(while: \.isWhitespace)
            guard rest.first == "\"" else { return nil }
            let key = rest.dropFirst().prefix { $0 != "\"" }
            return key.allSatisfy { $0.isLowercase || $0 == "_" } ? String(key) : nil
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
                rollups     1m, 1h and 1d
                retention   **  raw for 1w, 1m for 90d, 1h for 5y, 1d forever
                mqtt        plant: mqtt://127.0.0.1:1883 as outpost-host-1-plant
                            plant/+/+  a number into {topic}, QoS 1
                            doors/+/state  a text into doors/{1}, QoS 1
                            ledger/+  one value in JSON into {topic}, QoS 1
                            sensors/+  2 values in JSON into sensors/{1}, QoS 1
                            zigbee2mqtt/+  all numbers in JSON into zigbee/{1}, QoS 1
                            batches/+  one value in JSON into batches/{1}, QoS 1
                            telegraf/#  line protocol into {field}, QoS 1
                            loggers/+  4 columns into loggers/{1}, QoS 1
                            nodes/+/up  10 bytes into nodes/{1}, QoS 1
                            senml/#  SenML into senml, QoS 1
                            zigbee2mqtt/+/availability  whether a device is there into zigbee/{1}, QoS 1
                            tele/+/SENSOR  all numbers in JSON into tasmota/{1}, QoS 1
                            tele/+/STATE  all numbers in JSON into tasmota/{1}, QoS 1
                            stat/+/+  a number into tasmota/{1}/{2}, QoS 1
                            tele/+/LWT  whether a device is there into tasmota/{1}, QoS 1
                modbus      line-1: tcp://127.0.0.1:502
                            main-meter  unit 1, 3 points in 3 requests
                            sub-meter  unit 2, 25 points in 3 requests
                            io  unit 3, 1 point in 1 request
                action      bus: tells plant under outpost/{gateway}/alarms/{alarm}/{series} and outpost/{gateway}/alarm-events
                action      office: tells https://alarms.example.com
                action      siren: runs /usr/bin/logger, 4 at once at most
                action      horn: writes 1 to io/relay
                action      lamp: switches line 17 of /dev/gpiochip0
                action      journal: a line in the log
                alarm       pressure: drill/pressure-*  warning above 3000 or below 10, critical above 3500, emergency above 4000: bus, siren, horn
                alarm       cold-chain: truck/*/temperature  outside of 2 to 8
                alarm       door: doors/*  FAULT or FORCED
                alarm       mode: press/mode  not AUTO
                alarm       heating-up: oven/temperature  changes by more than 5 per m
                alarm       step: tank/level  changes by more than 20 at once
                alarm       stuck: tank/level  unchanged for 6h
                alarm       silent: drill/**  no reading for 5m
                alarm       unreadable: drill/**  no good value for 1m
                alarm       off-course: oven/temperature  more than 15 from oven/set-point
                alarm       bumps: press/vibration  5 times above 4.5 within 10m
                alarm       unusual: cnc/*/vibration  not as usual (sensitivity normal, the mean of every 1m)
                alarm       far-out: cnc/1/current  3 standard deviations from the mean of 1h
                alarm       tank-empty: tank/level  reaches 5 within 4h
                alarm       pump-risk: etc/models/pump.json scores more than 0.85, of pump/vibration, pump/current
                alarm       two-of-three: 1 or more of pressure
                alarm       lost-and-cold: all of silent, cold-chain
                alarm       nothing-runs: none of pressure, bumps

                """)
    }
}
