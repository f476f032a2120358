import Platform

public struct PayloadReport {
    /// What a message takes.
    struct Round {
        var nanoseconds: Double
        var processorNanoseconds: Double
    }

    public struct Line {
        public let name: String
        /// Of a message, as what follows.
        public let bytes: Double
        public let readings: Double
        /// The medians of the rounds.
        public let nanoseconds: Double
        public let processorNanoseconds: Double

        public var nanosecondsPerReading: Double { nanoseconds / readings }

        init(name: String, bytes: Double, readings: Double, rounds: [Round]) {
            self.name = name
            self.bytes = bytes
            self.readings = readings
            nanoseconds = rounds.map(\.nanoseconds).sorted()[rounds.count / 2]
            processorNanoseconds = rounds.map(\.processorNanoseconds).sorted()[rounds.count / 2]
        }
    }

    public let lines: [Line]

    public var json: JSON {
        [
            "formats": .array(
                lines.map { line in
                    [
                        "name": .text(line.name), "bytes_per_message": .number(line.bytes),
                        "readings_per_message": .number(line.readings), "ns_per_message": .number(line.nanoseconds),
                        "cpu_ns_per_message": .number(line.processorNanoseconds),
                        "ns_per_reading": .number(line.nanosecondsPerReading),
                    ]
                })
        ]
    }
}
