import Platform

/// What alarms take of each reading that raises none.
public enum AlarmBench {
    private static let rounds = 10

    /// Each scene for so long.
    public static func run(seconds: Int) -> AlarmReport {
        AlarmReport(lines: AlarmRun.all.map { measure($0, seconds: Double(seconds)) })
    }

    private static func measure(_ run: AlarmRun, seconds: Double) -> AlarmReport.Line {
        var run = run
        let probe = round(&run, 10)
        let turns = max(1, Int(seconds / Double(rounds) / (probe.nanoseconds / 1e9 * Double(probe.readings / 10))))
        let figures = (0..<rounds).map { _ in round(&run, turns) }
        return AlarmReport.Line(
            name: run.scene.name, rules: run.scene.rules.count,
            nanoseconds: figures.map(\.nanoseconds).sorted()[rounds / 2],
            processorNanoseconds: figures.map(\.processorNanoseconds).sorted()[rounds / 2])
    }

    private static func round(
        _ run: inout AlarmRun, _ turns: Int
    ) -> (nanoseconds: Double, processorNanoseconds: Double, readings: Int) {
        let (start, processorStart) = (Clocks.system.monotonic(), Clocks.processorTime())
        var readings = 0
        for _ in 0..<turns { readings += run.takeAll() }
        return (
            max(0.01, (Clocks.system.monotonic() - start).inSeconds * 1e9 / Double(readings)),
            (Clocks.processorTime() - processorStart).inSeconds * 1e9 / Double(readings), readings
        )
    }
}

public struct AlarmReport {
    public struct Line {
        public let name: String
        public let rules: Int
        /// Of a reading; the medians of the rounds.
        public let nanoseconds: Double
        public let processorNanoseconds: Double
    }

    public let lines: [Line]

    public var json: JSON {
        [
            "alarms": .array(
                lines.map { line in
                    [
                        "name": .text(line.name), "rules": .integer(line.rules),
                        "ns_per_reading": .number(line.nanoseconds),
                        "cpu_ns_per_reading": .number(line.processorNanoseconds),
                    ]
                })
        ]
    }
}
