/// What can be said of a frame before it is opened.
///
///     "OPF"  version (a byte)
///     epoch, 16 bytes
///     first and last sequence, 8 bytes each; 1 and 0 where there are none
///     readings, rows of tables, bytes of content: 4 bytes each
///
/// Every number is stored with its lowest byte first.
public struct FrameHeader: Sendable, Hashable {
    /// Of the gateway's journal. A journal that is started anew counts from 1 again, in another epoch.
    public struct Epoch: Sendable, Hashable {
        public var high: UInt64
        public var low: UInt64

        public init(high: UInt64, low: UInt64) {
            self.high = high
            self.low = low
        }
    }

    public static let size = 48
    private static let start: [UInt8] = Array("OPF".utf8) + [1]

    public var epoch = Epoch(high: 0, low: 0)
    /// The journal rows whose readings are in the frame. Nil where it has none, as one that brings rows of tables alone.
    public var sequences: ClosedRange<Int64>?
    public internal(set) var readings = 0
    /// Rows of tables.
    public internal(set) var rows = 0
    var contentSize = 0

    init() {}

    /// Of the whole frame, in bytes.
    public var frameSize: Int { Self.size + contentSize + Checksum.size }

    /// Reads it from the beginning of a frame, of which the rest need not be there yet.
    public init(_ bytes: Span<UInt8>) throws(DamagedFrame) {
        do throws(DamagedBytes) { try read(bytes) } catch { throw DamagedFrame(error.reason) }
    }

    mutating func read(_ bytes: Span<UInt8>) throws(DamagedBytes) {
        guard bytes.count >= Self.size else { throw DamagedBytes("it ends too early") }
        for index in Self.start.indices where bytes[index] != Self.start[index] {
            throw DamagedBytes("it does not start like a frame of a known version")
        }
        var position = Self.start.count
        epoch.high = try bytes.word(at: &position)
        epoch.low = try bytes.word(at: &position)
        sequences = try Self.sequences(bytes.word(at: &position), bytes.word(at: &position))
        readings = try bytes.count(at: &position, upTo: Frame.maximumReadings)
        rows = try bytes.count(at: &position, upTo: Frame.maximumRows)
        contentSize = try bytes.count(at: &position, upTo: Frame.maximumBytes - Self.size - Checksum.size)
        guard readings == 0 || sequences != nil else { throw DamagedBytes("readings of no journal row") }
    }

    private static func sequences(_ first: UInt64, _ last: UInt64) throws(DamagedBytes) -> ClosedRange<Int64>? {
        if first == 1, last == 0 { return nil }
        guard first <= last, let first = Int64(exactly: first), let last = Int64(exactly: last) else {
            throw DamagedBytes("sequences from \(first) to \(last)")
        }
        return first...last
    }

    func write(to bytes: inout [UInt8]) {
        bytes.append(contentsOf: Self.start)
        bytes.append(word: epoch.high)
        bytes.append(word: epoch.low)
        bytes.append(word: UInt64(sequences?.lowerBound ?? 1))
        bytes.append(word: UInt64(sequences?.upperBound ?? 0))
        for count in [readings, rows, contentSize] { bytes.append(count: count) }
    }
}

extension [UInt8] {
    fileprivate mutating func append(count: Int) {
        for shift in stride(from: 0, to: 32, by: 8) { append(UInt8(truncatingIfNeeded: count >> shift)) }
    }
}

extension Span<UInt8> {
    /// In four bytes.
    fileprivate func count(at position: inout Int, upTo limit: Int) throws(DamagedBytes) -> Int {
        var count = 0
        for shift in stride(from: 0, to: 32, by: 8) { count |= Int(try byte(at: &position)) << shift }
        guard count <= limit else { throw DamagedBytes("a count of \(count) where \(limit) are possible") }
        return count
    }
}
