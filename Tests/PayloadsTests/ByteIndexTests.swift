import Payloads
import TestSupport
import Testing

@Suite struct ByteIndexTests {
    private func position(_ index: ByteIndex, _ bytes: [UInt8]) -> Int? {
        bytes.withUnsafeBytes { index.position(of: $0) }
    }

    @Test(arguments: 1...5 as ClosedRange<UInt64>)
    func everyByteStringIsFoundAgain(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var index = ByteIndex()
        var known: [[UInt8]: Int] = [:]
        for _ in 0..<3000 {
            // Few different bytes, so that many differ in one place only.
            let length = Int.random(in: 0...20, using: &generator)
            let bytes = (0..<length).map { _ in UInt8.random(in: 0...1, using: &generator) }
            #expect(position(index, bytes) == known[bytes])
            if known[bytes] == nil {
                known[bytes] = index.count
                bytes.withUnsafeBytes { index.append($0) }
            }
        }
        #expect(index.count == known.count)
        for (bytes, number) in known { #expect(position(index, bytes) == number) }
        index.removeAll()
        #expect(index.count == 0)
        for bytes in known.keys { #expect(position(index, bytes) == nil) }
    }
}
