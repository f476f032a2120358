import Demo
import MQTTInput
import Platform
import Readings
import TestSupport
import Testing

/// What a broker is told of the gateway's own presence.
@Suite struct StatusTests {
    private static let states = """
          [[mqtt.topic]]
          filter = "outpost/+/status"
          format = "json"
          series = "{topic}"
          value = "state"
          retained = "store"
        """

    private func values(_ bench: ConnectionBench) -> [Value] { bench.sink.rows.map(\.value) }

    @Test func othersSeeItComeAndGo() throws {
        let directory = TemporaryDirectory()
        let broker = try PrivateBroker(directory: directory.path)
        defer { broker.stop() }
        let watcher = try ConnectionBench(port: broker.port, lines: "client_id = \"watcher\"", topics: Self.states)
        #expect(eventually { watcher.scene.logged("connected to") })

        let gateway = try ConnectionBench(port: broker.port, hasStatus: true)
        #expect(eventually { values(watcher) == [.text("online")] })
        #expect(gateway.stop())

        #expect(eventually { values(watcher) == [.text("online"), .text("offline")] })

        // Whoever comes later is told, too.
        let late = try ConnectionBench(port: broker.port, lines: "client_id = \"late\"", topics: Self.states)
        #expect(eventually { values(late) == [.text("offline")] })
        #expect(late.stop())
        #expect(watcher.stop())
    }

    /// What the broker says for it when it is gone without a goodbye.
    @Test func itLeavesAWill() throws {
        let broker = try ScriptedBroker()
        let bench = try ConnectionBench(port: broker.port, hasStatus: true)
        let peer = try broker.accept()
        let greeting = try #require(peer.packet(ofType: 1)).body
        // The flags: a will, retained; the session is kept.
        #expect(greeting[7] & 0b0010_0110 == 0b0010_0100)
        let text = String(decoding: greeting, as: UTF8.self)
        #expect(text.contains("outpost/test/status"))
        #expect(text.contains("{\"gateway\":\"test\",\"state\":\"offline\"}"))
        #expect(bench.stop())
    }

    @Test func itDoesNotHearItself() throws {
        let directory = TemporaryDirectory()
        let broker = try PrivateBroker(directory: directory.path)
        defer { broker.stop() }
        let all = Self.states.replacing("outpost/+/status", with: "#")
        let gateway = try ConnectionBench(port: broker.port, hasStatus: true, topics: all)
        #expect(eventually { gateway.scene.logged("connected to") })
        let publisher = try Publisher(port: broker.port) { $0 == 0 ? .init("a/b", "{\"state\":5}") : nil }
        #expect(publisher.waitForEnd() == 1)
        #expect(eventually { values(gateway).contains(.number(5)) })
        #expect(values(gateway) == [.number(5)])
        gateway.sink.commit()
        #expect(gateway.stop())
    }
}
