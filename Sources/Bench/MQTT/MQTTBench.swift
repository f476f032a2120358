import Platform

/// The whole way of a message through a real broker: what the gateway adds to a subscriber that only counts.
public enum MQTTBench {
    private static let rounds = 5

    /// Publishes for so many seconds to each receiver at each load, in rounds by turns, so that whatever else the
    /// machine does meets both. `begins` is called before each load. Signals are blocked by then.
    public static func run(seconds: Int, begins: (MQTTLoad) -> Void) throws -> MQTTReport {
        let duration: Duration = .seconds(seconds) / rounds
        return MQTTReport(
            lines: try MQTTLoad.all.map { load in
                begins(load)
                var line = MQTTReport.Line(load)
                for _ in 0..<rounds {
                    // Between rounds nothing is left behind.
                    if Signals.wait(for: .zero) == .stop { throw BenchError("stopped") }
                    line.subscriber.append(try MQTTRound(load, .subscriber, publishingFor: duration))
                    line.gateway.append(try MQTTRound(load, .gateway, publishingFor: duration))
                }
                return line
            })
    }
}
