import Demo
import MQTTInput
import Platform
import Readings
import TestSupport
import Testing

/// Encrypted connections to a real broker, with certificates that openssl has made.
@Suite struct EncryptionTests {
    private let broker: EncryptedBroker

    init() throws { broker = try EncryptedBroker() }

    private func bench(_ listener: EncryptedBroker.Listener, _ lines: String) throws -> ConnectionBench {
        try ConnectionBench(port: broker.port(listener), scheme: "mqtts", lines: "[mqtt.tls]\n\(lines)")
    }

    private func detail(_ bench: ConnectionBench) -> String {
        bench.scene.surroundings.parts.all.first { $0.name == "mqtt/plant" }?.detail ?? ""
    }

    private func isConnected(_ bench: ConnectionBench) -> Bool { detail(bench).hasPrefix("connected to mqtts://") }

    @Test func readingsComeThroughAndAreAcknowledgedOnlyWhenCommitted() throws {
        let lines = "ca_file = \"\(broker.path("ca.crt"))\""
        let first = try bench(.good, lines)
        #expect(eventually { isConnected(first) })
        let publisher = try Publisher(port: broker.port) { $0 < 200 ? .init("n/\($0 % 3)", "\($0)") : nil }
        #expect(publisher.waitForEnd() == 200)
        #expect(eventually { first.sink.rows.count == 200 })
        first.connection.stop()
        #expect(first.connection.waitUntilStopped(deadline: Clocks.farAway))

        // Nothing was committed, so nothing was acknowledged: all of it comes again.
        let second = try bench(.good, lines)
        #expect(eventually { second.sink.rows.count == 200 })
        second.sink.commit()
        #expect(second.stop())

        let third = try bench(.good, lines)
        #expect(eventually { isConnected(third) })
        #expect(try Publisher(port: broker.port) { $0 == 0 ? .init("n/last", "201") : nil }.waitForEnd() == 1)
        #expect(eventually { third.sink.rows.count >= 1 })
        #expect(third.sink.rows.map(\.value) == [.number(201)])
        third.sink.commit()
        #expect(third.stop())
    }

    @Test(
        arguments: [
            (
                .good, "ca_file = \"other-ca.crt\"",
                "certificate is refused: self-signed certificate in certificate chain"
            ),
            (.good, "", "certificate is refused: self-signed certificate in certificate chain"),
            (.elsewhere, "ca_file = \"ca.crt\"", "certificate is refused: it is for other names"),
            (.expired, "ca_file = \"ca.crt\"", "certificate is refused: certificate has expired"),
            (.askingBack, "ca_file = \"ca.crt\"", "it may want a certificate of this gateway"),
            (.keyed, "psk_identity = \"outpost\"\npsk = \"00ff\"", "OpenSSL: "),
        ] as [(EncryptedBroker.Listener, String, String)])
    func whoIsNotTheBrokerIsRefused(listener: EncryptedBroker.Listener, lines: String, reason: String) throws {
        let bench = try bench(listener, broker.withPaths(lines))
        #expect(eventually { detail(bench).contains(reason) }, "\(detail(bench))")
        #expect(bench.stop())
    }

    @Test(
        arguments: [
            (.elsewhere, "insecure = true"), (.expired, "insecure = true"),
            (.askingBack, "ca_file = \"ca.crt\"\ncert_file = \"own.crt\"\nkey_file = \"own.key\""),
            (.keyed, "psk_identity = \"outpost\"\npsk = \"0123456789abcdef\""),
        ] as [(EncryptedBroker.Listener, String)])
    func whoIsKnownIsTaken(listener: EncryptedBroker.Listener, lines: String) throws {
        let bench = try bench(listener, broker.withPaths(lines))
        #expect(eventually { isConnected(bench) }, "\(detail(bench))")
        #expect(bench.stop())
    }

    /// It takes the connection and says nothing.
    @Test func aServerThatSaysNothingDoesNotHoldItUpForEver() throws {
        let silent = try ScriptedBroker()
        let bench = try ConnectionBench(
            port: silent.port, scheme: "mqtts", lines: "keepalive = \"10s\"")
        let peer = try silent.accept()
        #expect(eventually { detail(bench).hasPrefix("cannot connect") }, "\(detail(bench))")
        _ = peer
        #expect(bench.stop())
    }
}
