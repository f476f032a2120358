import Platform

/// What alarms take of each reading that raises none.
public enum AlarmBench {
    private static let rounds = 10

    /// Each scene for so long.
    public static func run(seconds: Int) throws -> AlarmReport {
        var lines = AlarmRun.all.map { run in
            var run = run
            return measure(run.scene.name, rules: run.scene.rules.count, seconds) { run.takeAll() }
        }
        for run in DetectorRun.all {
            var run = run
            lines.append(measure(run.name, rules: 1, bytes: DetectorRun.bytes, seconds) { run.takeAll() })
        }
        for run in ModelRun.all { lines.append(measure(run.name, rules: 1, seconds) { run.takeAll() }) }
        lines.append(try measureReplay())
        return AlarmReport(lines: lines)
    }

    private static func measureReplay() throws -> AlarmReport.Line {
        let rules = AlarmScene.tenThresholds
        let directory = try Files.temporaryDirectory("bench")
        defer { Files.removeTree(directory) }
        let run = try ReplayRun(rules, directory: directory)
        let (start, processorStart) = (Clocks.system.monotonic(), Clocks.processorTime())
        let readings = Double(try run.takeAll())
        return AlarmReport.Line(
            name: ReplayRun.name, rules: rules.count,
            nanoseconds: (Clocks.system.monotonic() - start).inSeconds * 1e9 / readings,
            processorNanoseconds: (Clocks.processorTime() - processorStart).inSeconds * 1e9 / readings, bytes: nil)
    }

    private static func measure(
        _ name: String, rules: Int, bytes: Int? = nil, _ seconds: Int, takeAll: () -> Int
    ) -> AlarmReport.Line {
        let probe = round(10, takeAll)
        let turns = max(
            1, Int(Double(seconds) / Double(rounds) / (probe.nanoseconds / 1e9 * Double(probe.readings / 10))))
        let figures = (0..<rounds).map { _ in round(turns, takeAll) }
        return AlarmReport.Line(
            name: name, rules: rules, nanoseconds: figures.map(\.nanoseconds).sorted()[rounds / 2],
            processorNanoseconds: figures.map(\.processorNanoseconds).sorted()[rounds / 2], bytes: bytes)
    }

    private static func round(
        _ turns: Int, _ takeAll: () -> Int
    ) -> (nanoseconds: Double, processorNanoseconds: Double, readings: Int) {
        let (start, processorStart) = (Clocks.system.monotonic(), Clocks.processorTime())
        var readings = 0
        for _ in 0..<turns { readings += takeAll() }
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
        /// Of a series; nil where a rule has hardly any.
        public let bytes: Int?
    }

    public let lines: [Line]

    public var json: JSON {
        [
            "alarms": .array(
                lines.map { line in
                    [
                        "name": .text(line.name), "rules": .integer(line.rules),
                        "ns_per_reading": .number(line.nanoseconds),
                        "readings_per_second": .number((1e9 / line.nanoseconds).rounded()),
                        "cpu_ns_per_reading": .number(line.processorNanoseconds),
                        "bytes_per_series": line.bytes.map { JSON.integer(Int64($0)) } ?? .null,
                    ]
                })
        ]
    }
}
