/// Numbers byte strings in the order of their coming, from 0, and finds them again by their bytes: nothing is
/// allocated for one that is known. Whoever keeps one sets the limit.
public struct ByteIndex {
    private struct Entry {
        var hash: UInt64
        var bytes: [UInt8]
    }

    private var entries: [Entry] = []
    /// Positions in `entries`, open addressing; -1 is free.
    private var slots = [Int32](repeating: -1, count: 64)

    public init() {}

    public var count: Int { entries.count }

    public func position(of bytes: UnsafeRawBufferPointer) -> Int? {
        let hash = ByteHash.of(bytes)
        var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        while slots[slot] >= 0 {
            let position = Int(slots[slot])
            if entries[position].hash == hash, Self.equal(entries[position].bytes, bytes) { return position }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    /// Takes bytes that are not known yet; their number is the count before.
    public mutating func append(_ bytes: UnsafeRawBufferPointer) {
        entries.append(Entry(hash: ByteHash.of(bytes), bytes: Array(bytes)))
        if entries.count * 2 > slots.count {
            slots = [Int32](repeating: -1, count: slots.count * 2)
            for position in entries.indices { place(position) }
        } else {
            place(entries.count - 1)
        }
    }

    public mutating func removeAll() {
        entries.removeAll(keepingCapacity: true)
        slots = [Int32](repeating: -1, count: slots.count)
    }

    private mutating func place(_ position: Int) {
        var slot = Int(truncatingIfNeeded: entries[position].hash) & (slots.count - 1)
        while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
        slots[slot] = Int32(position)
    }

    /// Eight bytes at a time, the last eight some of them for the second time.
    private static func equal(_ known: [UInt8], _ bytes: UnsafeRawBufferPointer) -> Bool {
        guard known.count == bytes.count else { return false }
        guard known.count >= 8 else { return known.elementsEqual(bytes) }
        return known.withUnsafeBytes { known in
            func differ(at offset: Int) -> Bool {
                known.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                    != bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            }
            for offset in stride(from: 0, to: known.count - 8, by: 8) where differ(at: offset) { return false }
            return !differ(at: known.count - 8)
        }
    }
}
