import Readings
import Testing

@testable import Polling

/// Bytes as they come over the wire, and what they say.
struct Encoded: Sendable, CustomTestStringConvertible {
    let type: RegisterType
    let order: String
    let bytes: String
    let number: Double

    init(_ type: RegisterType, _ order: String, _ bytes: String, _ number: Double) {
        self.type = type
        self.order = order
        self.bytes = bytes
        self.number = number
    }

    var testDescription: String { "\(type.rawValue) \(order) \(bytes)" }

    /// By hand: 0x12345678 is 305419896; 123456.789 as f32 is 0x47F12065 = 123456.7890625 (24 bits).
    static let all = [
        Encoded(.bool, "AB", "00 00", 0), Encoded(.bool, "AB", "00 01", 1), Encoded(.bool, "AB", "FF 00", 1),
        Encoded(.u16, "AB", "12 34", 4660), Encoded(.u16, "BA", "34 12", 4660), Encoded(.u16, "AB", "FF FF", 65_535),
        Encoded(.u16, "ABCD", "12 34", 4660), Encoded(.u16, "CDAB", "12 34", 4660),
        Encoded(.u16, "BADC", "34 12", 4660), Encoded(.u16, "DCBA", "34 12", 4660),
        Encoded(.i16, "AB", "FF FE", -2), Encoded(.i16, "BA", "FE FF", -2), Encoded(.i16, "AB", "80 00", -32_768),
        Encoded(.i16, "AB", "7F FF", 32_767),
        Encoded(.u32, "ABCD", "12 34 56 78", 305_419_896), Encoded(.u32, "CDAB", "56 78 12 34", 305_419_896),
        Encoded(.u32, "BADC", "34 12 78 56", 305_419_896), Encoded(.u32, "DCBA", "78 56 34 12", 305_419_896),
        Encoded(.u32, "ABCD", "FF FF FF FF", 4_294_967_295),
        Encoded(.i32, "ABCD", "FF FF FF FE", -2), Encoded(.i32, "CDAB", "FF FE FF FF", -2),
        Encoded(.i32, "BADC", "FF FF FE FF", -2), Encoded(.i32, "DCBA", "FE FF FF FF", -2),
        Encoded(.i32, "ABCD", "80 00 00 00", -2_147_483_648),
        Encoded(.f32, "ABCD", "41 48 00 00", 12.5), Encoded(.f32, "CDAB", "00 00 41 48", 12.5),
        Encoded(.f32, "BADC", "48 41 00 00", 12.5), Encoded(.f32, "DCBA", "00 00 48 41", 12.5),
        Encoded(.f32, "ABCD", "47 F1 20 65", 123_456.789_062_5), Encoded(.f32, "ABCD", "80 00 00 00", -0.0),
        Encoded(.f32, "ABCD", "00 00 00 01", 1.401_298_464_324_817e-45),
        Encoded(.u64, "ABCDEFGH", "00 01 02 03 04 05 06 07", 283_686_952_306_183),
        Encoded(.u64, "ABCD", "00 01 02 03 04 05 06 07", 283_686_952_306_183),
        Encoded(.u64, "GHEFCDAB", "06 07 04 05 02 03 00 01", 283_686_952_306_183),
        Encoded(.u64, "CDAB", "06 07 04 05 02 03 00 01", 283_686_952_306_183),
        Encoded(.u64, "BADCFEHG", "01 00 03 02 05 04 07 06", 283_686_952_306_183),
        Encoded(.u64, "BADC", "01 00 03 02 05 04 07 06", 283_686_952_306_183),
        Encoded(.u64, "HGFEDCBA", "07 06 05 04 03 02 01 00", 283_686_952_306_183),
        Encoded(.u64, "DCBA", "07 06 05 04 03 02 01 00", 283_686_952_306_183),
        Encoded(.u64, "CDABGHEF", "02 03 00 01 06 07 04 05", 283_686_952_306_183),
        Encoded(.u64, "EFGHABCD", "04 05 06 07 00 01 02 03", 283_686_952_306_183),
        Encoded(.u64, "ABCDEFGH", "FF FF FF FF FF FF FF FF", 0x1p64),
        Encoded(.u64, "ABCDEFGH", "80 00 00 00 00 00 00 00", 9_223_372_036_854_775_808),
        Encoded(.i64, "ABCDEFGH", "FF FF FF FF FF FF FF FE", -2),
        Encoded(.i64, "HGFEDCBA", "FE FF FF FF FF FF FF FF", -2),
        Encoded(.i64, "EFGHABCD", "FF FF FF FE FF FF FF FF", -2),
        Encoded(.i64, "ABCDEFGH", "80 00 00 00 00 00 00 00", -9_223_372_036_854_775_808),
        Encoded(.f64, "ABCDEFGH", "40 29 00 00 00 00 00 00", 12.5),
        Encoded(.f64, "GHEFCDAB", "00 00 00 00 00 00 40 29", 12.5),
        Encoded(.f64, "BADCFEHG", "29 40 00 00 00 00 00 00", 12.5),
        Encoded(.f64, "HGFEDCBA", "00 00 00 00 00 00 29 40", 12.5),
        Encoded(.f64, "CDABGHEF", "00 00 40 29 00 00 00 00", 12.5),
        Encoded(.f64, "EFGHABCD", "00 00 00 00 40 29 00 00", 12.5),
        Encoded(.bcd16, "AB", "12 34", 1234), Encoded(.bcd16, "BA", "34 12", 1234),
        Encoded(.bcd16, "AB", "99 99", 9999),
        Encoded(.bcd32, "ABCD", "12 34 56 78", 12_345_678), Encoded(.bcd32, "CDAB", "56 78 12 34", 12_345_678),
        Encoded(.bcd32, "BADC", "34 12 78 56", 12_345_678), Encoded(.bcd32, "DCBA", "78 56 34 12", 12_345_678),
        Encoded(.bcd32, "ABCD", "00 00 00 00", 0),
    ]
}

@Suite struct PointTests {
    @Test(arguments: Encoded.all)
    func numbersAreRead(encoded: Encoded) throws {
        let order = try #require(ByteOrder(encoded.order, byteCount: encoded.type.byteCount ?? 0))
        let point = Point(table: .input, address: 7, type: encoded.type, order: order)
        #expect(point.outcome(encoded.bytes.hex) == .number(encoded.number))
        // Wherever it stands in an answer.
        #expect(point.outcome("AA BB CC DD".hex + encoded.bytes.hex + [0xEE, 0xEE], at: 2) == .number(encoded.number))
    }

    @Test func everyOrderIsInTheTable() {
        for type in RegisterType.allCases where type.byteCount == 4 || type == .u64 || type == .f64 {
            for order in ByteOrder.all(byteCount: type.byteCount ?? 0) {
                #expect(Encoded.all.contains { $0.type == type && $0.order == order.description }, "\(type) \(order)")
            }
        }
        #expect(ByteOrder.all(byteCount: 8).count == 6)
    }

    @Test func noOthersAreOrders() {
        for name in ["", "A", "abcd", "ABDC", "AB", "BA", "ABCDEFGH", "AABB", "ABCDE"] {
            #expect(ByteOrder(name, byteCount: 4) == nil, "\(name)")
        }
        #expect(ByteOrder("AB", byteCount: 8) == nil)
        #expect(ByteOrder("ABCDEFGH", byteCount: 2) == nil)
        for count in [0, 1, 3, 6, 16] { #expect(ByteOrder("ABCD", byteCount: count) == nil) }
    }

    // MARK: - What is no value

    @Test(arguments: [
        (RegisterType.f32, "7F C0 00 00"), (.f32, "7F 80 00 01"), (.f32, "FF FF FF FF"), (.f32, "7F 80 00 00"),
        (.f32, "FF 80 00 00"), (.f64, "7F F8 00 00 00 00 00 00"), (.f64, "7F F0 00 00 00 00 00 00"),
        (.f64, "FF F0 00 00 00 00 00 00"), (.bcd16, "00 0A"), (.bcd16, "A0 00"), (.bcd16, "FF FF"),
        (.bcd32, "00 00 00 0F"), (.bcd32, "12 3A 45 67"), (.bcd32, "FF FF FF FF"),
    ])
    func whatIsNoNumberIsAbsent(type: RegisterType, bytes: String) {
        #expect(Point(type).outcome(bytes.hex) == .none)
        #expect(Point(type).with { $0.scale = 0.1 }.outcome(bytes.hex) == .none)
    }

    @Test(arguments: [
        (RegisterType.i16, UInt64(0x8000), "80 00"), (.u16, 0xFFFF, "FF FF"), (.u32, 0xFFFF_FFFF, "FF FF FF FF"),
        (.i32, 0x8000_0000, "80 00 00 00"), (.u64, .max, "FF FF FF FF FF FF FF FF"),
        (.i64, 1 << 63, "80 00 00 00 00 00 00 00"), (.f32, 0x4148_0000, "41 48 00 00"), (.bool, 2, "00 02"),
    ])
    func invalidPatternsAreAbsent(type: RegisterType, pattern: UInt64, bytes: String) {
        let point = Point(type).with { $0.invalid = [pattern, 0x1234] }
        #expect(point.outcome(bytes.hex) == .none)
        #expect(point.outcome([UInt8](repeating: 0, count: type.byteCount!)) == .number(0))
    }

    /// As it is in the device's order, not as it comes.
    @Test func invalidPatternsHaveNoOrder() {
        let point = Point(.u32, "CDAB").with { $0.invalid = [0x8000_0000] }
        #expect(point.outcome("00 00 80 00".hex) == .none)
        #expect(point.outcome("80 00 00 00".hex) == .number(32_768))
    }

    @Test func shortAnswersHaveNoValue() {
        for type in RegisterType.allCases {
            let point = Point(type).with { $0.textLength = 3 }
            let data = [UInt8](repeating: 0x11, count: 2 * point.registerCount)
            for length in 0..<data.count { #expect(point.outcome(Array(data[..<length])) == .none) }
            #expect(point.outcome(data, at: 1) == .none)
            #expect(point.outcome(data, at: -1) == .none)
            #expect(point.outcome(data, scaleAt: point.registerCount) == .none)
            #expect(point.outcome(data) != .none)
        }
        let coil = Point(table: .coil, address: 0, type: .bool)
        #expect(coil.outcome([0xFF], at: 8) == .none)
        #expect(coil.outcome([], at: 0) == .none)
    }

    // MARK: - Bits and labels

    @Test func bitsOfARegister() {
        let bytes = "A5 C3".hex
        let pattern = 0xA5C3
        for low in 0...15 {
            for high in low...15 {
                let point = Point(.u16).with { $0.bits = low...high }
                let expected = pattern >> low & (1 << (high - low + 1) - 1)
                #expect(point.outcome(bytes) == .number(Double(expected)), "\(low)-\(high)")
            }
        }
        // Without a sign, whatever the type.
        #expect(Point(.i16).with { $0.bits = 12...15 }.outcome(bytes) == .number(10))
        #expect(Point(.u64).with { $0.bits = 0...63 }.outcome("FF FF FF FF FF FF FF FF".hex) == .number(0x1p64))
        #expect(Point(.u64).with { $0.bits = 1...63 }.outcome("FF FF FF FF FF FF FF FF".hex) == .number(0x1p63))
        #expect(Point(.u32, "CDAB").with { $0.bits = 16...16 }.outcome("00 00 00 01".hex) == .number(1))
    }

    @Test func invalidIsAskedOfAllBits() {
        let point = Point(.u16).with {
            $0.bits = 0...3
            $0.invalid = [0xFFFF]
        }
        #expect(point.outcome("FF FF".hex) == .none)
        #expect(point.outcome("00 0F".hex) == .number(15))
    }

    @Test func labelsAreStates() {
        let point = Point(.i16).with { $0.labels = [0: "off", 1: "on", -1: "fault"] }
        #expect(point.outcome("00 00".hex) == .text("off"))
        #expect(point.outcome("00 01".hex) == .text("on"))
        #expect(point.outcome("FF FF".hex) == .text("fault"))
        // Nobody has named it, and it is a state all the same.
        #expect(point.outcome("00 07".hex) == .text("7"))
        #expect(point.with { $0.bits = 4...5 }.outcome("00 17".hex) == .text("on"))
        #expect(
            point.with {
                $0.type = .u64
                $0.order = .plain(byteCount: 8)
            }.outcome("FF FF FF FF FF FF FF FF".hex) == .text("18446744073709551615"))
    }

    @Test(arguments: [RegisterTable.coil, .discrete])
    func singleBits(table: RegisterTable) {
        let point = Point(table: table, address: 0, type: .bool)
        #expect(point.registerCount == 1)
        for index in 0..<2000 {
            var data = [UInt8](repeating: 0, count: 250)
            data[index / 8] = 1 << UInt8(index % 8)
            #expect(point.outcome(data, at: index) == .number(1))
            #expect(point.outcome(data.map { ~$0 }, at: index) == .number(0))
        }
        let labelled = point.with { $0.labels = [0: "closed", 1: "open"] }
        #expect(labelled.outcome([0b10], at: 1) == .text("open"))
        #expect(labelled.outcome([0b10], at: 0) == .text("closed"))
    }

    // MARK: - Numbers in units

    @Test func scaleAndOffset() {
        let point = Point(.i16).with {
            $0.scale = 0.1
            $0.offset = -40
        }
        #expect(point.outcome("00 00".hex) == .number(-40))
        #expect(point.outcome("02 8A".hex) == .number(25))
        #expect(Point(.u16).with { $0.scale = -2 }.outcome("00 03".hex) == .number(-6))
        #expect(Point(.u16).with { $0.scale = 1000 }.outcome("00 03".hex) == .number(3000))
        #expect(
            Point(.f32).with {
                $0.scale = 1e300
                $0.offset = 1
            }.outcome("7F 7F FF FF".hex) == Outcome(value: .absent, quality: .outOfRange))
    }

    /// What people see is the number of the device with a point in it: 0.3, not 0.30000000000000004.
    @Test(arguments: [1, 2, 3, 4, 6])
    func decimalPlacesAreExact(places: Int) {
        let point = Point(.u16).with { $0.scale = Double("1e-\(places)")! }
        for number in 0...UInt16.max {
            let outcome = point.outcome(number.bytes)
            #expect(outcome == .number(Double("\(number)e-\(places)")!))
            if outcome != .number(Double("\(number)e-\(places)")!) { return }
        }
    }

    @Test func powersOfTenFromARegister() {
        let point = Point(.i16).with { $0.scaleRegister = 3 }
        let cases = [
            ("00 00", 1234.0), ("FF FF", 123.4), ("FF FE", 12.34), ("FF FD", 1.234), ("00 01", 12_340),
            ("00 03", 1_234_000),
            ("FF F6", 1.234e-7), ("01 2C", 1234e300),
        ]
        for (power, number) in cases {
            #expect(point.outcome("04 D2 00 00".hex + power.hex, scaleAt: 2) == .number(number), "\(power)")
        }
        // Not implemented, or no power of anything.
        for power in ["80 00", "7F FF", "01 2D", "FE D3", "80 01"] {
            #expect(point.outcome("04 D2".hex + power.hex, scaleAt: 1) == .none, "\(power)")
        }
        // Before it, with a scale of one's own on top.
        #expect(point.with { $0.scale = 0.001 }.outcome("00 02 04 D2".hex, at: 1, scaleAt: 0) == .number(123.4))
    }

    @Test func numbersOutsideKeepTheirValue() {
        let point = Point(.i16).with {
            $0.scale = 0.1
            $0.valid = 0...120
        }
        #expect(point.outcome("00 00".hex) == .number(0))
        #expect(point.outcome("04 B0".hex) == .number(120))
        #expect(point.outcome("04 B1".hex) == .outside(120.1))
        #expect(point.outcome("FF FF".hex) == .outside(-0.1))
        let bit = Point(table: .coil, address: 0, type: .bool).with { $0.valid = 0...0 }
        #expect(bit.outcome([1]) == .outside(1))
    }

    // MARK: - Texts

    @Test(arguments: [
        ("41 42 43 44", "ABCD"), ("41 42 43 00", "ABC"), ("20 41 20 20", "A"), ("41 00 43 44", "A"),
        ("41 20 42 00", "A B"), ("C3 A4 00 00", "\u{E4}"), ("09 41 0A 0D", "A"),
    ])
    func texts(bytes: String, text: String) {
        let point = Point(.text).with { $0.textLength = 2 }
        #expect(point.registerCount == 2)
        #expect(point.outcome(bytes.hex) == .text(text))
        #expect(point.outcome("7A 7A".hex + bytes.hex + "7A 7A".hex, at: 1) == .text(text))
        let hex = bytes.hex
        let swapped = [hex[1], hex[0], hex[3], hex[2]]
        let order = ByteOrder("BA", byteCount: 2)!
        #expect(point.with { $0.order = order }.outcome(swapped) == .text(text))
    }

    @Test(arguments: ["00 00 00 00", "20 20 20 20", "00 41 42 43", "20 00 41 41"])
    func emptyTextsAreAbsent(bytes: String) {
        #expect(Point(.text).with { $0.textLength = 2 }.outcome(bytes.hex) == .none)
    }

    @Test func whatIsNoUTF8IsStillAText() {
        let outcome = Point(.text).with { $0.textLength = 2 }.outcome("41 FF FE 42".hex)
        #expect(outcome == .text("A\u{FFFD}\u{FFFD}B"))
    }
}
