import Readings
import TestSupport
import Testing

@testable import Polling

/// A device as a right one would be: it reads a request's bytes, and answers from its memory.
private struct WholeDevice {
    var registers: [UInt16]
    var bits: [Bool]

    init(_ random: inout SeededGenerator) {
        registers = (0..<512).map { _ in UInt16.random(in: 0...UInt16.max, using: &random) }
        bits = (0..<512).map { _ in Bool.random(using: &random) }
    }

    func answer(to request: [UInt8], _ framing: Framing) -> [UInt8] {
        let head = framing == .tcp ? Array(request[..<2]) : []
        let body = framing == .tcp ? Array(request[6...]) : Array(request.dropLast(2))
        let first = Int(body[2]) << 8 | Int(body[3])
        let count = Int(body[4]) << 8 | Int(body[5])
        var data: [UInt8] = []
        if body[1] <= 2 {
            data = [UInt8](repeating: 0, count: (count + 7) / 8)
            for index in 0..<count where bits[first + index] { data[index / 8] |= 1 << UInt8(index % 8) }
        } else {
            data = registers[first..<(first + count)].flatMap(\.bytes)
        }
        let number = head.isEmpty ? 0 : UInt16(head[0]) << 8 | UInt16(head[1])
        return frame([body[1], UInt8(data.count)] + data, unit: body[0], framing, transaction: number)
    }

    /// What a point says, straight from the memory.
    func outcome(_ point: Point) -> Outcome {
        let address = Int(point.address)
        if point.table.isBits { return point.outcome([bits[address] ? 1 : 0]) }
        var data = registers[address..<(address + point.registerCount)].flatMap(\.bytes)
        guard let scale = point.scaleRegister else { return point.outcome(data) }
        data += registers[Int(scale)].bytes
        return point.outcome(data, scaleAt: point.registerCount)
    }
}

/// From points to values by way of plans and frames.
@Suite struct WholeDeviceTests {
    private static func point(_ random: inout SeededGenerator) -> Point {
        let table = RegisterTable.allCases.randomElement(using: &random)!
        let type = table.isBits ? .bool : RegisterType.allCases.randomElement(using: &random)!
        var point = Point(
            table: table, address: UInt16.random(in: 0..<480, using: &random), type: type,
            order: ByteOrder.all(byteCount: type.byteCount ?? 2).randomElement(using: &random),
            every: .seconds([1, 2, 3, 4].randomElement(using: &random)!))
        point.textLength = Int.random(in: 1...8, using: &random)
        point.scale = [1, 0.1, -3].randomElement(using: &random)!
        if !table.isBits, type != .text, Int.random(in: 0..<4, using: &random) == 0 {
            point.scaleRegister = UInt16.random(in: point.address...(point.address + 8), using: &random)
        }
        return point
    }

    @Test(arguments: [0xDE71CE_1, 0xDE71CE_2] as [UInt64])
    func everyValueIsThatOfItsRegisters(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for round in 0..<200 {
            var device = WholeDevice(&random)
            // Powers of ten that are some.
            for index in stride(from: 0, to: 512, by: 3) {
                device.registers[index] = UInt16(bitPattern: Int16.random(in: -9...9, using: &random))
            }
            let points = (0..<Int.random(in: 1...80, using: &random)).map { _ in Self.point(&random) }
            let limits = RequestLimits(mostRegisters: Int.random(in: 12...125, using: &random))
            for planned in Planner.plan(points, unit: 7, limits: limits) {
                let framing = Framing.random(&random)
                var exchange = Exchange(.read(planned.request), framing: framing, transaction: UInt16(round))
                guard case .answered(.data(let data)) = exchange.take(device.answer(to: exchange.bytes, framing)) else {
                    Issue.record("seed \(seed) round \(round): no answer to \(planned.request)")
                    return
                }
                for part in planned.parts {
                    let point = points[part.index]
                    let outcome = point.outcome(data, at: part.offset, scaleAt: part.scaleOffset)
                    #expect(outcome == device.outcome(point), "seed \(seed) round \(round): \(point)")
                }
            }
        }
    }
}
