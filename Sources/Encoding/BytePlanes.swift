/// The first bytes of all numbers, then all second bytes, and so on: numbers that are alike in some of their bytes
/// put those next to each other, where zstd finds them.
enum BytePlanes {
    static let all = 8
}

extension [UInt8] {
    mutating func append(planesOf numbers: [UInt64]) {
        reserveCapacity(count + numbers.count * BytePlanes.all)
        for plane in 0..<BytePlanes.all { append(plane: plane, of: numbers) }
    }

    mutating func append(plane: Int, of numbers: [UInt64]) {
        let shift = UInt64(plane * 8)
        let numbers = numbers.span
        append(numbers.count) { UInt8(truncatingIfNeeded: numbers[unchecked: $0] >> shift) }
    }
}

extension Span<UInt8> {
    /// As many numbers as asked for, in place of what `numbers` held.
    func planes(of wanted: Int, at position: inout Int, into numbers: inout [UInt64]) throws(DamagedBytes) {
        guard wanted <= (count - position) / BytePlanes.all else { throw DamagedBytes("it ends too early") }
        numbers.replaceByZeros(wanted)
        for plane in 0..<BytePlanes.all {
            numbers.add(plane: plane, extracting(position..<position + wanted))
            position += wanted
        }
    }
}

extension [UInt64] {
    mutating func replaceByZeros(_ wanted: Int) {
        removeAll(keepingCapacity: true)
        append(contentsOf: repeatElement(0, count: wanted))
    }

    /// Puts a byte into each of the numbers, which have none at that place yet.
    mutating func add(plane: Int, _ bytes: Span<UInt8>) {
        let shift = UInt64(plane * 8)
        var numbers = mutableSpan
        for index in 0..<Swift.min(bytes.count, numbers.count) {
            numbers[unchecked: index] |= UInt64(bytes[unchecked: index]) << shift
        }
    }
}
