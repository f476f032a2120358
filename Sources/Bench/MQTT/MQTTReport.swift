import Platform

public struct MQTTReport {
    /// Both receivers at one load.
    public struct Line {
        public let load: MQTTLoad
        public internal(set) var subscriber = Rounds()
        public internal(set) var gateway = Rounds()

        init(_ load: MQTTLoad) { self.load = load }

        /// The gateway's rate as a share of the subscriber's.
        public var rateRatio: Double { gateway.messagesPerSecond / subscriber.messagesPerSecond }

        /// What the gateway adds.
        public var addedMicroseconds: Double { gateway.microsecondsPerMessage - subscriber.microsecondsPerMessage }

        fileprivate var problems: [String] {
            [("subscriber", subscriber), ("gateway", gateway)].flatMap { name, rounds in
                rounds.all.flatMap { $0.problems(load) }.map { "\(load), \(name): \($0)" }
            }
        }
    }

    /// One receiver at one load. Every figure is the median of its rounds.
    public struct Rounds {
        fileprivate var all: [MQTTRound] = []

        mutating func append(_ round: MQTTRound) { all.append(round) }

        public var messagesPerSecond: Double { all.map(\.measurement.messagesPerSecond).median }

        /// Of the receiver's CPU time.
        public var microsecondsPerMessage: Double {
            all.map { $0.measurement.processorTime.inSeconds * 1e6 / Double($0.measurement.messages) }.median
        }

        /// The share of what was published. At QoS 0 a broker may drop what a receiver does not take in time.
        public var arrivedShare: Double { all.map { Double($0.measurement.messages) / Double($0.published) }.median }

        /// The share of the readings that arrived; nil for one who stores nothing. At QoS 0 the gateway drops, and
        /// counts, what comes while its journal is full.
        public var storedShare: Double? {
            let shares = all.compactMap(\.store?.share)
            return shares.isEmpty ? nil : shares.median
        }
    }

    public let lines: [Line]

    /// What did not come out as it has to: at QoS 1 everything arrives and is stored, and at QoS 0 what is dropped is
    /// counted.
    public var problems: [String] { lines.flatMap(\.problems) }

    public var json: JSON {
        [
            "loads": .array(lines.map(\.json)),
            "problems": .array(problems.map { .text($0) }),
        ]
    }
}

extension MQTTReport.Line {
    fileprivate var json: JSON {
        [
            "payload": .text(load.payload.rawValue),
            "qos": .integer(load.qos),
            "subscriber": subscriber.json,
            "gateway": gateway.json,
            "rate_ratio": .number(rateRatio),
            "added_cpu_us_per_message": .number(addedMicroseconds),
        ]
    }
}

extension MQTTReport.Rounds {
    fileprivate var json: JSON {
        [
            "messages_per_second": .number(messagesPerSecond),
            "cpu_us_per_message": .number(microsecondsPerMessage),
            "arrived_share": .number(arrivedShare),
            "stored_share": storedShare.map { .number($0) } ?? .null,
        ]
    }
}

extension [Double] {
    /// Of an odd number of figures.
    fileprivate var median: Double { sorted()[count / 2] }
}
