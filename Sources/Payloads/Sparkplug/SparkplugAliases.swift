/// Where the metrics are that aliases stand for: any 64 bits, mostly small and near each other.
struct SparkplugAliases {
    private struct Slot {
        var alias: UInt64 = 0
        /// -1: free.
        var position: Int32 = -1
    }

    /// So that nobody can choose aliases that meet in one slot.
    private static let seed = UInt64.random(in: .min ... .max)
    private let seed = Self.seed
    /// Open addressing; a power of two, at most half of them in use.
    private var slots: [Slot] = []
    private var count = 0

    @inline(__always)
    func position(of alias: UInt64) -> Int? {
        guard !slots.isEmpty else { return nil }
        let position = slots[slot(of: alias)].position
        return position < 0 ? nil : Int(position)
    }

    /// A metric that takes an alias of another has it from then on.
    mutating func set(_ alias: UInt64, to position: Int) {
        if (count + 1) * 2 > slots.count { grow() }
        let slot = slot(of: alias)
        if slots[slot].position < 0 { count += 1 }
        slots[slot] = Slot(alias: alias, position: Int32(position))
    }

    private mutating func grow() {
        let old = slots
        slots = [Slot](repeating: Slot(), count: max(16, old.count * 2))
        for entry in old where entry.position >= 0 { slots[slot(of: entry.alias)] = entry }
    }

    /// The slot that has the alias, or the free one where it belongs.
    @inline(__always)
    private func slot(of alias: UInt64) -> Int {
        let product = (alias ^ seed).multipliedFullWidth(by: 0x9e37_79b9_7f4a_7c15)
        var slot = Int(truncatingIfNeeded: product.high ^ product.low) & (slots.count - 1)
        while slots[slot].position >= 0, slots[slot].alias != alias { slot = (slot + 1) & (slots.count - 1) }
        return slot
    }
}
