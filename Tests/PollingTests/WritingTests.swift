import Readings
import TestSupport
import Testing

@testable import Polling

@Suite struct WritingTests {
    private func problem(_ point: Point, _ text: String) -> String? {
        do throws(WritingProblem) {
            _ = try point.writing(text, unit: 1)
            return nil
        } catch {
            return error.description
        }
    }

    private func registers(_ request: ModbusRequest) -> [UInt8]? {
        guard case .writeRegisters(_, _, let values) = request else { return nil }
        return values.flatMap(\.bytes)
    }

    @Test(arguments: Encoded.all)
    func whatIsReadCanBeWritten(encoded: Encoded) throws {
        let order = try #require(ByteOrder(encoded.order, byteCount: encoded.type.byteCount ?? 0))
        var point = Point(table: .holding, address: 700, type: encoded.type, order: order)
        point.isWritable = true
        // Beyond 2^53 a double stands for several numbers.
        guard abs(encoded.number) <= 0x1p53 else {
            #expect(
                problem(point, "\(encoded.number)") == "\(encoded.number) does not fit into \(encoded.type.rawValue)")
            return
        }
        let request = try point.writing("\(encoded.number)", unit: 9)
        guard case .writeRegisters(9, 700, _) = request else {
            Issue.record("\(request)")
            return
        }
        let bytes = try #require(registers(request))
        // Any other bits than none are true.
        #expect(bytes == (encoded.bytes == "FF 00" ? "00 01".hex : encoded.bytes.hex))
    }

    /// read(write(x)) == x, for numbers that the type can hold.
    @Test(arguments: [0x5EED_0001, 0x5EED_0002] as [UInt64])
    func whatIsWrittenIsReadBack(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for type in RegisterType.allCases where type != .text {
            for order in ByteOrder.all(byteCount: type.byteCount ?? 0) {
                for scale in [1, 0.1, 0.01, 10, 0.25] {
                    var point = Point(table: .holding, address: 0, type: type, order: order, scale: scale)
                    point.offset = type == .f64 || type == .f32 ? 0 : -40
                    point.isWritable = true
                    for _ in 0..<50 {
                        let raw = raw(type, &random)
                        let read = point.outcome(order.write(raw))
                        guard case .number(let number) = read.value, abs(number) < 0x1p40 else { continue }
                        let written = try point.writing("\(number)", unit: 1)
                        let again = point.outcome(try #require(registers(written)))
                        let isSame =
                            if type == .f64, case .number(let other) = again.value {
                                abs(other - number) <= abs(number) * 1e-15
                            } else { again == read }
                        #expect(isSame, "seed \(seed): \(type) \(order) * \(scale): \(read), then \(again)")
                    }
                }
            }
        }
    }

    private func raw(_ type: RegisterType, _ random: inout SeededGenerator) -> UInt64 {
        switch type {
        case .bool: UInt64.random(in: 0...1, using: &random)
        case .bcd16, .bcd32:
            (0..<(type == .bcd16 ? 4 : 8)).reduce(0) { old, _ in old << 4 | UInt64.random(in: 0...9, using: &random) }
        case .f32: UInt64(Float(Int.random(in: -1_000_000...1_000_000, using: &random)).bitPattern)
        case .f64: Double.random(in: -1e9...1e9, using: &random).bitPattern
        case .u64: UInt64.random(in: 0...(1 << 35), using: &random)
        case .i64: UInt64(bitPattern: Int64.random(in: -(1 << 35)...(1 << 35), using: &random))
        case .u16, .i16, .u32, .i32, .text: random.next() & (1 << UInt64(8 * (type.byteCount ?? 2)) - 1)
        }
    }

    @Test func coils() throws {
        let coil = Point(table: .coil, address: 5, type: .bool, labels: [0: "closed", 1: "open"], isWritable: true)
        #expect(try coil.writing("1", unit: 3) == .writeCoil(unit: 3, address: 5, isOn: true))
        #expect(try coil.writing("0", unit: 3) == .writeCoil(unit: 3, address: 5, isOn: false))
        #expect(try coil.writing("open", unit: 3) == .writeCoil(unit: 3, address: 5, isOn: true))
        #expect(problem(coil, "2") == "a coil is 0 or 1")
        #expect(problem(coil, "0.5") == "a coil is 0 or 1")
        #expect(problem(coil, "half") == "\"half\" is none of closed, open")
    }

    @Test func labelsAreCodes() throws {
        var point = Point(.i16).with {
            $0.labels = [2: "eco", -1: "fault", 7: "eco"]
            $0.isWritable = true
        }
        #expect(try registers(point.writing("fault", unit: 1)) == [0xFF, 0xFF])
        #expect(try registers(point.writing("eco", unit: 1)) == [0, 2])
        // A code is not scaled when it is read.
        point.scale = 10
        #expect(try registers(point.writing("30", unit: 1)) == [0, 30])
        #expect(problem(point, "ECO") == "\"ECO\" is none of fault, eco, eco")
    }

    @Test func numbersGoToTheNearestStep() throws {
        let point = Point(.u16).with {
            $0.scale = 0.1
            $0.isWritable = true
        }
        #expect(try registers(point.writing("21.37", unit: 1)) == [0, 214])
        #expect(try registers(point.writing("0.3", unit: 1)) == [0, 3])
        #expect(try registers(point.writing("6553.5", unit: 1)) == [0xFF, 0xFF])
    }

    @Test(arguments: [
        (Point(.u16), "5", "the point is not marked as writable"),
        (Point(table: .input, address: 0, type: .u16, isWritable: true), "5", "the table input cannot be written"),
        (
            Point(table: .discrete, address: 0, type: .bool, isWritable: true), "1",
            "the table discrete cannot be written"
        ),
        (
            Point(table: .holding, address: 0, type: .u16, bits: 0...0, isWritable: true), "1",
            "some bits of a register cannot be written by themselves"
        ),
        (
            Point(table: .holding, address: 0, type: .u16, scaleRegister: 1, isWritable: true), "1",
            "a value whose power of ten is the device's own cannot be written"
        ),
        (Point(table: .holding, address: 0, type: .text, isWritable: true), "hello", "a text cannot be written"),
        (Point(table: .holding, address: 0, type: .text, isWritable: true), "5", "a text cannot be written"),
    ])
    func someCannotBeWritten(point: Point, text: String, expected: String) {
        #expect(problem(point, text) == expected)
    }

    @Test(arguments: [
        (RegisterType.u16, "-1", "-1.0 does not fit into u16"), (.u16, "65536", "65536.0 does not fit into u16"),
        (.i16, "32768", "32768.0 does not fit into i16"), (.i16, "-32769", "-32769.0 does not fit into i16"),
        (.u32, "4294967296", "4294967296.0 does not fit into u32"),
        (.i32, "1e10", "10000000000.0 does not fit into i32"),
        (.u64, "1e19", "1e+19 does not fit into u64"), (.u64, "-1", "-1.0 does not fit into u64"),
        (.i64, "1e19", "1e+19 does not fit into i64"), (.bcd16, "10000", "10000.0 does not fit into bcd16"),
        (.bcd32, "-1", "-1.0 does not fit into bcd32"), (.f32, "1e39", "1e+39 does not fit into f32"),
        (.bool, "2", "2.0 does not fit into bool"), (.bool, "0.4", "0.4 does not fit into bool"),
        (.u16, "", "\"\" is no number"), (.u16, "five", "\"five\" is no number"), (.f64, "nan", "\"nan\" is no number"),
        (.f64, "inf", "\"inf\" is no number"), (.f64, "1e999", "\"1e999\" is no number"),
    ])
    func someValuesDoNotFit(type: RegisterType, text: String, expected: String) {
        #expect(problem(Point(type).with { $0.isWritable = true }, text) == expected)
    }

    @Test func whatWouldReadAsNoValueIsRefused() {
        let point = Point(.i16).with {
            $0.isWritable = true
            $0.invalid = [0x8000, 0xFFFF]
        }
        #expect(problem(point, "-1") == "the device would take -1.0 for no value")
        #expect(problem(point, "-32768") == "the device would take -32768.0 for no value")
        #expect(problem(point, "-2") == nil)
        let large = Point(.f64).with {
            $0.isWritable = true
            $0.scale = 1e-300
        }
        #expect(problem(large, "1e300") == "inf does not fit into f64")
    }

    @Test func whatIsNotValidIsRefused() {
        let point = Point(.u16).with {
            $0.isWritable = true
            $0.valid = 5...60
        }
        #expect(problem(point, "4") == "4 is not valid: 5.0 to 60.0")
        #expect(problem(point, "61") == "61 is not valid: 5.0 to 60.0")
        #expect(problem(point, "60") == nil)
    }

    /// What the device would hold counts, not what was said.
    @Test func whatIsNotValidOnceItIsRoundedIsRefused() throws {
        let coarse = Point(.u16).with {
            $0.isWritable = true
            $0.scale = 3
            $0.valid = 1...101
        }
        // 102 is the nearest.
        #expect(problem(coarse, "101") == "101 would become 102.0, which is not valid: 1.0 to 101.0")
        #expect(problem(coarse, "1.4") == "1.4 would become 0.0, which is not valid: 1.0 to 101.0")
        #expect(try registers(coarse.writing("100", unit: 1)) == [0, 33])
        // A limit that the type holds only nearly is one that can be written.
        for (type, limit, scale) in [(RegisterType.f32, 0.1, 1.0), (.u16, 0.9, 0.3), (.i16, -0.7, 0.1)] {
            let point = Point(type).with {
                $0.isWritable = true
                $0.scale = scale
                $0.valid = min(limit, 0)...max(limit, 0)
            }
            #expect(problem(point, "\(limit)") == nil)
        }
        let endless = coarse.with { $0.valid = 1...(.infinity) }
        #expect(problem(endless, "1.4") == "1.4 would become 0.0, which is not valid: 1.0 to inf")
    }
}
