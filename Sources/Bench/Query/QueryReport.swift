import Platform

public struct QueryReport {
    public struct Line {
        public let question: String
        /// "reader", the program's own reading interface, or "SQL".
        public let way: String
        public let rows: Int
        /// In milliseconds.
        public let median: Double
        public let p99: Double
        public let longest: Double
    }

    /// From nothing to the first answer, in milliseconds.
    public let openingMilliseconds: Double
    public private(set) var lines: [Line] = []

    init(opening: Duration) { openingMilliseconds = opening.inSeconds * 1000 }

    /// `ask` answers with the number of rows.
    mutating func measure(
        _ question: String, _ way: String, _ rounds: Int, _ ask: (_ round: Int) throws -> Int
    ) throws {
        var times: [Double] = []
        var rows = 0
        for round in 0..<rounds {
            let start = Clocks.system.monotonic()
            rows = try ask(round)
            times.append((Clocks.system.monotonic() - start).inSeconds * 1000)
        }
        times.sort()
        func quantile(_ share: Double) -> Double { times[min(times.count - 1, Int(Double(times.count) * share))] }
        lines.append(
            Line(
                question: question, way: way, rows: rows, median: quantile(0.5), p99: quantile(0.99),
                longest: times.last ?? 0))
    }

    public var json: JSON {
        [
            "open_to_first_answer_ms": .number(openingMilliseconds),
            "questions": .array(
                lines.map { line in
                    [
                        "question": .text(line.question), "way": .text(line.way), "rows": .integer(Int64(line.rows)),
                        "median_ms": .number(line.median), "p99_ms": .number(line.p99),
                        "longest_ms": .number(line.longest),
                    ]
                }),
        ]
    }
}
