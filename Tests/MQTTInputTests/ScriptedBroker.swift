import Demo
import Glibc
import Platform
import TestSupport
import Testing

/// A broker whose every word the test says: what a real one does only on a bad day.
final class ScriptedBroker {
    struct Packet: Equatable {
        /// The first four bits.
        var type: UInt8
        var body: [UInt8]
    }

    /// One connection of the gateway's; closed when it goes.
    final class Peer {
        private let descriptor: Int32

        init(_ descriptor: Int32) { self.descriptor = descriptor }

        deinit { close(descriptor) }

        func send(_ bytes: [UInt8]) {
            var sent = 0
            while sent < bytes.count {
                let count = bytes[sent...].withUnsafeBytes {
                    Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                if count <= 0 { return }
                sent += count
            }
        }

        /// The next packet; nil when none comes in time, or the gateway has hung up.
        func packet(within patience: Duration = .seconds(30)) -> Packet? {
            let deadline = Clocks.system.monotonic() + patience
            guard let first = byte(deadline) else { return nil }
            var length = 0
            for shift in stride(from: 0, to: 28, by: 7) {
                guard let byte = byte(deadline) else { return nil }
                length |= Int(byte & 0x7F) << shift
                if byte < 0x80 { break }
            }
            var body: [UInt8] = []
            while body.count < length {
                guard let byte = byte(deadline) else { return nil }
                body.append(byte)
            }
            return Packet(type: first >> 4, body: body)
        }

        /// Waits for a packet of a type; others are passed over.
        func packet(ofType type: UInt8) -> Packet? {
            while let packet = packet() { if packet.type == type { return packet } }
            return nil
        }

        private func byte(_ deadline: MonotonicTime) -> UInt8? {
            guard pollDescriptors([(descriptor, POLLIN)], until: deadline)[0] != 0 else { return nil }
            var byte: UInt8 = 0
            return read(descriptor, &byte, 1) == 1 ? byte : nil
        }

        /// Takes the connection at MQTT 5 and grants the subscriptions.
        func welcome(filters: Int, sessionPresent: Bool = false) {
            #expect(packet(ofType: 1) != nil)
            send([0x20, 3, sessionPresent ? 1 : 0, 0, 0])
            for _ in 0..<filters {
                guard let subscribe = packet(ofType: 8) else {
                    Issue.record("no subscription came")
                    return
                }
                send([0x90, 4, subscribe.body[0], subscribe.body[1], 0, 1])
            }
        }

        /// A message at QoS 1; the identifier counts from 1.
        func publish(_ topic: String, _ payload: String, id: Int, isAgain: Bool = false) {
            let name = Array(topic.utf8)
            let body =
                [UInt8(name.count >> 8), UInt8(name.count & 255)] + name + [UInt8(id >> 8), UInt8(id & 255), 0]
                + Array(payload.utf8)
            send([isAgain ? 0x3A : 0x32, UInt8(body.count)] + body)
        }
    }

    let port: Int
    private let listener: Int32

    init() throws {
        port = freePort()
        listener = try listenOnLoopback(port: port)
    }

    deinit { close(listener) }

    /// The gateway's next connection.
    func accept() throws -> Peer {
        let ready = pollDescriptors([(listener, POLLIN)], until: Clocks.farAway)
        try #require(ready[0] != 0, "the gateway did not connect")
        return Peer(Glibc.accept(listener, nil, nil))
    }
}
