import TestSupport
import Testing

@testable import Polling

/// A request, its bytes without framing, and an answer, from the specification's examples or made by hand.
struct Talk: Sendable, CustomTestStringConvertible {
    let name: String
    let request: ModbusRequest
    /// Function and data, as asked and as answered.
    let asked: String
    let answered: String
    let answer: Answer

    var testDescription: String { name }

    static let all = [
        Talk(
            name: "coils 20-38", request: .read(ReadRequest(unit: 17, table: .coil, first: 0x13, count: 0x13)),
            asked: "01 00 13 00 13", answered: "01 03 CD 6B 05", answer: .data("CD 6B 05".hex)),
        Talk(
            name: "discrete inputs 197-218",
            request: .read(ReadRequest(unit: 17, table: .discrete, first: 0xC4, count: 0x16)), asked: "02 00 C4 00 16",
            answered: "02 03 AC DB 35", answer: .data("AC DB 35".hex)),
        Talk(
            name: "holding registers 108-110",
            request: .read(ReadRequest(unit: 17, table: .holding, first: 0x6B, count: 3)), asked: "03 00 6B 00 03",
            answered: "03 06 02 2B 00 00 00 64", answer: .data("02 2B 00 00 00 64".hex)),
        Talk(
            name: "input register 9", request: .read(ReadRequest(unit: 17, table: .input, first: 8, count: 1)),
            asked: "04 00 08 00 01", answered: "04 02 00 0A", answer: .data("00 0A".hex)),
        Talk(
            name: "coil 173 on", request: .writeCoil(unit: 17, address: 0xAC, isOn: true), asked: "05 00 AC FF 00",
            answered: "05 00 AC FF 00", answer: .written),
        Talk(
            name: "coil 173 off", request: .writeCoil(unit: 17, address: 0xAC, isOn: false), asked: "05 00 AC 00 00",
            answered: "05 00 AC 00 00", answer: .written),
        Talk(
            name: "register 2", request: .writeRegisters(unit: 17, first: 1, values: [3]), asked: "06 00 01 00 03",
            answered: "06 00 01 00 03", answer: .written),
        Talk(
            name: "registers 2 and 3", request: .writeRegisters(unit: 17, first: 1, values: [10, 0x102]),
            asked: "10 00 01 00 02 04 00 0A 01 02", answered: "10 00 01 00 02", answer: .written),
        Talk(
            name: "a refusal", request: .read(ReadRequest(unit: 17, table: .coil, first: 0x4A1, count: 1)),
            asked: "01 04 A1 00 01", answered: "81 02", answer: .exception(2)),
        Talk(
            name: "a refused write", request: .writeRegisters(unit: 17, first: 0, values: [1, 2]),
            asked: "10 00 00 00 02 04 00 01 00 02", answered: "90 04", answer: .exception(4)),
    ]
}

/// As a device wraps what it says.
func frame(_ body: [UInt8], unit: UInt8, _ framing: Framing, transaction: UInt16) -> [UInt8] {
    switch framing {
    case .tcp: transaction.bytes + [0, 0] + UInt16(body.count + 1).bytes + [unit] + body
    case .rtu: [unit] + body + PlainCRC.bytes(of: [unit] + body)
    }
}

/// Bit by bit, as the specification says it.
enum PlainCRC {
    static func bytes(of frame: [UInt8]) -> [UInt8] {
        var crc: UInt16 = 0xFFFF
        for byte in frame {
            crc ^= UInt16(byte)
            for _ in 0..<8 {
                let isOdd = crc & 1 == 1
                crc >>= 1
                if isOdd { crc ^= 0xA001 }
            }
        }
        return [UInt8(crc & 0xFF), UInt8(crc >> 8)]
    }
}

@Suite struct FrameTests {
    private static let framings = [Framing.tcp, .rtu]

    private func exchange(_ request: ModbusRequest, _ framing: Framing) -> Exchange {
        Exchange(request, framing: framing, transaction: 0x1501)
    }

    // MARK: - What is asked

    @Test(arguments: Talk.all)
    func requests(talk: Talk) {
        let body = talk.asked.hex
        #expect(
            exchange(talk.request, .tcp).bytes == "15 01 00 00 00".hex + [UInt8(body.count + 1), 17] + body)
        #expect(exchange(talk.request, .rtu).bytes == [17] + body + PlainCRC.bytes(of: [17] + body))
    }

    /// Known from documents, not from any code of ours.
    @Test(arguments: [
        ("01 03 00 00 00 0A", "C5 CD"), ("11 03 00 6B 00 03", "76 87"), ("01 04 00 00 00 02", "71 CB"),
        ("11 05 00 AC FF 00", "4E 8B"), ("11 06 00 01 00 03", "9A 9B"), ("01 83 02", "C0 F1"), ("", "FF FF"),
    ])
    func checksums(frame: String, crc: String) {
        #expect(CRC16.bytes(of: frame.hex) == crc.hex)
        #expect(PlainCRC.bytes(of: frame.hex) == crc.hex)
    }

    @Test func checksumsOfAnything() {
        var random = SeededGenerator(seed: 0x5EED_0003)
        for length in 0..<300 {
            let bytes = random.bytes(length)
            #expect(CRC16.bytes(of: bytes) == PlainCRC.bytes(of: bytes), "seed 0x5EED0003")
        }
    }

    // MARK: - What is answered

    @Test(arguments: Talk.all, framings)
    func answersInEverySplit(talk: Talk, framing: Framing) {
        let bytes = frame(talk.answered.hex, unit: 17, framing, transaction: 0x1501)
        for first in 0..<bytes.count {
            for second in first..<bytes.count {
                var exchange = exchange(talk.request, framing)
                #expect(exchange.take(bytes[..<first]) == .incomplete)
                #expect(exchange.take(bytes[first..<second]) == .incomplete)
                #expect(exchange.take(bytes[second...]) == .answered(talk.answer))
                #expect(exchange.leftovers == 0)
                #expect(exchange.skipped == 0)
            }
        }
        var exchange = exchange(talk.request, framing)
        for byte in bytes.dropLast() { #expect(exchange.take([byte]) == .incomplete) }
        #expect(exchange.take(bytes.suffix(1)) == .answered(talk.answer))
    }

    @Test func theLongestAnswers() {
        for (table, count) in [(RegisterTable.holding, UInt16(125)), (.coil, 2000), (.coil, 1), (.discrete, 1993)] {
            let request = ReadRequest(unit: 1, table: table, first: 0, count: count)
            let data = (0..<request.dataLength).map { UInt8($0 % 251) }
            for framing in Self.framings {
                let bytes = frame(
                    [table.readFunction, UInt8(data.count)] + data, unit: 1, framing, transaction: 0x1501)
                var exchange = exchange(.read(request), framing)
                #expect(exchange.take(bytes) == .answered(.data(data)))
            }
        }
    }

    // MARK: - Frames of something else, TCP

    private static let read = ModbusRequest.read(ReadRequest(unit: 17, table: .holding, first: 0, count: 2))
    private static let good = "03 04 12 34 56 78".hex

    @Test func lateAndDoubledAnswersArePassedOver() {
        var exchange = exchange(Self.read, .tcp)
        let late = frame("03 04 AA AA AA AA".hex, unit: 17, .tcp, transaction: 0x1500)
        let right = frame(Self.good, unit: 17, .tcp, transaction: 0x1501)
        #expect(exchange.take(late + late + right + right) == .stray("an answer to an earlier request"))
        #expect(exchange.take([]) == .stray("an answer to an earlier request"))
        #expect(exchange.take([]) == .answered(.data("12 34 56 78".hex)))
        #expect(exchange.leftovers == right.count)
    }

    @Test func otherUnitsArePassedOver() {
        var exchange = exchange(Self.read, .tcp)
        #expect(
            exchange.take(frame(Self.good, unit: 18, .tcp, transaction: 0x1501)) == .stray("an answer of unit 18"))
        #expect(
            exchange.take(frame(Self.good, unit: 17, .tcp, transaction: 0x1501)) == .answered(.data("12 34 56 78".hex)))
    }

    @Test(arguments: [
        ("03 04 12 34 56", "an answer of 5 bytes, where 6 were due"),
        ("03 04 12 34 56 78 9A", "an answer of 7 bytes, where 6 were due"),
        ("03 03 12 34 56 78", "an answer of 3 bytes of data"),
        ("03 FF 12 34 56 78", "an answer of 255 bytes of data"),
        ("04 04 12 34 56 78", "an answer of function 4"),
        ("84 02", "an answer of function 132"),
        ("83 02 00", "an exception of a wrong length"),
    ])
    func wrongAnswersBreakTheStream(body: String, reason: String) {
        var exchange = exchange(Self.read, .tcp)
        #expect(exchange.take(frame(body.hex, unit: 17, .tcp, transaction: 0x1501)) == .broken(reason))
    }

    @Test(arguments: [
        (ModbusRequest.writeCoil(unit: 17, address: 5, isOn: true), "05 00 05 00 00"),
        (.writeCoil(unit: 17, address: 5, isOn: true), "05 00 06 FF 00"),
        (.writeRegisters(unit: 17, first: 5, values: [7]), "06 00 05 00 08"),
        (.writeRegisters(unit: 17, first: 5, values: [7]), "06 00 04 00 07"),
        (.writeRegisters(unit: 17, first: 5, values: [7, 8]), "10 00 05 00 01"),
        (.writeRegisters(unit: 17, first: 5, values: [7, 8]), "10 01 05 00 02"),
    ])
    func wrongEchoesOfWrites(request: ModbusRequest, body: String) {
        var tcp = exchange(request, .tcp)
        #expect(
            tcp.take(frame(body.hex, unit: 17, .tcp, transaction: 0x1501)) == .broken("an answer to another write"))
        var rtu = exchange(request, .rtu)
        #expect(rtu.take(frame(body.hex, unit: 17, .rtu, transaction: 0)) == .incomplete)
    }

    @Test(arguments: [
        "15 01 00 01 00 07 11", "15 01 01 00 00 07 11", "15 01 00 00 00 02 11", "15 01 00 00 00 00 11",
        "15 01 00 00 00 FF 11", "15 01 00 00 FF FF 11", "48 54 54 50 2F 31 2E",
    ])
    func whatIsNoHeaderBreaksTheStream(header: String) {
        var exchange = exchange(Self.read, .tcp)
        #expect(exchange.take(header.hex) == .broken("bytes that are no header of Modbus TCP"))
    }

    // MARK: - Frames of something else, RTU

    @Test func noiseAroundAnAnswer() {
        let right = frame(Self.good, unit: 17, .rtu, transaction: 0)
        for noise in [
            "00", "11", "11 03", "11 03 04", "11 83", "11 83 02 00", "FF FF FF FF FF FF", "11 11 11 03 03 03",
        ] {
            var exchange = exchange(Self.read, .rtu)
            #expect(exchange.take(noise.hex + right + noise.hex) == .answered(.data("12 34 56 78".hex)), "\(noise)")
            #expect(exchange.skipped == noise.hex.count)
            #expect(exchange.leftovers == noise.hex.count)
        }
    }

    @Test func wrongFramesAreNoAnswers() {
        let right = frame(Self.good, unit: 17, .rtu, transaction: 0)
        var wrong = [
            frame(Self.good, unit: 18, .rtu, transaction: 0),
            frame("04 04 12 34 56 78".hex, unit: 17, .rtu, transaction: 0),
            frame("03 02 12 34".hex, unit: 17, .rtu, transaction: 0),
            frame("03 05 12 34 56 78".hex, unit: 17, .rtu, transaction: 0),
            frame("03 06 12 34 56 78 9A BC".hex, unit: 17, .rtu, transaction: 0),
            frame("84 02".hex, unit: 17, .rtu, transaction: 0), right.dropLast(), Array(right.dropFirst()),
        ]
        for bit in 0..<(right.count * 8) {
            var flipped = right
            flipped[bit / 8] ^= 1 << UInt8(bit % 8)
            wrong.append(flipped)
        }
        for bytes in wrong {
            var exchange = exchange(Self.read, .rtu)
            #expect(exchange.take(bytes) == .incomplete, "\(bytes.hex)")
            #expect(exchange.take(right) == .answered(.data("12 34 56 78".hex)), "\(bytes.hex)")
        }
    }

    /// Adapters that hear themselves. The echo of this one has the right length and a byte count that fits.
    @Test func anEchoOfTheRequestIsNoAnswer() {
        let request = ModbusRequest.read(ReadRequest(unit: 1, table: .coil, first: 0x0311, count: 20))
        var exchange = exchange(request, .rtu)
        #expect(exchange.take(exchange.bytes) == .incomplete)
        let right = frame("01 03 01 02 03".hex, unit: 1, .rtu, transaction: 0)
        #expect(exchange.take(right) == .answered(.data([1, 2, 3])))
        var registers = self.exchange(Self.read, .rtu)
        #expect(registers.take(registers.bytes) == .incomplete)
        #expect(
            registers.take(frame(Self.good, unit: 17, .rtu, transaction: 0)) == .answered(.data("12 34 56 78".hex)))
    }

    @Test func noiseHasAnEnd() {
        var exchange = exchange(Self.read, .rtu)
        #expect(exchange.take([UInt8](repeating: 17, count: 2048)) == .incomplete)
        #expect(exchange.take([17]) == .broken("bytes without end that are no answer"))
        // Byte by byte, where each could begin an answer: looked at once only.
        var slow = self.exchange(.read(ReadRequest(unit: 3, table: .holding, first: 0, count: 125)), .rtu)
        for _ in 0..<2048 { #expect(slow.take([3]) == .incomplete) }
        #expect(slow.take([3]) == .broken("bytes without end that are no answer"))
    }
}
