import Foundation
import Platform
import TestSupport
import Testing

/// Messages and brokers that mean no good, or do not know better.
@Suite(.serialized) struct HostileMessagesTests {
    @Test func aHundredThousandGarbagePayloadsBetweenGoodOnes() throws {
        let site = try Site(additionalSettings: "max_payload = \"256KiB\"")
        let gateway = try site.startGateway()
        #expect(gateway.isConnected())
        // The first good message ends the start-up; from there on the memory is watched.
        let first = try Publisher(port: site.brokerPort) { $0 < 1 ? Self.good(0) : nil }
        #expect(first.waitForEnd() == 1)
        #expect(eventually { site.query("SELECT count(*) FROM readings") == ["1"] })
        let before = gateway.residentMemory

        let garbage: [[UInt8]] = [
            [], [0xC3, 0x28, 0xFF], Array("NaN".utf8), Array("1e999".utf8), Array("{\"v\":1e999}".utf8),
            Array("{\"v\":".utf8), Array("{\"v\":{}}".utf8), Array("{\"w\":1}".utf8), [0], Array("nil".utf8),
            [UInt8](repeating: UInt8(ascii: "["), count: 513), Array("{\"v\":\"".utf8) + [0xFF] + Array("\"}".utf8),
        ]
        let brackets = [UInt8](repeating: UInt8(ascii: "["), count: 100_000)
        let huge = [UInt8](repeating: UInt8(ascii: "7"), count: 5_000_000)
        let total = 101_000
        let publisher = try Publisher(port: site.brokerPort) { number in
            if number >= total { return nil }
            // Every 101st is good: 1,000 of them.
            if number % 101 == 0 { return Self.good(1 + number / 101) }
            let topic = number % 2 == 0 ? "json/bad" : "number/bad"
            if number % 5000 == 6 { return Publisher.Message(topic, huge) }
            if number % 1000 == 7 { return Publisher.Message(topic, brackets) }
            return Publisher.Message(topic, garbage[number % garbage.count])
        }
        #expect(publisher.waitForEnd() == total, "\(publisher.failure ?? "")")
        let isComplete = eventually(within: 60) {
            site.query("SELECT count(*), count(DISTINCT value) FROM readings WHERE series = 'json/good'") == [
                "1001,1001"
            ]
        }
        #expect(isComplete, "\(site.query("SELECT count(*) FROM readings WHERE series = 'json/good'"))")
        #expect(site.query("SELECT count(*) FROM readings WHERE series <> 'json/good'") == ["0"])
        let after = gateway.residentMemory
        print("resident: \(before) kB before, \(after) kB after 100,000 garbage payloads")
        // One payload of 5 MB passes through libmosquitto's memory at a time.
        #expect(after < before + 16_000)
        let letters = site.query("SELECT topic, reason, count > 0, length(payload) <= 256 FROM dead_letters")
        #expect(letters.contains { $0.hasPrefix("json/bad,too_large,1,1") })
        #expect(letters.contains { $0.hasPrefix("number/bad,not_a_number,1,1") })
        #expect(letters.count < 30)
        #expect(site.query("SELECT sum(count) FROM dead_letters") == ["100000"])
        #expect(gateway.stop() == 0)
    }

    private static func good(_ number: Int) -> Publisher.Message {
        Publisher.Message("json/good", "{\"v\":\(number),\"ts\":\(1_700_000_000_000_000 + number)}")
    }

    @Test func retainedMessagesAreNoNewSamples() throws {
        let site = try Site()
        let retained = try Publisher(port: site.brokerPort) { number in
            number < 10 ? Publisher.Message("number/\(number)", "1", isRetained: true) : nil
        }
        #expect(retained.waitForEnd() == 10)
        let gateway = try site.startGateway()
        #expect(gateway.isConnected())
        let live = try Publisher(port: site.brokerPort) { $0 < 1 ? Publisher.Message("number/live", "2") : nil }
        #expect(live.waitForEnd() == 1)
        #expect(eventually { site.query("SELECT series FROM readings") == ["number/live"] })
        #expect(outpost("status", "--data", site.data).output.contains("outpost_mqtt_retained_total"))
        #expect(gateway.stop() == 0)
    }

    @Test func aWrongPasswordIsSaidOnceAndRetriedSlowly() throws {
        let site = try Site(
            startsBroker: false, additionalSettings: "username = \"outpost\"\npassword = \"wrong\"")
        try site.startBroker(lines: "allow_anonymous false")
        let gateway = try site.startGateway()
        #expect(gateway.isReady())
        #expect(gateway.logs("refuses the user \"outpost\""))
        // Any impatient client would have tried again and again in this time.
        _ = eventually(within: 3) { false }
        #expect(gateway.log.components(separatedBy: "refuses the user").count == 2)
        let brokerLog = String(decoding: try Files.read(site.directory.path + "/broker/mosquitto.log"), as: UTF8.self)
        #expect(brokerLog.components(separatedBy: "not authorised").count <= 3)
        #expect(!gateway.log.contains("wrong\""))
        #expect(gateway.stop() == 0)
    }

    @Test func newSeriesPastTheLimitAreRefusedAndTheKnownGoOn() throws {
        let site = try Site()
        try Files.createDirectory(site.directory.path + "/conf.d")
        try Files.write(Array("[store]\nmax_series = 5\n".utf8), to: site.directory.path + "/conf.d/small.toml")
        let gateway = try site.startGateway()
        #expect(gateway.isConnected())
        let publisher = try Publisher(port: site.brokerPort) { number in
            number < 1000 ? Publisher.Message("number/\(number % 10)", "\(number)") : nil
        }
        #expect(publisher.waitForEnd() == 1000)
        #expect(eventually { site.query("SELECT count(*), count(DISTINCT series) FROM readings") == ["500,5"] })
        #expect(gateway.log.components(separatedBy: "max_series = 5 is reached").count == 2)
        #expect(gateway.stop() == 0)
    }
}
