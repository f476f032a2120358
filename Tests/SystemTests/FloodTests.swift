import Foundation
import Platform
import TestSupport
import Testing

/// More than anyone can take, and topics as nobody would choose them.
@Suite(.serialized) struct FloodTests {
    /// Adds to the topics of the site.
    private func site(_ lines: String, store: String = "") throws -> Site {
        let site = try Site()
        try Files.createDirectory(site.directory.path + "/conf.d")
        let configuration =
            "[store]\n\(store)\n[[mqtt]]\nname = \"more\"\nbroker = \"mqtt://127.0.0.1:\(site.brokerPort)\"\n"
        try Files.write(Array((configuration + lines).utf8), to: site.directory.path + "/conf.d/more.toml")
        return site
    }

    @Test func fiftyThousandKeptMessagesAtOnce() throws {
        let site = try site(
            "[[mqtt.topic]]\nfilter = \"kept/+\"\nformat = \"number\"\nseries = \"{topic}\"\nretained = \"store\"",
            store: "max_series = 60000")
        let count = 50_000
        let kept = try Publisher(port: site.brokerPort) { number in
            number < count ? Publisher.Message("kept/\(number)", "\(number)", isRetained: true) : nil
        }
        #expect(kept.waitForEnd() == count)
        let gateway = try site.startGateway()
        #expect(gateway.isConnected())
        #expect(
            eventually(within: 60) {
                site.query("SELECT count(*), count(DISTINCT series), sum(value) FROM readings") == [
                    "\(count),\(count),\(count * (count - 1) / 2).0"
                ]
            })
        print("resident: \(gateway.residentMemory) kB after 50,000 series at once")
        #expect(gateway.residentMemory < 128 << 10)
        #expect(gateway.stop() == 0)
    }

    /// The gateway gets a tenth of the time that it would need.
    @Test func floodedAtTenTimesItsSpeed() throws {
        let site = try Site()
        let gateway = try site.startGateway()
        #expect(gateway.isConnected())
        let publisher = try Publisher(port: site.brokerPort, rate: 20_000) { number in
            Publisher.Message("json/flood", "{\"v\":\(number),\"ts\":\(1_700_000_000_000_000 + number)}")
        }
        #expect(eventually { site.query("SELECT count(*) > 0 FROM readings") == ["1"] })
        let before = gateway.residentMemory
        var highest = before
        for _ in 0..<80 {
            kill(gateway.id, SIGSTOP)
            _ = pollDescriptors([], until: Clocks.system.monotonic() + .milliseconds(90))
            kill(gateway.id, SIGCONT)
            _ = pollDescriptors([], until: Clocks.system.monotonic() + .milliseconds(10))
            highest = max(highest, gateway.residentMemory)
        }
        let sent = try #require(publisher.finish())
        #expect(
            eventually(within: 120) {
                site.query("SELECT count(*), count(DISTINCT value) FROM readings") == ["\(sent),\(sent)"]
            })
        print("resident: \(before) kB before, \(highest) kB in a flood of \(sent) messages")
        #expect(highest < before + 32_000)
        #expect(gateway.stop() == 0)
    }

    /// Whatever mosquitto takes for a topic (no control characters, 200 levels) becomes a series, and comes back by its
    /// name.
    @Test func topicsAsNobodyWouldChooseThem() throws {
        let site = try site(
            "[[mqtt.topic]]\nfilter = \"zoo/#\"\nformat = \"number\"\nseries = \"{topic}\"\n")
        let levels = (0..<199).map { "l\($0)" }.joined(separator: "/")
        let names = [
            levels, "", "/", "a b", " ", "quote\"'`", "semi;colon--", "%00", "%41", "100%",
            "caf\u{E9}", "cafe\u{301}", "\u{202E}right to left", "\u{FEFF}mark", "\u{200B}", "zero\u{200D}width",
            "\u{1F468}\u{200D}\u{1F469}\u{200D}\u{1F467}", "\u{10FFFD}", "\u{E000}", "{topic}",
            "${HOME}", "\\n", "*", "**", "?", "[a]", "..", "../../etc/passwd", "\u{0130}\u{0131}", "\u{1E9E}\u{DF}",
            String(repeating: "x", count: 1_500), String(repeating: "\u{1F600}", count: 400), "$share/x", "NULL",
        ]
        let gateway = try site.startGateway()
        #expect(gateway.isConnected() && gateway.logs("more: connected"))
        let publisher = try Publisher(port: site.brokerPort) { number in
            number < names.count ? Publisher.Message("zoo/" + names[number], "\(number)") : nil
        }
        #expect(publisher.waitForEnd() == names.count)
        #expect(
            eventually {
                site.query("SELECT count(*), count(DISTINCT series), count(DISTINCT value) FROM readings") == [
                    "\(names.count),\(names.count),\(names.count)"
                ]
            }, "\(site.query("SELECT count(*), count(DISTINCT series) FROM readings"))")
        let export = outpost("export", "--data", site.data, "--format", "csv").output
        #expect(export.contains("zoo/" + levels))
        #expect(export.contains("zoo/cafe\u{301}") && export.contains("zoo/caf\u{E9}"))
        // Its own export is read back as the same series.
        let other = TemporaryDirectory()
        let file = other.path + "/zoo.csv"
        try Files.write(Array(export.utf8), to: file)
        #expect(outpost("import", "--data", other.path + "/data", file).status == 0)
        #expect(outpost("export", "--data", other.path + "/data", "--format", "csv").output == export)
        #expect(gateway.stop() == 0)
    }
}
