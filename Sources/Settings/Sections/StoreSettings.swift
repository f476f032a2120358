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
    public var maxSeries: Int
}

extension StoreSettings {
    init(_ table: TableReader) {
        durability = table.word("durability", default: .power)
        commitEvery = table.duration(
            "commit_every", default: .milliseconds(500), in: .milliseconds(10) ... .seconds(60))
        maxSize = table.size("max_size", default: 20_000_000_000, in: (16 << 20)...Int.max)
        maxSeries = table.integer("max_series", default: 10_000, in: 1...10_000_000)
    }
}
