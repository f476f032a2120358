import Bench
import Platform
import SQLite
import Settings

enum BenchCommand: Command {
    static let name = "bench"
    static let summary = "measures this machine"
    static let usage = """
        mqtt [--seconds N] [--json]
               outpost bench alarms [--seconds N] [--json]
               outpost bench latency [--seconds N] [--json]
               outpost bench codec [--input FILE] [--readings N] [--seed N] [--json]
               outpost bench modbus [--seconds N] [--json]
               outpost bench payload [--seconds N] [--json]
               outpost bench store --input FILE [--batch N] [--data DIR] [--json]
               outpost bench query --data DIR [--rounds N] [--json]
               outpost bench uplink [--input FILE] [--interval TIME] [--readings N] [--seed N] [--json]
               outpost bench generate FILE --readings N [--profile mixed|fleet] [--seed N]

          mqtt          messages through a private broker: the gateway beside a subscriber that only counts
          --seconds N   publishes for so long to each of both at each load (default 5)

          alarms        readings that raise no alarm, past rules of every kind and the anomaly detector: nanoseconds a reading;
                        and 2 million readings from a store, replayed
          --seconds N   each scene for so long (default 1)

          latency       from a value that is wrong to the message about it, through a private broker: at rest, under load, and
                        with a disk that is slow; and from a Modbus device to its coil
          --seconds N   each for so long (default 10)

          modbus        requests to a server on this machine beside libmodbus' own, and 32 lines of 10 devices at 1 Hz
          --seconds N   each for so long (default 5)

          codec         what readings take in each encoding of the store: bytes, and nanoseconds both ways
          --input FILE  those of a file as generate makes it; otherwise mixed ones
          --readings N  so many of those (default 10 million)

          payload       payloads of every format, decoded in memory: nanoseconds a message and a reading
          --seconds N   each format for so long (default 1)

          store         a file of readings through the whole way into a store: commits, sealing, rollups
          --input FILE  as generate makes it
          --batch N     readings a commit, each synced (default 10000)
          --data DIR    where the store is made, and stays; otherwise in a directory for the time of the measurement

          query         questions to a store, such as bench store makes, through the program and in SQL
          --data DIR    where it is
          --rounds N    asks each so often (default 200)

          uplink        readings in the frames that go upstream, beside the same ones as JSON and line protocol: bytes and
                        nanoseconds a reading
          --input FILE  those of a file as generate makes it; otherwise those of 200 series at 1 Hz
          --interval T  a frame holds what comes in so long a time (default 1m)
          --readings N  so many readings without a file (default 2 million)

          generate      a file of readings of 200 series, 20 bytes each, little-endian: series (int32),
                        milliseconds since 1970 (int64), value (float64)
          --readings N  so many; 10 million mixed ones are about a week
          --profile P   mixed: 12 series at 1 Hz, 20 at 0.1 Hz, 168 every 70 s (default); fleet: all at 1 Hz

          --seed N      the same seed makes the same readings (default 1)
          --json        for programs
        """
    static let options = ArgumentRules(
        values: [
            "--seconds", "--input", "--readings", "--seed", "--profile", "--batch", "--data", "--rounds", "--interval",
        ],
        flags: ["--json"],
        words: 1...5)

    private enum Benchmark: String, CaseIterable {
        case mqtt, alarms, latency, modbus, codec, payload, store, query, uplink, generate

        var words: Int { self == .generate ? 2 : 1 }

        var options: Set<String> {
            switch self {
            case .mqtt, .alarms, .latency, .modbus, .payload: ["--seconds"]
            case .codec: ["--input", "--readings", "--seed"]
            case .store: ["--input", "--batch", "--data"]
            case .query: ["--data", "--rounds"]
            case .uplink: ["--input", "--interval", "--readings", "--seed"]
            case .generate: ["--readings", "--seed", "--profile"]
            }
        }
    }

    static func run(_ arguments: Arguments) throws -> Int32 {
        if let helper = MQTTHelper(arguments.words) {
            try helper.run(say: StandardOutput.write)
            return 0
        }
        if let helper = LatencyHelper(arguments.words) {
            try helper.run(say: StandardOutput.write)
            return 0
        }
        if let port = ModbusHelper.port(arguments.words) {
            try ModbusHelper.run(port: port, say: StandardOutput.write)
            return 0
        }
        switch try benchmark(arguments) {
        case .modbus: return try measureModbus(arguments)
        case .alarms: return try measureAlarms(arguments)
        case .latency: return try measureLatency(arguments)
        case .mqtt: return try measureMQTT(arguments)
        case .codec: return try measureCodec(arguments)
        case .payload: return try measurePayloads(arguments)
        case .store: return try measureStore(arguments)
        case .query: return try measureQuery(arguments)
        case .uplink: return try measureUplink(arguments)
        case .generate: return try generate(arguments)
        }
    }

    private static func benchmark(_ arguments: Arguments) throws(UsageError) -> Benchmark {
        let name = arguments.words[0]
        guard let benchmark = Benchmark(rawValue: name) else {
            let known = Benchmark.allCases.map(\.rawValue)
            let hint = Suggestions.closest(to: name, among: known).map { ", did you mean \"\($0)\"?" } ?? ""
            throw UsageError(message: "unknown benchmark \"\(name)\"\(hint)")
        }
        let words = arguments.words.dropFirst(benchmark.words)
        if let word = words.first { throw UsageError(message: "too many words: \(word)") }
        if arguments.words.count < benchmark.words { throw UsageError(message: "something is missing") }
        for option in options.values.subtracting(benchmark.options).sorted() where arguments[option] != nil {
            throw UsageError(message: "\(option) means nothing to \(name)")
        }
        return benchmark
    }

    private static let readings = 1...10_000_000_000

    private static func seed(_ arguments: Arguments) throws(UsageError) -> UInt64 {
        UInt64(try arguments.integer("--seed", in: 0...Int.max) ?? 1)
    }

    private static func generate(_ arguments: Arguments) throws -> Int32 {
        guard let readings = try arguments.integer("--readings", in: readings) else {
            throw UsageError(message: "--readings is missing")
        }
        try BenchFile.generate(
            arguments.words[1], readings: readings,
            profile: arguments.word("--profile", BenchProfile.allCases) ?? .mixed, seed: seed(arguments))
        return 0
    }

    private static func measureCodec(_ arguments: Arguments) throws -> Int32 {
        let report =
            if let input = arguments["--input"] {
                try CodecBench.run(input: input)
            } else {
                try CodecBench.run(
                    generating: arguments.integer("--readings", in: readings) ?? 10_000_000, seed: seed(arguments))
            }
        if arguments.has("--json") { StandardOutput.write("\(report.json)\n") } else { show(report) }
        return 0
    }

    private static func show(_ report: CodecReport) {
        show(report.kinds, under: "chunks by kind of series")
        show(report.times, under: "times by encoding")
        show(report.values, under: "values by encoding")
        show(report.blocks, under: "all readings")
        show(report.rollups)
    }

    private static func show(_ lines: [CodecReport.RollupLine]) {
        var table = TableOutput()
        table.begin(["rollups", "bytes/rollup", "bytes/reading", "build ns/reading", "encode ns", "decode ns"])
        for line in lines {
            let figures = line.figures
            table.row([
                .text(line.name), rounded(figures.bytesPerRollup), rounded(figures.bytesPerReading),
                rounded(figures.buildingNanoseconds), rounded(figures.encodingNanoseconds),
                rounded(figures.decodingNanoseconds),
            ])
        }
        table.end()
    }

    private static func show(_ lines: [CodecReport.Line], under title: String) {
        var table = TableOutput()
        table.begin([title, "share", "bytes/reading", "encode ns", "decode ns"])
        for line in lines {
            table.row([
                .text(line.name), percent(line.share), rounded(line.figures.bytesPerReading),
                rounded(line.figures.encodingNanoseconds), rounded(line.figures.decodingNanoseconds),
            ])
        }
        table.end()
        StandardOutput.write("\n")
    }

    private static func measurePayloads(_ arguments: Arguments) throws -> Int32 {
        let report = try PayloadBench.run(seconds: arguments.integer("--seconds", in: 1...60) ?? 1)
        if arguments.has("--json") { StandardOutput.write("\(report.json)\n") } else { show(report) }
        return 0
    }

    private static func show(_ report: PayloadReport) {
        var table = TableOutput()
        table.begin(["payload", "bytes", "readings", "ns/message", "CPU ns/message", "ns/reading"])
        for line in report.lines {
            table.row([
                .text(line.name), rounded(line.bytes, 1), rounded(line.readings, 1), rounded(line.nanoseconds, 1),
                rounded(line.processorNanoseconds, 1), rounded(line.nanosecondsPerReading, 1),
            ])
        }
        table.end()
    }

    private static func measureAlarms(_ arguments: Arguments) throws -> Int32 {
        let report = try AlarmBench.run(seconds: try arguments.integer("--seconds", in: 1...60) ?? 1)
        guard !arguments.has("--json") else {
            StandardOutput.write("\(report.json)\n")
            return 0
        }
        var table = TableOutput()
        table.begin(["alarms", "rules", "ns/reading", "CPU ns/reading", "bytes/series"])
        for line in report.lines {
            table.row([
                .text(line.name), .integer(Int64(line.rules)), rounded(line.nanoseconds, 10),
                rounded(line.processorNanoseconds, 10), line.bytes.map { .integer(Int64($0)) } ?? .null,
            ])
        }
        table.end()
        return 0
    }

    private static func measureLatency(_ arguments: Arguments) throws -> Int32 {
        let seconds = try arguments.integer("--seconds", in: 5...600) ?? 10
        let report = try LatencyBench.run(seconds: seconds)
        guard !arguments.has("--json") else {
            StandardOutput.write("\(report.json)\n")
            return 0
        }
        var table = TableOutput()
        table.begin([
            "milliseconds", "alarms", "median", "p99", "p99.9", "longest", "gateway p99", "gateway longest",
        ])
        func cell(_ duration: Duration?) -> SQLValue { duration.map { rounded($0.inSeconds * 1e3, 100) } ?? .null }
        for line in report.lines {
            table.row([
                .text(line.scene), .integer(Int64(line.alarms)), cell(line.told?.median), cell(line.told?.p99),
                cell(line.told?.p999), cell(line.told?.longest), cell(line.ownP99), cell(line.ownLongest),
            ])
        }
        table.end()
        return 0
    }

    private static func measureStore(_ arguments: Arguments) throws -> Int32 {
        guard let input = arguments["--input"] else { throw UsageError(message: "--input is missing") }
        let batch = try arguments.integer("--batch", in: 1...1_000_000) ?? 10_000
        let temporary = arguments["--data"] == nil ? try Files.temporaryDirectory("bench") : nil
        defer { if let temporary { Files.removeTree(temporary) } }
        let report = try StoreBench.run(
            input: input, batch: batch, directory: arguments["--data"] ?? temporary ?? "")
        if arguments.has("--json") { StandardOutput.write("\(report.json)\n") } else { show(report) }
        return 0
    }

    private static func show(_ report: StoreReport) {
        var table = TableOutput()
        table.begin(["", ""])
        func row(_ name: String, _ value: SQLValue) { table.row([.text(name), value]) }
        row("readings", .integer(Int64(report.readings)))
        row("readings a commit, synced", .integer(Int64(report.batch)))
        row("readings/s", .integer(Int64(report.readingsPerSecond)))
        row("CPU seconds per million", rounded(report.processorSecondsPerMillion, 1000))
        row("commit, median ms", rounded(report.median))
        row("commit, p99 ms", rounded(report.p99))
        row("commit, longest ms", rounded(report.longest))
        for part in report.parts {
            row("bytes/reading: \(part.name)", rounded(Double(part.bytes) / Double(max(1, report.readings)), 1000))
        }
        row("bytes/reading in all", rounded(report.bytesPerReading, 1000))
        row("bytes/reading given to the disk", rounded(report.bytesWrittenPerReading))
        row("bytes/reading of that: sealing, joining, rollups", rounded(report.bytesWrittenPerReadingByHistory))
        row("peak memory MiB", rounded(Double(report.peakMemory) / 1_048_576))
        table.end()
    }

    private static func measureQuery(_ arguments: Arguments) throws -> Int32 {
        guard let directory = arguments["--data"] else { throw UsageError(message: "--data is missing") }
        let rounds = try arguments.integer("--rounds", in: 1...1_000_000) ?? 200
        let report = try QueryBench.run(directory: directory, rounds: rounds)
        if arguments.has("--json") { StandardOutput.write("\(report.json)\n") } else { show(report) }
        return 0
    }

    private static func show(_ report: QueryReport) {
        var table = TableOutput()
        table.begin(["question", "through", "rows", "median ms", "p99 ms", "longest ms"])
        for line in report.lines {
            table.row([
                .text(line.question), .text(line.way), .integer(Int64(line.rows)), rounded(line.median, 1000),
                rounded(line.p99, 1000), rounded(line.longest, 1000),
            ])
        }
        table.end()
        StandardOutput.write(
            "\nFrom nothing to the first answer: \((report.openingMilliseconds * 100).rounded() / 100) ms.\n")
    }

    private static func measureUplink(_ arguments: Arguments) throws -> Int32 {
        let interval = Duration.seconds(try arguments.seconds("--interval") ?? 60)
        let report =
            if let input = arguments["--input"] {
                try UplinkBench.run(input: input, interval: interval)
            } else {
                try UplinkBench.run(
                    generating: arguments.integer("--readings", in: readings) ?? 2_000_000, seed: seed(arguments),
                    interval: interval)
            }
        if arguments.has("--json") { StandardOutput.write("\(report.json)\n") } else { show(report) }
        return 0
    }

    private static func show(_ report: UplinkReport) {
        var table = TableOutput()
        table.begin(["\(report.readings) readings", "bytes/reading", "saved", "encode ns", "decode ns"])
        for line in report.lines {
            table.row([
                .text(line.name), rounded(line.bytesPerReading, 1000), percent(line.saved),
                rounded(line.encodingNanoseconds), line.decodingNanoseconds.map { rounded($0) } ?? .null,
            ])
        }
        table.end()
        StandardOutput.write(
            "\n\(report.frames) frames, made and opened with \((report.peakMemory * 10 / 1_048_576 + 5) / 10) MiB at most.\n"
        )
    }

    private static func measureModbus(_ arguments: Arguments) throws -> Int32 {
        let report = try ModbusBench.run(seconds: arguments.integer("--seconds", in: 1...60) ?? 5)
        if arguments.has("--json") { StandardOutput.write("\(report.json)\n") } else { show(report) }
        return 0
    }

    private static func show(_ report: ModbusReport) {
        var table = TableOutput()
        table.begin(["registers", "client", "requests/s", "ratio", "CPU us/request"])
        for loop in report.loops {
            table.row([
                .integer(Int64(loop.registers)), .text("libmodbus"), .integer(Int64(loop.theirsPerSecond)), .null,
                rounded(loop.theirMicroseconds, 100),
            ])
            table.row([
                .integer(Int64(loop.registers)), .text("outpost"), .integer(Int64(loop.oursPerSecond)),
                rounded(loop.ratio, 100), rounded(loop.ourMicroseconds, 100),
            ])
        }
        table.end()
        StandardOutput.write(
            "\n\(report.lines) lines with \(report.devices) devices each at 1 Hz: "
                + "\((report.fleetShare * 1000).rounded() / 10) % of one core.\n")
    }

    private static func measureMQTT(_ arguments: Arguments) throws -> Int32 {
        let seconds = try arguments.integer("--seconds", in: 1...60) ?? 5
        let json = arguments.has("--json")
        Signals.block()
        let report = try MQTTBench.run(seconds: seconds) { load in
            if !json { printError("measuring \(load) ...") }
        }
        if json { StandardOutput.write("\(report.json)\n") } else { show(report) }
        return report.problems.isEmpty ? 0 : 1
    }

    private static func show(_ report: MQTTReport) {
        var table = TableOutput()
        table.begin(["load", "receiver", "messages/s", "ratio", "us/message", "added", "arrived", "stored"])
        for line in report.lines {
            let load: SQLValue = .text("\(line.load)")
            table.row([load, .text("subscriber")] + figures(line.subscriber))
            table.row([load, .text("gateway")] + figures(line.gateway, line))
        }
        table.end()
        StandardOutput.write(
            """

            us/message: CPU time of the receiving process in microseconds. added: what the gateway takes on top.

            """)
        for problem in report.problems { printError("outpost bench: \(problem)") }
        if report.problems.isEmpty {
            StandardOutput.write("At QoS 1 everything arrived and was stored; at QoS 0 every loss is counted.\n")
        }
    }

    /// Those of the gateway with what sets it apart from the subscriber.
    private static func figures(_ rounds: MQTTReport.Rounds, _ comparison: MQTTReport.Line? = nil) -> [SQLValue] {
        [
            .integer(Int64(rounds.messagesPerSecond)),
            comparison.map { rounded($0.rateRatio) } ?? .null,
            rounded(rounds.microsecondsPerMessage),
            comparison.map { rounded($0.addedMicroseconds) } ?? .null,
            percent(rounds.arrivedShare),
            rounds.storedShare.map(percent) ?? .null,
        ]
    }

    private static func percent(_ share: Double) -> SQLValue { .text("\((share * 1000).rounded() / 10) %") }

    private static func rounded(_ number: Double, _ parts: Double = 100) -> SQLValue {
        .real((number * parts).rounded() / parts)
    }
}
