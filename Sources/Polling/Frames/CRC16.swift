/// The checksum of serial frames.
enum CRC16 {
    private static let table: [UInt16] = (0..<256).map { index in
        (0..<8).reduce(UInt16(index)) { crc, _ in crc & 1 == 0 ? crc >> 1 : crc >> 1 ^ 0xA001 }
    }

    /// As they stand at the end of a frame: the lower one first.
    static func bytes(of frame: some Collection<UInt8>) -> [UInt8] {
        let crc = frame.reduce(UInt16.max) { crc, byte in crc >> 8 ^ table[Int(UInt8(truncatingIfNeeded: crc) ^ byte)] }
        return [UInt8(truncatingIfNeeded: crc), UInt8(crc >> 8)]
    }
}
