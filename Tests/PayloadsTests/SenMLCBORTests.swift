import Payloads
import Readings
import TestSupport
import Testing

@Suite struct SenMLCBORTests {
    private func decoder() -> PayloadDecoder { PayloadDecoder(.senml, maxPayload: 1 << 20) }

    /// A pack of one record with the name "a" and one other label.
    private func pack(_ label: Int64, _ value: [UInt8]) -> [UInt8] {
        CBOR.array(CBOR.map((0, CBOR.text("a")), (label, value)))
    }

    /// RFC 8428, 6: the pack of 5.1.3 with numbers for labels.
    private let sample = CBOR.array(
        CBOR.map(
            (-2, CBOR.text("urn:dev:ow:10e2073a0108006:")), (-3, CBOR.double(1_276_020_076.001)), (-4, CBOR.text("A")),
            (-1, CBOR.integer(5)), (0, CBOR.text("voltage")), (1, CBOR.text("V")), (2, CBOR.double(120.1))),
        CBOR.map((0, CBOR.text("current")), (6, CBOR.integer(-5)), (2, CBOR.double(1.2))),
        CBOR.map((0, CBOR.text("current")), (6, CBOR.integer(-4)), (2, CBOR.double(1.3))),
        CBOR.map((0, CBOR.text("current")), (2, CBOR.double(1.7))))

    @Test func theSampleOfTheStandard() {
        let decoder = decoder()
        let base = 1_276_020_076.001
        let expected = [
            Named("urn:dev:ow:10e2073a0108006:voltage", 120.1, at: base),
            Named("urn:dev:ow:10e2073a0108006:current", 1.2, at: base - 5),
            Named("urn:dev:ow:10e2073a0108006:current", 1.3, at: base - 4),
            Named("urn:dev:ow:10e2073a0108006:current", 1.7, at: base),
        ]
        #expect(decoder.named(sample) == expected)
        #expect(decoder.fields.map(\.unit) == ["V", "A"])
    }

    /// The first bytes of the standard's own dump in chapter 6, with its record cut to what they hold.
    @Test func bytesAsTheStandardPrintsThem() {
        let bytes: [UInt8] =
            [0x87, 0xa7, 0x21, 0x78, 0x1b] + Array("urn:dev:ow:10e2073a0108006:".utf8)
            + [0x22, 0xfb, 0x41, 0xd3, 0x03, 0xa1, 0x5b, 0x00, 0x10, 0x62, 0x23, 0x61, 0x41, 0x20, 0x05, 0x00]
            + [0x67, 0x76, 0x6f, 0x6c, 0x74, 0x61, 0x67, 0x65, 0x01, 0x61, 0x56]
            + [0x02, 0xfb, 0x40, 0x5e, 0x06, 0x66, 0x66, 0x66, 0x66, 0x66]
        let one = [0x81] + bytes.dropFirst()
        let named = decoder().named(one)
        #expect(named == [Named("urn:dev:ow:10e2073a0108006:voltage", 120.1, at: 1_276_020_076.001)])
        #expect(decoder().decode(bytes).problem == .notSenML)
    }

    @Test(
        arguments: [
            (CBOR.integer(0), 0), (CBOR.integer(-1), -1), (CBOR.integer(.max), 0x1p63), (CBOR.integer(.min), -0x1p63),
            (CBOR.head(0, .max), 0x1p64), (CBOR.head(1, .max), -0x1p64), (CBOR.head(1, 0xFFFF_FFFF_FFFF_FE00), -0x1p64),
            (CBOR.half(0x3C00), 1), (CBOR.half(0xC000), -2), (CBOR.half(0x0001), 0x1p-24), (CBOR.half(0x7BFF), 65504),
            (CBOR.half(0x0400), 0x1p-14), (CBOR.half(0x8000), 0), (CBOR.single(0.1), Double(Float(0.1))),
            (CBOR.double(-1e300), -1e300), (CBOR.decimal(2315, exponent: -2), 23.15),
            (CBOR.decimal(-1, exponent: 3), -1000),
            (CBOR.decimal(1, exponent: -400), 0),
        ] as [([UInt8], Double)])
    func numbers(bytes: [UInt8], number: Double) {
        #expect(decoder().named(pack(2, bytes)) == [Named("a", number)])
    }

    @Test func everyKindOfValue() {
        #expect(decoder().named(pack(4, CBOR.boolean(true))) == [Named("a", 1)])
        #expect(decoder().named(pack(4, CBOR.boolean(false))) == [Named("a", 0)])
        #expect(decoder().named(pack(3, CBOR.text("Machine Room"))) == [Named("a", .text("Machine Room"))])
        #expect(decoder().named(pack(5, CBOR.integer(7))) == [Named("a/sum", 7)])
        #expect(decoder().named(pack(8, CBOR.text("aGkgCg"))) == [Named("a", .text("aGkgCg"))])
    }

    /// RFC 4648, 10, without the padding.
    @Test(arguments: [
        ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"),
        ("foobar", "Zm9vYmFy"), ("hi \n", "aGkgCg"),
    ])
    func dataIsTheTextThatJSONHas(data: String, text: String) {
        #expect(decoder().named(pack(8, CBOR.data(Array(data.utf8)))) == [Named("a", .text(text))])
    }

    @Test func dataHasALimit() {
        #expect(decoder().named(pack(8, CBOR.data([0xFB, 0xFF, 0xFE]))) == [Named("a", .text("-__-"))])
        #expect(decoder().decode(pack(8, CBOR.data([UInt8](repeating: 1, count: 192)))).problem == nil)
        #expect(decoder().decode(pack(8, CBOR.data([UInt8](repeating: 1, count: 193)))).problem == .wrongType)
    }

    @Test func lengthsMayBeLeftOpen() {
        let pairs = [(CBOR.integer(0), CBOR.text("a")), (CBOR.integer(2), CBOR.integer(1))]
        #expect(decoder().named(CBOR.endlessArray([CBOR.endlessMap(pairs)])) == [Named("a", 1)])
    }

    @Test func labelsMayBeTexts() {
        let pairs = [(CBOR.text("n"), CBOR.text("a")), (CBOR.text("v"), CBOR.integer(1))]
        #expect(decoder().named(CBOR.array(CBOR.map(pairs))) == [Named("a", 1)])
    }

    @Test(arguments: [
        CBOR.text("other"), CBOR.array(CBOR.map((2, CBOR.integer(5)))), CBOR.endlessArray([CBOR.data([1])]), [0xF6],
        [0xF8, 0xFF], [0x7F, 0x61, 0x61, 0x60, 0xFF], [0x5F, 0xFF], [0xC1, 0xC2, 0x00], CBOR.half(0x7E00),
    ])
    func whatIsNotKnownIsPassedOver(value: [UInt8]) {
        for label in [CBOR.text("x"), CBOR.integer(99), CBOR.integer(-99), CBOR.head(1, .max), [0xF6], CBOR.array()] {
            let pairs = [(label, value), (CBOR.integer(0), CBOR.text("a")), (CBOR.integer(2), CBOR.integer(1))]
            #expect(decoder().named(CBOR.array(CBOR.map(pairs))) == [Named("a", 1)])
        }
    }

    @Test(
        arguments: [
            ([0x80], .noSuchField), ([0x81, 0xA0], .notSenML), ([0x81, 0xBF, 0xFF], .notSenML),
            ([0x81, 0x05], .notSenML), ([0x9F, 0xFF], .noSuchField),
            ([0x80, 0x00], .notSenML), ([0x9E], .notSenML), ([0x9B] + [UInt8](repeating: 0xFF, count: 8), .notSenML),
            ([0x81, 0xFF], .notSenML), ([0x81, 0x1C], .notSenML), ([0x81, 0x3F], .notSenML),
            ([0x81, 0x61, 0xFF], .notUTF8), ([0x81, 0x5F, 0x01, 0xFF], .notSenML), ([0x81, 0xF8, 0x10], .notSenML),
            ([0x81] + CBOR.map([(CBOR.text("x_"), CBOR.integer(1))]), .notSenML),
            ([0x81] + CBOR.map((-1, CBOR.integer(11))), .notSenML),
        ] as [([UInt8], PayloadProblem.Reason)])
    func whatIsNoPackIsRefused(payload: [UInt8], reason: PayloadProblem.Reason) {
        #expect(decoder().decode(payload) == Decoded(readings: [], problem: reason))
    }

    @Test(
        arguments: [
            (2, CBOR.text("1"), .wrongType), (2, [0x7F, 0x61, 0x31, 0xFF], .wrongType),
            (3, CBOR.data([65]), .wrongType),
            (2, [0xC1, 0x01], .wrongType), (2, [0xC4, 0x83, 1, 1, 1], .wrongType),
            (2, [0xC4, 0x82, 1, 0xF4], .wrongType),
            (2, CBOR.double(.nan), .notFinite), (2, CBOR.half(0x7C00), .notFinite), (4, CBOR.integer(1), .wrongType),
            (2, CBOR.decimal(1, exponent: 400), .notFinite), (5, CBOR.half(0xFC00), .notFinite),
        ] as [(Int64, [UInt8], PayloadProblem.Reason)])
    func valuesOfAnotherKindAreRefused(label: Int64, value: [UInt8], reason: PayloadProblem.Reason) {
        #expect(decoder().decode(pack(label, value)) == Decoded(readings: [], problem: reason))
    }

    @Test func aTimeThatIsNoNumberIsUncertain() {
        let payload = CBOR.array(
            CBOR.map((0, CBOR.text("a")), (2, CBOR.integer(1)), (6, CBOR.double(.nan))))
        #expect(decoder().named(payload) == [Named("a", 1, .uncertain)])
        #expect(decoder().decode(payload).problem == .badTime)
    }

    @Test func depthHasALimit() {
        func nested(_ depth: Int) -> [UInt8] { pack(99, [UInt8](repeating: 0x81, count: depth) + [0x01]) }
        #expect(decoder().decode(nested(30)).problem == .noSuchField)
        #expect(decoder().decode(nested(31)).problem == .tooDeep)
        #expect(decoder().decode(nested(100_000)).problem == .tooDeep)
        #expect(decoder().decode(pack(99, [UInt8](repeating: 0xC2, count: 100_000) + [0x01])).problem == .tooDeep)
    }

    @Test func readingsHaveALimit() {
        let record = CBOR.map((0, CBOR.text("a")), (2, CBOR.integer(1)))
        let decoded = decoder().decode(CBOR.array([[UInt8]](repeating: record, count: 40_000)))
        #expect(decoded.readings.count == 32_768)
        #expect(decoded.problem == .tooManyReadings)
    }

    @Test func everyPrefixIsRefused() {
        let decoder = decoder()
        for length in 1..<sample.count {
            #expect(decoder.decode(Array(sample[..<length])) == Decoded(readings: [], problem: .notSenML))
        }
    }

    @Test(arguments: 1...10 as ClosedRange<UInt64>)
    func mutatedPacksDoNoHarm(seed: UInt64) { survives(seed: seed, good: sample, decoder: decoder()) }

    @Test(arguments: 1...10 as ClosedRange<UInt64>)
    func bothWaysOfWritingSayTheSame(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let (json, cbor) = (decoder(), decoder())
        for _ in 0..<500 {
            let pack = RandomPack(&generator)
            #expect(json.decode(pack.json) == cbor.decode(pack.cbor), "\(pack.json)")
            #expect(json.fields == cbor.fields)
        }
    }
}

/// Records of a pack with a few mistakes, written both ways.
private struct RandomPack {
    private(set) var json = ""
    private(set) var cbor: [UInt8] = []

    private enum Value {
        case integer(Int64)
        case double(Double)
        case decimal(Int64, exponent: Int64)
        case boolean(Bool)
        case text(String)
        case null

        var json: String {
            switch self {
            case .integer(let number): "\(number)"
            case .double(let number): "\(number)"
            case .decimal(let digits, let exponent): "\(digits)e\(exponent)"
            case .boolean(let boolean): "\(boolean)"
            case .text(let text): "\"\(text)\""
            case .null: "null"
            }
        }

        var cbor: [UInt8] {
            switch self {
            case .integer(let number): CBOR.integer(number)
            case .double(let number): CBOR.double(number)
            case .decimal(let digits, let exponent): CBOR.decimal(digits, exponent: exponent)
            case .boolean(let boolean): CBOR.boolean(boolean)
            case .text(let text): CBOR.text(text)
            case .null: [0xF6]
            }
        }
    }

    private static let labels: [(String, Int64)] = [
        ("n", 0), ("n", 0), ("n", 0), ("u", 1), ("v", 2), ("v", 2), ("v", 2), ("vs", 3), ("vb", 4), ("s", 5), ("t", 6),
        ("ut", 7), ("vd", 8), ("bn", -2), ("bt", -3), ("bu", -4), ("bv", -5), ("bs", -6), ("bver", -1),
    ]

    init(_ generator: inout SeededGenerator) {
        let records = (0..<Int.random(in: 0...6, using: &generator)).map { _ in Self.record(&generator) }
        json = "[" + records.map(\.json).joined(separator: ",") + "]"
        cbor =
            Bool.random(using: &generator) ? CBOR.array(records.map(\.cbor)) : CBOR.endlessArray(records.map(\.cbor))
    }

    private static func record(_ generator: inout SeededGenerator) -> (json: String, cbor: [UInt8]) {
        let pairs = (0..<Int.random(in: 1...6, using: &generator)).map { _ in
            let label = labels.randomElement(using: &generator)!
            return (label, value(for: label.0, &generator))
        }
        return (
            "{" + pairs.map { "\"\($0.0)\": \($1.json)" }.joined(separator: ",") + "}",
            CBOR.map(pairs.map { (CBOR.integer($0.1), $1.cbor) })
        )
    }

    private static func value(for label: String, _ generator: inout SeededGenerator) -> Value {
        if Int.random(in: 0..<20, using: &generator) == 0 { return .null }
        switch label {
        case "n", "bn", "u", "bu", "vs", "vd":
            return .text(["a", "b/c", "temp", "", "-x", "\u{E9}"].randomElement(using: &generator)!)
        case "vb": return .boolean(.random(using: &generator))
        case "bver": return .integer(.random(in: 1...11, using: &generator))
        default: return number(&generator)
        }
    }

    private static func number(_ generator: inout SeededGenerator) -> Value {
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: .integer(.random(in: -100...100, using: &generator))
        case 1: .integer(.random(in: .min ... .max, using: &generator))
        case 2: .double(Double(Int64.random(in: -1_000_000...2_000_000_000, using: &generator)) / 1000)
        default:
            .decimal(
                .random(in: -1_000_000_000_000...1_000_000_000_000, using: &generator),
                exponent: .random(in: -20...20, using: &generator))
        }
    }
}
