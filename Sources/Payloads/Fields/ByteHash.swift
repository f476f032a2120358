/// A quick hash of bytes within this process: not for the disk, and not against those who look for collisions.
public enum ByteHash {
    /// Eight bytes at a time: each step waits for the multiplication of the one before.
    public static func of(_ bytes: UnsafeRawBufferPointer, seed: UInt64 = 0xcbf2_9ce4_8422_2325) -> UInt64 {
        var hash = seed
        guard bytes.count >= 8 else { return bytes.reduce(hash) { mixed($0, UInt64($1)) } }
        for offset in stride(from: 0, to: bytes.count - 8, by: 8) {
            hash = mixed(hash, bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        }
        // The last eight, some of them for the second time.
        return mixed(hash, bytes.loadUnaligned(fromByteOffset: bytes.count - 8, as: UInt64.self))
    }

    /// Both halves of a product: every bit of a word reaches the low bits, which choose the slot.
    private static func mixed(_ hash: UInt64, _ word: UInt64) -> UInt64 {
        let product = (hash ^ word).multipliedFullWidth(by: 0x9e37_79b9_7f4a_7c15)
        return product.high ^ product.low
    }
}
