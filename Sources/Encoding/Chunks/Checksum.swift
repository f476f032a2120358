/// A checksum of 64 bits over eight bytes at a time. SQLite has none for its pages, and zstd's covers only what is in
/// a frame.
///
/// Each step maps the state to another one to one, and for a given state each word to a different one: whatever
/// happens within eight bytes that stand together is always seen, and anything else but once in 2^64.
package enum Checksum {
    package static let size = 8

    private static let multiplier: UInt64 = 0x9E37_79B9_7F4A_7C15

    package static func of(_ bytes: Span<UInt8>, label: UInt64) -> UInt64 {
        let raw = bytes.bytes
        // The length comes early, so that the zeros that fill up the last word are not taken for content.
        var state = mix(mix(0, label), UInt64(bytes.count))
        let whole = bytes.count / 8 * 8
        for offset in stride(from: 0, to: whole, by: 8) { state = mix(state, raw.word(at: offset)) }
        var last: UInt64 = 0
        for offset in whole..<bytes.count { last |= UInt64(bytes[offset]) << UInt64((offset - whole) * 8) }
        return mix(state, last)
    }

    @inline(__always)
    private static func mix(_ state: UInt64, _ word: UInt64) -> UInt64 {
        let product = (state ^ word) &* multiplier
        return product ^ (product >> 29)
    }
}

extension RawSpan {
    /// Eight bytes, the lowest first.
    @inline(__always)
    func word(at offset: Int) -> UInt64 {
        UInt64(littleEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }
}

extension [UInt8] {
    mutating func append(word: UInt64) {
        append(addingCapacity: 8) { output in
            for shift in stride(from: 0, to: 64 as UInt64, by: 8) {
                output.append(UInt8(truncatingIfNeeded: word >> shift))
            }
        }
    }
}

extension Span<UInt8> {
    func word(at position: inout Int) throws(DamagedBytes) -> UInt64 {
        guard count - position >= 8 else { throw DamagedBytes("it ends too early") }
        defer { position += 8 }
        return bytes.word(at: position)
    }
}
