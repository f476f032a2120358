import Platform

/// From a value that is wrong to somebody who knows: through a real broker, and from a Modbus device to its coil.
public enum LatencyBench {
    /// Each scene for so long.
    public static func run(seconds: Int) throws -> LatencyReport {
        LatencyReport(
            lines: try LatencyScene.allCases.map { LatencyReport.Line($0, try LatencyRound($0, seconds: seconds)) })
    }
}

public struct LatencyReport {
    public struct Line {
        public let scene: String
        public let alarms: Int
        /// From publication to arrival; nil where nothing is published.
        public let told: (median: Duration, p99: Duration, p999: Duration, longest: Duration)?
        /// The gateway's own share, in steps of two.
        public let ownP99: Duration
        public let ownLongest: Duration

        init(_ scene: LatencyScene, _ round: LatencyRound) {
            self.scene = scene.title
            alarms = round.own.count
            ownP99 = round.own.p99
            ownLongest = round.own.longest
            let sorted = round.latencies
            func quantile(_ share: Double) -> Duration {
                sorted[min(sorted.count - 1, Int((Double(sorted.count) * share).rounded(.up)) - 1)]
            }
            told = sorted.isEmpty ? nil : (quantile(0.5), quantile(0.99), quantile(0.999), sorted[sorted.count - 1])
        }
    }

    public let lines: [Line]

    public var json: JSON {
        func microseconds(_ duration: Duration?) -> JSON { duration.map { .integer($0.nanoseconds / 1000) } ?? .null }
        return [
            "latency": .array(
                lines.map { line in
                    [
                        "scene": .text(line.scene), "alarms": .integer(line.alarms),
                        "median_us": microseconds(line.told?.median), "p99_us": microseconds(line.told?.p99),
                        "p999_us": microseconds(line.told?.p999), "longest_us": microseconds(line.told?.longest),
                        "gateway_p99_us": microseconds(line.ownP99),
                        "gateway_longest_us": microseconds(line.ownLongest),
                    ]
                })
        ]
    }
}
