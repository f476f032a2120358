import Demo
import Foundation
import Platform
import TestSupport
import Testing

/// Alarms that learn, and models, in the released binary with a real broker.
@Suite(.serialized) struct LearningTests {
    private func configure(_ site: Site, _ more: String) throws {
        let text = String(decoding: try Files.read(site.configurationPath), as: UTF8.self)
        try Files.write(Array((text + more).utf8), to: site.configurationPath)
    }

    private func publish(_ site: Site, _ topic: String, _ payloads: [String]) throws {
        let publisher = try Publisher(port: site.brokerPort) { number in
            number < payloads.count ? Publisher.Message(topic, payloads[number]) : nil
        }
        _ = try #require(publisher.waitForEnd())
    }

    private func part(_ name: String, _ site: Site) -> String {
        outpost("status", "--data", site.data).output.split(separator: "\n").map(String.init)
            .first { $0.hasPrefix("  \(name) ") } ?? ""
    }

    private let unusual = """

        [[alarm]]
        name = "unusual"
        series = "number/*"
        anomaly = { every = "0s", score = true }
        """

    @Test func whatIsLearntOutlivesTheGateway() throws {
        let site = try Site()
        try configure(site, unusual)
        var gateway = try site.startGateway()
        #expect(gateway.isConnected())
        try publish(site, "number/press", (0..<60).map { "\(20 + $0 % 5)" })
        #expect(eventually { part("anomalies", site).contains("number/press 60 of 100") }, "\(part("anomalies", site))")
        #expect(gateway.stop() == 0)
        gateway = try site.startGateway()
        #expect(gateway.isConnected())
        try publish(site, "number/press", (0..<60).map { "\(20 + $0 % 5)" } + ["500"])
        let isRaised = eventually {
            outpost("alarms", "--data", site.data).output.hasPrefix("warning  unacknowledged  unusual  number/press")
        }
        #expect(isRaised, "\(outpost("alarms", "--data", site.data).output)")
        let message = site.query("SELECT message FROM alarm_events WHERE change = 'raised'")
        #expect(message.count == 1)
        #expect(message[0].contains("number/press is 500, not as usual: "), "\(message)")
        #expect(eventually { part("anomalies", site).contains("learnt enough") })
        #expect(
            eventually { site.query("SELECT count(*) FROM readings WHERE series = 'number/press/anomaly'") == ["121"] })
        #expect(gateway.stop() == 0)

        // A damaged file is put aside, and nothing else suffers.
        let state = site.data + "/anomalies.state"
        var bytes = try Files.read(state)
        bytes[bytes.count / 2] ^= 1
        try Files.write(bytes, to: state)
        gateway = try site.startGateway()
        #expect(gateway.isConnected())
        #expect(gateway.logs("learning begins anew"))
        #expect(Files.exists(state + ".unreadable"))
        #expect(outpost("alarms", "--data", site.data).output.contains("unusual"))
        try publish(site, "number/press", ["21"])
        #expect(eventually { part("anomalies", site).contains("number/press 1 of 100") })
        #expect(gateway.stop() == 0)
    }

    private func model(_ weight: Double) -> String {
        #"{"outpost_model": 1, "kind": "linear", "inputs": ["a", "b"], "weights": [\#(weight), \#(weight)]}"#
    }

    @Test func aModelIsReadAgain() throws {
        let site = try Site()
        let file = site.directory.path + "/pump.json"
        try configure(
            site,
            """

            [[alarm]]
            name = "risk"
            model = { file = "pump.json", inputs = ["number/a", "number/b"], above = 10 }
            """)
        // It is not there yet: the gateway runs, and its alarm says so.
        #expect(outpost("check", "--config", site.configurationPath).errors.contains("warning: file: there is no file"))
        let gateway = try site.startGateway()
        #expect(gateway.isConnected())
        func standing(_ text: String) -> Bool {
            eventually { outpost("alarms", "--data", site.data).output.contains(text) }
        }
        #expect(standing("there is no model from"))
        try Files.write(Array(model(1).utf8), to: file)
        #expect(gateway.logs("pump.json is used"))
        try publish(site, "number/a", ["2"])
        try publish(site, "number/b", ["3"])
        #expect(eventually { site.query("SELECT value FROM latest WHERE series = 'risk/score'") == ["5.0"] })
        #expect(standing("returned"))
        // Another one, of which nothing is understood; then one that says more.
        try Files.write(Array(model(1).dropLast().utf8), to: file)
        #expect(gateway.logs("the one before it goes on"))
        #expect(part("models", site).contains("degraded"))
        try publish(site, "number/a", ["3"])
        #expect(eventually { site.query("SELECT value FROM latest WHERE series = 'risk/score'") == ["6.0"] })
        try Files.write(Array(model(2).utf8), to: file)
        #expect(standing("scores 12, above 10"))
        #expect(eventually { part("models", site).contains("running") })
        #expect(gateway.stop() == 0)
    }
}
