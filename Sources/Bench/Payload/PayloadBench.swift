import Platform

/// What it takes to read payloads, once a decoder has seen their like.
public enum PayloadBench {
    private static let rounds = 10

    /// Of each scene for so long.
    public static func run(seconds: Int) throws -> PayloadReport {
        PayloadReport(lines: try PayloadScenes.all().map { try measure($0, seconds: Double(seconds)) })
    }

    private static func measure(_ scene: PayloadScene, seconds: Double) throws -> PayloadReport.Line {
        var run = try PayloadRun(scene)
        let turns = self.turns(&run, lasting: seconds / Double(rounds))
        let figures = (0..<rounds).map { _ in round(&run, turns) }
        return PayloadReport.Line(
            name: scene.name, bytes: Double(scene.payloads.reduce(0) { $0 + $1.count }) / Double(run.messages),
            readings: Double(run.decodeAll()) / Double(run.messages), rounds: figures)
    }

    /// How often all payloads are decoded within a time; this warms up too.
    private static func turns(_ run: inout PayloadRun, lasting seconds: Double) -> Int {
        var turns = 1
        while true {
            let taken = round(&run, turns).nanoseconds * Double(turns * run.messages) / 1e9
            if taken > seconds / 4 { return max(1, Int(Double(turns) * seconds / taken)) }
            turns *= 2
        }
    }

    /// A message's share.
    private static func round(_ run: inout PayloadRun, _ turns: Int) -> PayloadReport.Round {
        let (start, processorStart) = (Clocks.system.monotonic(), Clocks.processorTime())
        for _ in 0..<turns { _ = run.decodeAll() }
        let messages = Double(turns * run.messages)
        return PayloadReport.Round(
            nanoseconds: (Clocks.system.monotonic() - start).inSeconds * 1e9 / messages,
            processorNanoseconds: (Clocks.processorTime() - processorStart).inSeconds * 1e9 / messages)
    }
}
