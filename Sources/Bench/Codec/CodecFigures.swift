import Platform

/// What some blocks of readings took: bytes, and CPU time both ways.
public struct CodecFigures {
    public private(set) var blocks = 0
    public private(set) var readings = 0
    private var bytes = 0
    private var encoding = Duration.zero
    private var decoding = Duration.zero

    public var bytesPerReading: Double { Double(bytes) / Double(readings) }
    public var encodingNanoseconds: Double { encoding.inSeconds * 1e9 / Double(readings) }
    public var decodingNanoseconds: Double { decoding.inSeconds * 1e9 / Double(readings) }

    mutating func add(_ readings: Int, bytes: [UInt8], encoding: Duration, decoding: Duration) {
        blocks += 1
        self.readings += readings
        self.bytes += bytes.count
        self.encoding += encoding
        self.decoding += decoding
    }

    mutating func add(_ other: CodecFigures) {
        blocks += other.blocks
        readings += other.readings
        bytes += other.bytes
        encoding += other.encoding
        decoding += other.decoding
    }
}

/// The CPU time that some work takes, without that of looking at the clock, which counts beside a small block.
func processorTime(of work: () throws -> Void) rethrows -> Duration {
    let start = Clocks.processorTime()
    try work()
    return max(.zero, Clocks.processorTime() - start - clockTime)
}

private let clockTime: Duration = (0..<1000).map { _ in
    let start = Clocks.processorTime()
    return Clocks.processorTime() - start
}.min()!
