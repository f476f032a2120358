import CSlowDisk
import Gateway
import Glibc
import Modbus
import Mosquitto
import Platform
import Polling
import Settings

/// A part of the measurement of latency in a process of its own. Nothing for people, so `outpost bench` does not show it.
public enum LatencyHelper: Sendable {
    /// On a disk on which a sync takes so long.
    case gateway(configuration: String, syncMilliseconds: Int)
    case load(port: Int, qos: Int, perSecond: Int)
    /// One of its registers after the other says that something is wrong.
    case device(port: Int)

    enum Answer {
        static let ready = "ready"
        /// Of the gateway's own figures.
        static let figures = "figures"
    }

    public init?(_ words: [String]) {
        let numbers = words.map { Int($0) ?? -1 }
        switch (words.first, words.count) {
        case ("latency-gateway", 3): self = .gateway(configuration: words[1], syncMilliseconds: numbers[2])
        case ("latency-load", 4): self = .load(port: numbers[1], qos: numbers[2], perSecond: numbers[3])
        case ("latency-device", 2): self = .device(port: numbers[1])
        default: return nil
        }
    }

    var words: [String] {
        switch self {
        case .gateway(let configuration, let milliseconds): ["latency-gateway", configuration, "\(milliseconds)"]
        case .load(let port, let qos, let perSecond): ["latency-load", "\(port)", "\(qos)", "\(perSecond)"]
        case .device(let port): ["latency-device", "\(port)"]
        }
    }

    /// Until it is asked to stop.
    public func run(say: (String) -> Void) throws {
        Signals.block()
        Memory.keepSmall()
        switch self {
        case .gateway(let configuration, let milliseconds): try runGateway(configuration, milliseconds, say)
        case .load(let port, let qos, let perSecond):
            try LoadPublisher(qos: qos, perSecond: perSecond).run(port: port) { say("\(Answer.ready)\n") }
        case .device(let port): try runDevice(port, say)
        }
    }

    private func runGateway(_ path: String, _ milliseconds: Int, _ say: (String) -> Void) throws {
        guard outpost_slow_disk_install() == 0 else { throw BenchError("SQLite takes no other disk") }
        guard let settings = Settings.load(path).settings else {
            throw BenchError("the benchmark's own configuration does not load")
        }
        let surroundings = Surroundings(log: Log(level: .error))
        let gateway = try Gateway(settings, surroundings: surroundings)
        defer { _ = gateway.stop() }
        try gateway.start(isCancelled: { Signals.wait(for: .zero) == .stop })
        outpost_slow_disk_set(milliseconds)
        say("\(Answer.ready)\n")
        while Signals.wait(for: .seconds(1)) != .stop {}
        outpost_slow_disk_set(0)
        say("\(Answer.figures) \(Self.figures(surroundings.metrics).map { "\($0)" }.joined(separator: " "))\n")
    }

    /// Of the way from the arrival of a reading to the end of the action, in nanoseconds: how many, median, p99, longest.
    private static func figures(_ metrics: Metrics) -> [Int64] {
        for entry in metrics.entries
        where entry.name == "outpost_alarm_latency_seconds" && entry.labels["stage"] == "action" {
            guard case .histogram(let histogram) = entry.instrument else { continue }
            let summary = histogram.summary
            return [
                Int64(summary.count), summary.median.nanoseconds, summary.p99.nanoseconds, summary.largest.nanoseconds,
            ]
        }
        return [0, 0, 0, 0]
    }

    private func runDevice(_ port: Int, _ say: (String) -> Void) throws {
        let server = try Server(host: "127.0.0.1", port: UInt16(clamping: port))
        let registers = Registers()
        server.units[1] = registers
        say("\(Answer.ready)\n")
        let pause: Duration = .milliseconds(100)
        var next = Clocks.system.monotonic() + .seconds(2)
        var number: UInt16 = 0
        while Signals.wait(for: .zero) != .stop {
            server.serve(until: min(next, Clocks.system.monotonic() + pause))
            guard Clocks.system.monotonic() >= next, number < LatencyRound.mostAlarms else { continue }
            registers.set(.holding, number, to: 100)
            registers.set(.coil, 0, to: 0)
            number += 1
            next = next + pause
        }
    }
}

/// So many messages a second, each millisecond some of them.
private final class LoadPublisher: ClientDelegate {
    private let qos: Int
    private let perSecond: Int
    private var isConnected = false

    init(qos: Int, perSecond: Int) {
        self.qos = qos
        self.perSecond = perSecond
    }

    func run(port: Int, ready: () -> Void) throws {
        let client = Client(id: "load", keepsSession: false, version: .v5, delegate: self)
        try client.connect(host: "127.0.0.1", port: port, keepalive: .seconds(3600), sessionExpiry: 0)
        while !isConnected { try turn(client, until: Clocks.system.monotonic() + .milliseconds(10)) }
        ready()
        let start = Clocks.system.monotonic()
        var sent = 0
        while Signals.wait(for: .zero) != .stop {
            let due = Int((Clocks.system.monotonic() - start).inSeconds * Double(perSecond))
            while sent < due {
                try client.publish("load/\(sent % 200)", Array("\(sent % 1000)".utf8), qos: qos)
                sent += 1
            }
            try turn(client, until: Clocks.system.monotonic() + .milliseconds(1))
        }
    }

    private func turn(_ client: Client, until end: MonotonicTime) throws {
        try client.writePackets()
        while pollDescriptors([(client.descriptor, POLLIN)], until: end)[0] != 0 {
            try client.readPacket()
            try client.writePackets()
        }
    }

    func connected(code: Int, sessionPresent: Bool) { isConnected = code == 0 }
    func subscribed(granted: [Int]) {}
    func received(_ message: IncomingMessage) {}
}
