import Gateway
import Platform
import Settings

/// The gateway as `outpost run` has it, with a journal that survives a power cut.
struct GatewayReceiver: Receiver {
    private let gateway: Gateway
    private let received: Counter

    init(configuration path: String) throws {
        guard let settings = Settings.load(path).settings else {
            throw BenchError("the benchmark's own configuration does not load")
        }
        let surroundings = Surroundings(log: Log(level: .warning))
        gateway = try Gateway(settings, surroundings: surroundings)
        do {
            try gateway.start(isCancelled: { Signals.wait(for: .zero) == .stop })
            received = try Self.counter("outpost_mqtt_messages_total", of: surroundings.metrics)
        } catch {
            _ = gateway.stop()
            throw error
        }
    }

    var messages: Int { received.value }

    func stop() throws {
        guard gateway.stop() else { throw BenchError("the gateway did not stop in time") }
    }

    /// An input declares its numbers when its thread has started.
    private static func counter(_ name: String, of metrics: Metrics) throws -> Counter {
        let deadline = Clocks.system.monotonic() + .seconds(10)
        while Clocks.system.monotonic() < deadline {
            for entry in metrics.entries where entry.name == name {
                if case .counter(let counter) = entry.instrument { return counter }
            }
            _ = pollDescriptors([], until: Clocks.system.monotonic() + .milliseconds(1))
        }
        throw BenchError("the gateway has no counter \(name)")
    }
}
