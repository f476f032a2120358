import Demo
import Glibc
import Mosquitto
import Platform

/// One scene, once, with a broker and a gateway of its own.
struct LatencyRound {
    static let mostAlarms = 2000
    private static let patience: Duration = .seconds(60)
    private static let pause: Duration = .milliseconds(20)

    /// From the publication of a value to the arrival of the message about it; sorted. None for Modbus.
    let latencies: [Duration]
    /// The gateway's own: from the arrival of the reading to the end of the action.
    let own: (count: Int, median: Duration, p99: Duration, longest: Duration)

    init(_ scene: LatencyScene, seconds: Int) throws {
        let directory = try Files.temporaryDirectory("bench")
        defer { Files.removeTree(directory) }
        if scene.storedReadings > 0 { try Self.fill(directory + "/data", scene.storedReadings) }
        let broker = try PrivateBroker(directory: directory)
        defer { broker.stop() }
        let devicePort = freePort()
        let device = try scene == .modbus ? Self.start(.device(port: devicePort)) : nil
        let path = directory + "/outpost.toml"
        let text = scene.configuration(brokerPort: broker.port, devicePort: devicePort, data: directory + "/data")
        try Files.write(Array(text.utf8), to: path)
        let gateway = try Self.start(.gateway(configuration: path, syncMilliseconds: scene.syncMilliseconds))
        var load: HelperProcess?
        if scene.messagesPerSecond > 0 {
            load = try Self.start(.load(port: broker.port, qos: scene.qos, perSecond: scene.messagesPerSecond))
        }
        let end = Clocks.system.monotonic() + .seconds(seconds)
        if scene == .modbus {
            _ = pollDescriptors([], until: end)
            latencies = []
        } else {
            latencies = try AlarmProbe(qos: scene.qos).run(port: broker.port, until: end, pause: Self.pause).sorted()
        }
        load?.askToStop()
        gateway.askToStop()
        let words = try gateway.answer(LatencyHelper.Answer.figures, within: Self.patience).compactMap { Int64($0) }
        device?.askToStop()
        guard words.count == 4 else { throw BenchError("the gateway has no figures") }
        own = (Int(words[0]), .nanoseconds(words[1]), .nanoseconds(words[2]), .nanoseconds(words[3]))
    }

    private static func fill(_ directory: String, _ readings: Int) throws {
        let input = try Files.temporaryDirectory("bench")
        defer { Files.removeTree(input) }
        try BenchFile.generate(input + "/readings", readings: readings, profile: .mixed, seed: 1)
        _ = try StoreBench.run(input: input + "/readings", batch: 10_000, directory: directory)
    }

    private static func start(_ helper: LatencyHelper) throws -> HelperProcess {
        let process = try HelperProcess(helper.words)
        _ = try process.answer(LatencyHelper.Answer.ready, within: patience)
        return process
    }
}

/// Publishes values that raise an alarm each, and waits for what is said of them: the same thread, the same clock.
private final class AlarmProbe: ClientDelegate {
    private let qos: Int
    private var sent: [MonotonicTime] = []
    private var latencies: [Duration] = []
    private var isSubscribed = false
    private var client: Client?

    init(qos: Int) { self.qos = qos }

    func run(port: Int, until end: MonotonicTime, pause: Duration) throws -> [Duration] {
        let client = Client(id: "probe", keepsSession: false, version: .v5, delegate: self)
        self.client = client
        try client.connect(host: "127.0.0.1", port: port, keepalive: .seconds(3600), sessionExpiry: 0)
        while !isSubscribed { try turn(client, until: Clocks.system.monotonic() + .milliseconds(10)) }
        // The gateway's subscriptions, and its connection for alarms.
        try turn(client, until: Clocks.system.monotonic() + .seconds(2))
        var next = Clocks.system.monotonic()
        while Clocks.system.monotonic() < end, sent.count < LatencyRound.mostAlarms {
            sent.append(Clocks.system.monotonic())
            try client.publish("watched/\(sent.count - 1)", Array("100".utf8), qos: qos)
            next = next + pause
            try turn(client, until: next)
        }
        try turn(client, until: Clocks.system.monotonic() + .seconds(1))
        guard latencies.count == sent.count else {
            throw BenchError("\(latencies.count) of \(sent.count) alarms were told of")
        }
        return latencies
    }

    private func turn(_ client: Client, until end: MonotonicTime) throws {
        try client.writePackets()
        while pollDescriptors([(client.descriptor, POLLIN)], until: end)[0] != 0 {
            try client.readPacket()
            try client.writePackets()
        }
    }

    func connected(code: Int, sessionPresent: Bool) { try? client?.subscribe("alarm/#", qos: 0) }
    func subscribed(granted: [Int]) { isSubscribed = true }

    func received(_ message: IncomingMessage) {
        let now = Clocks.system.monotonic()
        let level = message.topic.split(separator: UInt8(ascii: "/")).last ?? []
        guard let number = Int(String(decoding: level, as: UTF8.self)), number < sent.count else { return }
        latencies.append(now - sent[number])
    }
}
