import Demo
import MQTTInput
import Platform
import TestSupport
import Testing

/// Ways to a broker.
@Suite struct ConnectionKindTests {
    @Test func aSocketOfThisMachine() throws {
        let directory = TemporaryDirectory()
        let socket = directory.path + "/broker.sock"
        let broker = try PrivateBroker(
            directory: directory.path, additionalLines: "listener 0 \(socket)\nallow_anonymous true")
        defer { broker.stop() }
        let bench = try ConnectionBench(address: "unix://\(socket)")
        #expect(eventually { bench.scene.logged("connected to unix://\(socket) (MQTT 5)") })
        let publisher = try Publisher(port: broker.port) { $0 < 100 ? .init("n/a", "\($0)") : nil }
        #expect(publisher.waitForEnd() == 100)
        #expect(eventually { bench.sink.rows.count == 100 })
        bench.sink.commit()
        #expect(bench.stop())
    }

    @Test func aSocketThatIsNotThere() throws {
        let bench = try ConnectionBench(address: "unix:///nowhere/broker.sock")
        #expect(eventually { bench.scene.logged("cannot connect to unix:///nowhere/broker.sock: No such file") })
        #expect(bench.stop())
    }

    @Test func theOlderProtocolWhereItIsAskedFor() throws {
        let broker = try ScriptedBroker()
        let bench = try ConnectionBench(port: broker.port, lines: "protocol = \"3.1.1\"")
        let peer = try broker.accept()
        #expect(peer.packet()?.body[6] == 4)
        #expect(bench.stop())
    }

    @Test func theNewerProtocolAndNoOther() throws {
        let broker = try ScriptedBroker()
        let bench = try ConnectionBench(port: broker.port, lines: "protocol = \"5\"")
        for _ in 0..<2 {
            let peer = try broker.accept()
            #expect(peer.packet()?.body[6] == 5)
            peer.send([0x20, 2, 0, 1])
        }
        #expect(eventually { bench.scene.logged("refuses the connection: ") })
        #expect(bench.stop())
    }

    @Test(
        arguments: [("", [0xFF, 0xFF, 0xFF, 0xFF]), ("session_expiry = \"1h\"", [0, 0, 0x0E, 0x10])]
            as [(String, [UInt8])])
    func theBrokerIsToldHowLongToKeepTheSession(lines: String, seconds: [UInt8]) throws {
        let broker = try ScriptedBroker()
        let bench = try ConnectionBench(port: broker.port, lines: lines)
        let greeting = try #require(try broker.accept().packet()).body
        // The property 0x11 of MQTT 5.
        #expect(greeting.indices.contains { greeting[$0...].starts(with: [0x11] + seconds) })
        #expect(bench.stop())
    }

    /// Debian's broker ends the older connection of two without a word.
    @Test func twoOfOneNameAreSaidWhereTheBrokerSaysNothing() throws {
        let directory = TemporaryDirectory()
        let broker = try PrivateBroker(directory: directory.path)
        defer { broker.stop() }
        let benches = try (0..<2).map { _ in try ConnectionBench(port: broker.port) }
        #expect(
            eventually {
                benches.contains { $0.scene.logged("another client may connect as \"outpost-test-plant\"") }
            }, "\(benches[0].scene.log.suffix(5))")
        #expect(benches.allSatisfy { $0.stop() })
    }
}
