/// `[store]`: how safe and how large the stored readings are.
public struct StoreSettings: Sendable, Hashable {
    /// What acknowledged readings survive.
    public enum Durability: String, Sendable, CaseIterable {
        /// A power cut.
        case power
        /// The end of the process, but a power cut costs the last seconds.
        case process
    }

    public var durability: Durability
    public var commitEvery: Duration
    /// In bytes.
    public var maxSize: Int
    /// What readings leave free of the disk, in bytes.
    public var reserve: Int
    public var maxSeries: Int
    /// What readings may take while they are packed into chunks, in bytes.
    public var headMemory: Int
    /// The longest that they wait for it.
    public var sealAfter: Duration
    /// Widths, each a multiple of the one before.
    public var rollups: [Duration]
}

extension StoreSettings {
    init(_ table: TableReader) {
        durability = table.word("durability", default: .power)
        commitEvery = table.duration(
            "commit_every", default: .milliseconds(500), in: .milliseconds(10) ... .seconds(60))
        maxSize = table.size("max_size", default: 20_000_000_000, in: (16 << 20)...Int.max)
        reserve = table.size("reserve", default: 500_000_000, in: 0...Int.max)
        maxSeries = table.integer("max_series", default: 10_000, in: 1...10_000_000)
        headMemory = table.size("head_memory", default: 16 << 20, in: (4 << 20)...(256 << 20))
        sealAfter = table.duration("seal_after", default: .seconds(3600), in: .seconds(1) ... .seconds(86_400))
        rollups = Self.rollups(table)
    }

    private static let mostRollups = 6
    private static let widths = Duration.seconds(1) ... .seconds(31 * 86_400)

    /// Those that are right.
    private static func rollups(_ table: TableReader) -> [Duration] {
        guard let elements = table.elements("rollups", example: "[\"1m\", \"1h\"]") else {
            return [.seconds(60), .seconds(3600), .seconds(86_400)]
        }
        if elements.count > mostRollups {
            table.log.error("rollups: there are \(mostRollups) at most", at: elements[mostRollups].value.place)
        }
        var rollups: [Duration] = []
        for element in elements {
            guard let width = table.duration(of: element, example: .seconds(60), in: widths) else { continue }
            if let problem = problem(of: width, after: rollups.last) {
                table.log.error("rollups: \"\(DurationText.write(width))\" \(problem)", at: element.value.place)
            } else {
                rollups.append(width)
            }
        }
        return rollups
    }

    private static func problem(of width: Duration, after previous: Duration?) -> String? {
        let (seconds, fraction) = width.components
        if fraction != 0 { return "is not a whole number of seconds" }
        guard let previous, width <= previous || seconds % previous.components.seconds != 0 else { return nil }
        return "is no multiple of \"\(DurationText.write(previous))\", the one before"
    }
}
