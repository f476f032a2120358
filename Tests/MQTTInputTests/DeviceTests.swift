import Demo
import MQTTInput
import Platform
import Readings
import TestSupport
import Testing

/// Devices that say what they are, through a real broker that keeps what they have said.
@Suite struct DeviceTests {
    private func series(_ bench: ConnectionBench) -> [String] {
        bench.sink.rows.map { reading in
            let name = bench.catalogue.definition(of: reading.series)?.name.description ?? "?"
            let unit = bench.catalogue.definition(of: reading.series)?.unit.map { " " + $0 } ?? ""
            switch reading.value {
            case .number(let number): return "\(name) \(number)\(unit)"
            case .text(let text): return "\(name) \(text)\(unit)"
            case .absent: return "\(name) \(reading.quality.name)"
            }
        }
    }

    private func publish(_ messages: [Publisher.Message], port: Int) throws {
        let publisher = try Publisher(port: port) { messages.indices.contains($0) ? messages[$0] : nil }
        #expect(publisher.waitForEnd() == messages.count)
    }

    private static func kept(_ topic: String, _ payload: String) -> Publisher.Message {
        .init(topic, payload, isRetained: true)
    }

    @Test func whatIsAnnouncedIsAskedFor() throws {
        let directory = TemporaryDirectory()
        let broker = try PrivateBroker(directory: directory.path)
        defer { broker.stop() }
        let config = "homeassistant/sensor/esp/power/config"
        try publish(
            [
                Self.kept(config, #"{"stat_t":"esp/power","unit_of_meas":"W","avty_t":"esp/there"}"#),
                Self.kept("esp/power", "1"), Self.kept("esp/there", "online"),
            ], port: broker.port)
        let topics = "[[mqtt.topic]]\npreset = \"homeassistant\""
        let bench = try ConnectionBench(port: broker.port, topics: topics)
        // A value that was kept is no reading; that the device is there is one.
        #expect(eventually { series(bench) == ["homeassistant/esp/available 1.0"] })

        try publish([.init("esp/power", "12")], port: broker.port)
        #expect(eventually { series(bench).last == "homeassistant/esp/power 12.0 W" })
        // Now it says that it publishes elsewhere.
        try publish(
            [Self.kept(config, #"{"stat_t":"esp/watt","unit_of_meas":"W","avty_t":"esp/there"}"#)], port: broker.port)
        #expect(
            try eventually {
                // What is asked for leaves with the acknowledgements.
                bench.sink.commit()
                try publish([.init("esp/watt", "13")], port: broker.port)
                return series(bench).last == "homeassistant/esp/power 13.0 W"
            })
        #expect(bench.sink.letters.isEmpty)
        try publish([Self.kept("esp/there", "offline")], port: broker.port)
        #expect(
            eventually {
                Set(series(bench).suffix(2)) == ["homeassistant/esp/power stale", "homeassistant/esp/available 0.0"]
            })
        bench.sink.commit()
        #expect(bench.stop())
    }

    @Test func aDeviceThatWasLostMeanwhileIsStale() throws {
        let directory = TemporaryDirectory()
        let broker = try PrivateBroker(directory: directory.path)
        defer { broker.stop() }
        try publish(
            [
                Self.kept("homie/5/boiler/$state", "lost"), Self.kept("homie/5/boiler/tank/temp", "20"),
                Self.kept("homie/5/pump/$state", "ready"), Self.kept("homie/5/pump/motor/speed", "1400"),
            ], port: broker.port)
        let bench = try ConnectionBench(port: broker.port, topics: "[[mqtt.topic]]\npreset = \"homie\"")
        #expect(
            eventually {
                Set(series(bench)) == [
                    "homie/boiler/available 0.0", "homie/boiler/tank/temp stale", "homie/pump/available 1.0",
                ]
            })
        bench.sink.commit()
        #expect(bench.stop())
    }
}
