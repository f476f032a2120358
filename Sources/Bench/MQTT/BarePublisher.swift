import Demo
import Glibc
import Platform

/// An MQTT 3.1.1 publisher on a bare socket: whatever it costs is taken from those who are measured, so it sends
/// packets made beforehand in large writes, and sleeps until many acknowledgements have come.
struct BarePublisher {
    /// Sent at once at QoS 1. Twice as many are without an acknowledgement at most.
    private static let burst = PublishPackets.count / 4
    private static let acknowledgementBytes = 4
    private static let longestSilence: Duration = .seconds(30)

    private let descriptor: Int32

    /// Connects, lets `body` publish, and comes back when the broker has read all of it.
    static func withConnection<Result>(port: Int, _ body: (BarePublisher) throws -> Result) throws -> Result {
        try withLoopbackSocket(port: port) { descriptor, address, length in
            let publisher = BarePublisher(descriptor: descriptor)
            // What waits in a large buffer would be sent after the time is over.
            publisher.option(SOL_SOCKET, SO_SNDBUF, 64 * 1024)
            // The end of a burst must not wait until its beginning is acknowledged.
            publisher.option(Int32(IPPROTO_TCP), TCP_NODELAY, 1)
            // As on a network: with the loopback's segments of 64 KiB the broker's window opens too late, 40 ms at a time.
            publisher.option(Int32(IPPROTO_TCP), TCP_MAXSEG, 1448)
            guard connect(descriptor, address, length) == 0 else { throw SystemError("connect to", "port \(port)") }
            try publisher.introduce()
            let result = try body(publisher)
            try publisher.sayGoodbye()
            return result
        }
    }

    /// The broker keeps a message under the topic.
    func leave(_ payload: String, at topic: String) throws {
        try send(PublishPackets.packet(topic: topic, payload: payload, identifier: nil, isRetained: true)[...])
    }

    /// Publishes as fast as the broker takes it; returns how many messages that were.
    func publish(_ load: MQTTLoad, for duration: Duration) throws -> Int {
        let packets = PublishPackets(load)
        let end = Clocks.system.monotonic() + duration
        return load.qos == 0 ? try publish(packets, until: end) : try publishAcknowledged(packets, until: end)
    }

    private func publish(_ packets: PublishPackets, until end: MonotonicTime) throws -> Int {
        var sent = 0
        while Clocks.system.monotonic() < end {
            try send(packets.bytes[...])
            sent += PublishPackets.count
        }
        return sent
    }

    private func publishAcknowledged(_ packets: PublishPackets, until end: MonotonicTime) throws -> Int {
        var sent = 0
        while Clocks.system.monotonic() < end {
            let first = sent % PublishPackets.count
            try send(packets[first..<first + Self.burst])
            if sent > 0 { try receiveAcknowledgements() }
            sent += Self.burst
        }
        if sent > 0 { try receiveAcknowledgements() }
        return sent
    }

    /// Of one burst; the broker sends nothing else.
    private func receiveAcknowledgements() throws {
        let answer = try receive(Self.burst * Self.acknowledgementBytes)
        let types = stride(from: 0, to: answer.count, by: Self.acknowledgementBytes).map { answer[$0] }
        guard types == Array(repeating: 0x40, count: Self.burst) else {
            throw BenchError("the broker answers with something else than acknowledgements")
        }
    }

    private func introduce() throws {
        let protocolName: [UInt8] = [0, 4] + Array("MQTT".utf8)
        // Level 4 is MQTT 3.1.1; a clean session, no keep-alive, and a name that the broker chooses.
        let connect: [UInt8] = protocolName + [4, 0x02, 0, 0, 0, 0]
        try send(([0x10, UInt8(connect.count)] + connect)[...])
        guard try receive(4) == [0x20, 2, 0, 0] else { throw BenchError("the broker refuses the publisher") }
    }

    /// The broker closes the connection once it has read that far.
    private func sayGoodbye() throws {
        try send([0xE0, 0])
        guard try receive(1).isEmpty else { throw BenchError("the broker does not take leave") }
    }

    private func send(_ bytes: ArraySlice<UInt8>) throws {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { throw SystemError("send to", "the broker") }
            rest = rest.dropFirst(count)
        }
    }

    /// So many bytes, or fewer where the broker has closed the connection.
    private func receive(_ count: Int) throws -> [UInt8] {
        let deadline = Clocks.system.monotonic() + Self.longestSilence
        var bytes = [UInt8](repeating: 0, count: count)
        var received = 0
        while received < count {
            // Awake once for all of them, and not for each packet; sooner only when the kernel's memory is short.
            option(SOL_SOCKET, SO_RCVLOWAT, count - received)
            guard pollDescriptors([(descriptor, POLLIN)], until: deadline)[0] != 0 else {
                throw BenchError("the broker does not answer the publisher")
            }
            let more = bytes.withUnsafeMutableBytes { rest in
                recv(descriptor, rest.baseAddress! + received, count - received, Int32(MSG_DONTWAIT))
            }
            guard more >= 0 else { throw SystemError("receive from", "the broker") }
            if more == 0 { break }
            received += more
        }
        return Array(bytes[..<received])
    }

    private func option(_ level: Int32, _ name: Int32, _ value: Int) {
        var value = Int32(value)
        setsockopt(descriptor, level, name, &value, socklen_t(MemoryLayout<Int32>.size))
    }
}
