import Payloads
import Readings
import TestSupport
import Testing

@Suite struct BinaryPayloadTests {
    private func numbers(_ layout: String, _ bytes: [UInt8]) throws -> [Double] {
        let layout = try BinaryLayout(parsing: layout)
        let names = (0..<layout.fieldCount).map { "f\($0)" }
        let decoded = PayloadDecoder(.binary(BinaryMapping(layout: layout, names: names)), maxPayload: 1000).decode(
            bytes)
        #expect(decoded.problem == nil)
        #expect(decoded.readings.map(\.field) == Array(0..<layout.fieldCount))
        return decoded.readings.compactMap { if case .number(let number) = $0.value { number } else { nil } }
    }

    @Test(
        arguments: [
            ("<u8 i8", [0xFF, 0xFF], [255, -1]), ("<u16 i16", [1, 2, 0xFE, 0xFF], [513, -2]),
            (">u16 i16", [1, 2, 0xFF, 0xFE], [258, -2]), ("<u24", [1, 2, 3], [197_121]), (">u24", [1, 2, 3], [66_051]),
            ("<i24", [0xFF, 0xFF, 0xFF], [-1]), (">i24", [0x80, 0, 0], [-8_388_608]),
            ("<u32", [0, 0, 0, 0x80], [2_147_483_648]), ("<i32", [0, 0, 0, 0x80], [-2_147_483_648]),
            (">u64", [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], [0x1p64]),
            (">i64", [0x80, 0, 0, 0, 0, 0, 0, 0], [-0x1p63]), ("<f32", [0, 0, 0x20, 0x41], [10]),
            (">f64", [0x40, 0x24, 0, 0, 0, 0, 0, 0], [10]), ("<i16:0.5", [0xFF, 0xFF], [-0.5]),
            ("<u8:-2e1", [3], [-60]), ("<bits:3", [0b101], [1, 0, 1]),
            ("<bits:9 u8", [0x01, 0x01, 7], [1, 0, 0, 0, 0, 0, 0, 0, 1, 7]), ("<x u8 x2", [9, 5, 9, 9], [5]),
            ("< u8  u8 ", [1, 2], [1, 2]),
        ] as [(String, [UInt8], [Double])])
    func bytesBecomeNumbers(layout: String, bytes: [UInt8], expected: [Double]) throws {
        #expect(try numbers(layout, bytes) == expected)
        #expect(try BinaryLayout(parsing: layout).byteCount == bytes.count)
    }

    @Test(arguments: [
        ("", 0), ("u16", 0), ("<", 0), ("<x", 0), ("<u16 u17", 5), ("<u16 i16:0", 5), ("<u16 i16:", 5),
        ("<f32:inf", 1), ("<bits", 1), ("<bits:0", 1), ("<bits:5000", 1), ("<u8 x0", 4), ("<x-1", 1), ("<x:3", 1),
        ("<u8,u8", 1), ("<bits:4096 u8", 11), ("<bits:+3", 1), ("<u8 >u8", 4), ("<\u{E9} u", 1),
    ])
    func aBrokenLayoutIsRefusedAtItsOffset(layout: String, offset: Int) {
        let error = #expect(throws: MappingError.self) { try BinaryLayout(parsing: layout) }
        #expect(error?.offset == offset)
    }

    @Test func anotherLengthIsOfAnotherLayout() throws {
        let decoder = PayloadDecoder(
            .binary(BinaryMapping(layout: try BinaryLayout(parsing: "<u16"))), maxPayload: 1000)
        #expect(decoder.fields == [PayloadField()])
        #expect(decoder.decode([1]) == Decoded(readings: [], problem: .wrongSize))
        #expect(decoder.decode([1, 2, 3]) == Decoded(readings: [], problem: .wrongSize))
        #expect(decoder.problem(of: "abc")?.detail == "3 bytes, where the layout has 2")
    }

    @Test func whatIsNoNumberIsLeftOut() throws {
        let mapping = BinaryMapping(layout: try BinaryLayout(parsing: "<f32 u8 f32"), names: ["a", "b", "c"])
        let decoder = PayloadDecoder(.binary(mapping), maxPayload: 1000)
        let decoded = decoder.decode([0, 0, 0xC0, 0x7F, 7, 0, 0, 0x80, 0x7F])
        #expect(decoded == Decoded(readings: [DecodedReading(field: 1, value: .number(7))], problem: .notFinite))
    }

    @Test(arguments: 1...5 as ClosedRange<UInt64>)
    func randomBytesDoNoHarm(seed: UInt64) throws {
        let mapping = BinaryMapping(
            layout: try BinaryLayout(parsing: ">f32:1e30 bits:11 x2 i64 f64"), names: (0..<14).map { "\($0)" })
        survives(
            seed: seed, good: [UInt8](repeating: 1, count: 24),
            decoder: PayloadDecoder(.binary(mapping), maxPayload: 1000))
    }
}
