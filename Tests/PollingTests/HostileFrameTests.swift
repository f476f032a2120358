import Readings
import TestSupport
import Testing

@testable import Polling

/// Whatever comes, an exchange gives its own answer or none.
@Suite struct HostileFrameTests {
    private static func request(_ random: inout SeededGenerator) -> ModbusRequest {
        let unit = UInt8.random(in: 1...3, using: &random)
        let address = UInt16.random(in: 0...0x400, using: &random)
        switch Int.random(in: 0..<6, using: &random) {
        case 0: return .writeCoil(unit: unit, address: address, isOn: .random(using: &random))
        case 1:
            let count = Int.random(in: 1...4, using: &random)
            return .writeRegisters(
                unit: unit, first: address, values: (0..<count).map { _ in UInt16.random(in: 0...9, using: &random) })
        default:
            let table = RegisterTable.allCases.randomElement(using: &random)!
            let count = UInt16.random(in: 1...(table.isBits ? 40 : 6), using: &random)
            return .read(ReadRequest(unit: unit, table: table, first: address, count: count))
        }
    }

    /// What a right device says, with random data.
    private static func answer(to request: ModbusRequest, _ random: inout SeededGenerator) -> (Answer, [UInt8]) {
        if Int.random(in: 0..<6, using: &random) == 0 {
            let code = UInt8.random(in: 1...11, using: &random)
            return (.exception(code), [request.function | 0x80, code])
        }
        switch request {
        case .read(let read):
            let data = random.bytes(read.dataLength)
            return (.data(data), [request.function, UInt8(data.count)] + data)
        case .writeCoil, .writeRegisters:
            return (.written, Array(request.body.prefix(5)))
        }
    }

    /// Asks as long as it says that there was a stray frame.
    private static func feed(_ exchange: inout Exchange, _ bytes: some Collection<UInt8>) -> Exchange.Progress {
        var progress = exchange.take(bytes)
        for _ in 0..<1000 {
            guard case .stray = progress else { return progress }
            progress = exchange.take([])
        }
        Issue.record("a stray frame without end")
        return progress
    }

    private static func feedInPieces(
        _ exchange: inout Exchange, _ bytes: [UInt8], _ random: inout SeededGenerator
    ) -> Exchange.Progress {
        var rest = bytes[...]
        var progress = Exchange.Progress.incomplete
        while !rest.isEmpty, progress == .incomplete {
            let count = Int.random(in: 1...max(1, rest.count), using: &random)
            progress = feed(&exchange, rest.prefix(count))
            rest = rest.dropFirst(count)
        }
        return progress
    }

    /// Whether the bytes hold, anywhere, a frame that this request's answer could be: looked for in a plain way.
    private static func holdsAnswer(_ bytes: [UInt8], to request: ModbusRequest) -> Bool {
        for start in bytes.indices {
            for length in [5, request.answerLength + 3] where start + length <= bytes.count {
                let frame = Array(bytes[start..<(start + length)])
                let function = frame[1] & 0x7F
                if frame[0] == request.unit, function == request.function,
                    PlainCRC.bytes(of: Array(frame.dropLast(2))) == Array(frame.suffix(2))
                {
                    return true
                }
            }
        }
        return false
    }

    @Test(arguments: [0xF00D_0001, 0xF00D_0002, 0xF00D_0003, 0xF00D_0004] as [UInt64])
    func noValueThatIsNotItsOwn(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var answered = 0
        for round in 0..<10_000 {
            let framing: Framing = .random(&random)
            let request = Self.request(&random)
            let transaction = UInt16.random(in: 0...UInt16.max, using: &random)
            var before: [UInt8] = []
            for piece in 0..<Int.random(in: 0...4, using: &random) {
                // A stream of TCP has no bytes between frames.
                if framing == .rtu, Bool.random(using: &random) {
                    before += random.bytes(Int.random(in: 1...20, using: &random))
                } else {
                    let other = Self.request(&random)
                    let (_, body) = Self.answer(to: other, &random)
                    let number = transaction &- UInt16(piece) &- 1
                    before += frame(body, unit: other.unit, framing, transaction: number)
                }
            }
            // A line cannot tell whose answer it is where both look the same: what is due then is silence first.
            if framing == .rtu, Self.holdsAnswer(before, to: request) { continue }
            let (answer, body) = Self.answer(to: request, &random)
            let right = frame(body, unit: request.unit, framing, transaction: transaction)
            var exchange = Exchange(request, framing: framing, transaction: transaction)
            let isGiven = Bool.random(using: &random)
            let progress = Self.feedInPieces(&exchange, before + (isGiven ? right : []), &random)
            let isEcho = framing == .rtu && right == exchange.bytes && !(answer == .written)
            let expected: Exchange.Progress = isGiven && !isEcho ? .answered(answer) : .incomplete
            #expect(progress == expected, "seed \(seed) round \(round): \(before.hex) | \(right.hex)")
            if progress != expected { return }
            if isGiven { answered += 1 }
        }
        #expect(answered > 3000)
    }

    /// Answers that are cut, changed, doubled and shuffled: no crash, and no data but what was sent for this request.
    @Test(arguments: [0xBAD_0001, 0xBAD_0002, 0xBAD_0003, 0xBAD_0004, 0xBAD_0005] as [UInt64])
    func nothingCrashes(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for round in 0..<20_000 {
            let framing: Framing = .random(&random)
            let request = Self.request(&random)
            let transaction = UInt16.random(in: 0...2, using: &random)
            let (_, body) = Self.answer(to: request, &random)
            var bytes = frame(body, unit: request.unit, framing, transaction: transaction)
            for _ in 0..<Int.random(in: 1...4, using: &random) { Self.mutate(&bytes, &random) }
            var exchange = Exchange(request, framing: framing, transaction: transaction)
            let progress = Self.feedInPieces(&exchange, bytes, &random)
            if case .answered(.data(let data)) = progress, case .read(let read) = request {
                #expect(data.count == read.dataLength, "seed \(seed) round \(round)")
                if framing == .rtu {
                    #expect(Self.holdsAnswer(bytes, to: request), "seed \(seed) round \(round): \(bytes.hex)")
                }
            }
        }
    }

    private static func mutate(_ bytes: inout [UInt8], _ random: inout SeededGenerator) {
        guard !bytes.isEmpty else { return }
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<6, using: &random) {
        case 0: bytes[place] = random.bytes(1)[0]
        case 1: bytes.remove(at: place)
        case 2: bytes.insert(random.bytes(1)[0], at: place)
        case 3: bytes.removeLast(bytes.count - place)
        case 4: bytes += bytes
        default: bytes = random.bytes(Int.random(in: 0...300, using: &random))
        }
    }

    /// Nor do points, whatever an answer of the right length holds.
    @Test func pointsReadAnything() {
        var random = SeededGenerator(seed: 0xBAD_0010)
        for _ in 0..<20_000 {
            let type = RegisterType.allCases.randomElement(using: &random)!
            var point = Point(
                table: .holding, address: 0, type: type,
                order: ByteOrder.all(byteCount: type.byteCount ?? 2).randomElement(using: &random))
            point.textLength = Int.random(in: 1...8, using: &random)
            if type != .text, Bool.random(using: &random) {
                let low = Int.random(in: 0..<(8 * type.byteCount!), using: &random)
                point.bits = low...Int.random(in: low..<(8 * type.byteCount!), using: &random)
            }
            let data = random.bytes(2 * point.registerCount + 2)
            let outcome = point.outcome(data, scaleAt: Bool.random(using: &random) ? point.registerCount : nil)
            if case .number(let number) = outcome.value { #expect(number.isFinite) }
            if outcome.value == .absent { #expect(outcome.quality != .good) }
        }
    }
}

extension Framing {
    static func random(_ random: inout SeededGenerator) -> Framing { Bool.random(using: &random) ? .tcp : .rtu }
}
