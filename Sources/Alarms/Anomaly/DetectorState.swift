/// Why bytes are no state to go on from.
public enum DetectorStateError: Error, Equatable, CustomStringConvertible {
    case foreign
    case damaged
    case newer(version: Int)

    public var description: String {
        switch self {
        case .foreign: "this is not a detector's state"
        case .damaged: "the detector's state is damaged"
        case .newer(let version): "the detector's state is of a newer version (\(version)) than this program knows"
        }
    }
}

/// Numbers in a fixed order, little-endian, between a few bytes that say what they are and a checksum.
struct StateWriter {
    private var bytes: [UInt8] = []

    init(_ kind: StateKind, reserving count: Int) {
        bytes.reserveCapacity(count)
        for index in kind.mark.indices { bytes.append(kind.mark[index]) }
        bytes.append(kind.version)
    }

    mutating func append<Number: FixedWidthInteger>(_ number: Number) {
        withUnsafeBytes(of: number.littleEndian) { bytes += $0 }
    }

    mutating func append(_ number: Double) { append(number.bitPattern) }

    mutating func append(_ other: [UInt8]) { bytes += other }

    consuming func finished() -> [UInt8] {
        append(StateKind.checksum(bytes.span))
        return bytes
    }
}

/// Whose state it is: the first bytes of it.
struct StateKind {
    static let detector = StateKind(mark: [0x4F, 0x50, 0x41, 0x44], version: 1)
    static let learned = StateKind(mark: [0x4F, 0x50, 0x41, 0x4C], version: 1)
    static let headCount = 5
    static let checksumCount = 8

    let mark: [4 of UInt8]
    let version: UInt8

    /// FNV-1a: no change of a single byte leaves it as it is.
    static func checksum(_ bytes: Span<UInt8>) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for index in bytes.indices { hash = (hash ^ UInt64(bytes[index])) &* 0x100_0000_01b3 }
        return hash
    }
}

/// Of bytes whose checksum is right; still, each number may be any.
struct StateReader {
    private let bytes: [UInt8]
    private var position = StateKind.headCount

    /// `count` is that of the whole state, where each has as much.
    init(_ kind: StateKind, _ bytes: [UInt8], count: Int? = nil) throws(DetectorStateError) {
        let count = count ?? max(bytes.count, StateKind.headCount + StateKind.checksumCount)
        for index in kind.mark.indices where index >= bytes.count || bytes[index] != kind.mark[index] { throw .foreign }
        guard bytes.count >= StateKind.headCount else { throw .damaged }
        let version = bytes[kind.mark.count]
        guard version <= kind.version else { throw .newer(version: Int(version)) }
        guard version == kind.version, bytes.count == count else { throw .damaged }
        self.bytes = bytes
        let end = count - StateKind.checksumCount
        guard StateKind.checksum(bytes.span.extracting(..<end)) == number(at: end) else { throw .damaged }
    }

    private func number<Number: FixedWidthInteger>(at start: Int) -> Number {
        bytes.withUnsafeBytes { Number(littleEndian: $0.loadUnaligned(fromByteOffset: start, as: Number.self)) }
    }

    /// Of a state that has as much as it says.
    mutating func next<Number: FixedWidthInteger>(_ type: Number.Type = Number.self) -> Number {
        defer { position += MemoryLayout<Number>.size }
        return number(at: position)
    }

    private var rest: Int { bytes.count - StateKind.checksumCount - position }

    var isAtEnd: Bool { rest == 0 }

    mutating func nextChecked<Number: FixedWidthInteger>(_ type: Number.Type) throws(DetectorStateError) -> Number {
        guard rest >= MemoryLayout<Number>.size else { throw .damaged }
        return next(type)
    }

    mutating func nextBytes(_ count: Int) throws(DetectorStateError) -> [UInt8] {
        guard rest >= count else { throw .damaged }
        defer { position += count }
        return Array(bytes[position..<position + count])
    }

    /// One that a detector could have come to: arithmetic with such numbers has no infinities.
    mutating func nextDouble() throws(DetectorStateError) -> Double {
        let number = Double(bitPattern: next())
        guard abs(number) <= 1e300 else { throw .damaged }
        return number
    }

    mutating func next(through most: Int) throws(DetectorStateError) -> Int {
        let number = Int(next(UInt8.self))
        guard number <= most else { throw .damaged }
        return number
    }

    /// One that counts; a double has every whole number up to here.
    mutating func nextCount() throws(DetectorStateError) -> Int64 {
        let number = next(Int64.self)
        guard (0...(1 << 53)).contains(number) else { throw .damaged }
        return number
    }
}
