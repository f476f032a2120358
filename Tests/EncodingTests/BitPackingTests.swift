import TestSupport
import Testing

@testable import Encoding

@Suite struct BitPackingTests {
    @Test(arguments: 0...64)
    func everyWidthComesBack(width: Int) throws {
        var generator = SeededGenerator(seed: UInt64(width))
        for count in [1, 7, 127, 128, 129, 300] {
            for outliers in [0, 1, 9] {
                let values = (0..<count).map { index -> Int64 in
                    let word = index < outliers ? generator.next() : generator.word(width)
                    return Int64(bitPattern: word) &- 1000
                }
                try expectReturn(values)
            }
        }
    }

    @Test func outliersDoNotWidenTheirBlock() {
        var values = (0..<128).map { Int64($0 % 8) }
        let plain = packed(values).count
        values[60] = 1_000_000
        #expect(packed(values).count <= plain + 6)
    }

    private func packed(_ values: [Int64]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(packed: values)
        return bytes
    }

    private func unpacked(_ bytes: [UInt8], _ count: Int) throws -> (values: [Int64], end: Int) {
        var position = 0
        var values: [Int64] = []
        try bytes.span.packed(count, at: &position, appendingTo: &values)
        return (values, position)
    }

    private func expectReturn(_ values: [Int64]) throws {
        let bytes = packed(values)
        let content = bytes + [UInt8](repeating: 0xFF, count: Checksum.size)
        let restored = try unpacked(content, values.count)
        #expect(restored.values == values)
        #expect(restored.end == bytes.count)
        #expect(throws: DamagedBytes.self) { try unpacked(content.dropLast(Checksum.size + 1), values.count) }
    }
}

extension SeededGenerator {
    /// A number of so many bits.
    fileprivate mutating func word(_ bits: Int) -> UInt64 { bits == 0 ? 0 : next() >> UInt64(64 - bits) }
}
