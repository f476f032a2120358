/// Integers in as few groups of seven bits as they need, the lowest first.
enum Varint {
    static let longest = 10
}

/// Small for numbers near zero of either sign.
enum ZigZag {
    @inline(__always)
    static func encode(_ number: Int64) -> UInt64 { UInt64(bitPattern: (number << 1) ^ (number >> 63)) }

    @inline(__always)
    static func decode(_ code: UInt64) -> Int64 { Int64(bitPattern: code >> 1) ^ -Int64(bitPattern: code & 1) }
}

extension OutputSpan<UInt8> {
    @inline(__always)
    mutating func append(varint number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(truncatingIfNeeded: rest))
    }
}

extension [UInt8] {
    mutating func append(varint number: UInt64) {
        append(addingCapacity: Varint.longest) { $0.append(varint: number) }
    }

    mutating func append(varints numbers: [UInt64]) {
        append(addingCapacity: numbers.count * Varint.longest) { output in
            for number in numbers { output.append(varint: number) }
        }
    }
}

/// Reading moves `position` on; nothing is read or reserved before it is known to be there.
extension Span<UInt8> {
    @inline(__always)
    func byte(at position: inout Int) throws(DamagedBytes) -> UInt8 {
        guard position < count else { throw DamagedBytes("it ends too early") }
        defer { position += 1 }
        return self[position]
    }

    @inline(__always)
    func varint(at position: inout Int) throws(DamagedBytes) -> UInt64 {
        let first = try byte(at: &position)
        return first < 0x80 ? UInt64(first) : try longVarint(first, at: &position)
    }

    private func longVarint(_ first: UInt8, at position: inout Int) throws(DamagedBytes) -> UInt64 {
        var number = UInt64(first & 0x7F)
        var shift: UInt64 = 7
        while true {
            let byte = try byte(at: &position)
            number |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return number }
            shift += 7
            guard shift < 70 else { throw DamagedBytes("a number of more than \(Varint.longest) bytes") }
        }
    }

    /// A varint that counts things, of which there cannot be more than `limit`.
    func varint(at position: inout Int, upTo limit: Int) throws(DamagedBytes) -> Int {
        let number = try varint(at: &position)
        guard number <= UInt64(limit) else { throw DamagedBytes("a count of \(number) where \(limit) are possible") }
        return Int(number)
    }

    /// As many varints as asked for, appended to `numbers`.
    func varints(_ wanted: Int, at position: inout Int, appendingTo numbers: inout [UInt64]) throws(DamagedBytes) {
        guard wanted <= count - position else { throw DamagedBytes("it ends too early") }
        try numbers.append(addingCapacity: wanted) { (output: inout OutputSpan<UInt64>) throws(DamagedBytes) in
            for _ in 0..<wanted { output.append(try varint(at: &position)) }
        }
    }
}
