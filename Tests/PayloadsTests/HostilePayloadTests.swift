import Payloads
import Readings
import TestSupport
import Testing

private let document =
    #"{"t":21.5,"h":"48","s":"OPEN","n":null,"data":{"ch":[{"v":1.2},{"v":-3e4}]},"ts":"2024-02-24T22:20:38.5Z"}"#

private func documentDecoder(maxPayload: Int = 262_144) throws -> PayloadDecoder {
    try PayloadDecoder.json("t", "h", "s", "n", "data.ch[1].v", time: "ts", maxPayload: maxPayload)
}

@Suite struct HostilePayloadTests {
    @Test(arguments: 1...10 as ClosedRange<UInt64>)
    func mutatedDocumentsDoNoHarm(seed: UInt64) throws {
        try survives(seed: seed, good: Array(document.utf8), decoder: documentDecoder())
    }

    @Test(arguments: 1...10 as ClosedRange<UInt64>)
    func mutatedNumbersDoNoHarm(seed: UInt64) {
        survives(seed: seed, good: Array(" -1234,5678e-2 ".utf8), decoder: .number())
    }

    @Test(arguments: 1...10 as ClosedRange<UInt64>)
    func mutatedDocumentsOfAnyKeysDoNoHarm(seed: UInt64) throws {
        let mapping = JSONMapping(
            values: .everything(JSONMapping.Everything(texts: true)),
            time: TimeField(path: try JSONPath(parsing: "ts"), format: .auto))
        let decoder = PayloadDecoder(.json(mapping), maxPayload: 262_144)
        survives(seed: seed, good: Array(document.utf8), decoder: decoder)
    }

    @Test func everyPrefixOfADocumentIsRefused() throws {
        let decoder = try documentDecoder()
        let bytes = Array(document.utf8)
        for length in 0..<bytes.count {
            #expect(
                decoder.decode(Array(bytes[..<length]))
                    == Decoded(readings: [], problem: length == 0 ? .empty : .notJSON))
        }
        #expect(decoder.decode(bytes).readings.count == 5)
    }

    @Test(arguments: [513, 100_000], ["[", "{\"a\":", "[{\"a\":"])
    func bracketsWithoutEndAreRefused(count: Int, bracket: String) throws {
        let decoder = try PayloadDecoder.json("v", maxPayload: 1_000_000)
        let problem = decoder.decode(String(repeating: bracket, count: count)).problem
        #expect(problem == .tooDeep || problem == .notJSON)
        let closed = String(repeating: "[", count: count) + String(repeating: "]", count: count)
        #expect(decoder.decode(closed).problem == .tooDeep)
    }

    @Test func aPayloadPastTheLimitIsRefusedUnseen() throws {
        let huge = [UInt8](repeating: UInt8(ascii: " "), count: 5_000_000) + Array("1".utf8)
        for decoder in [PayloadDecoder.number(), try documentDecoder()] {
            #expect(decoder.decode(huge) == Decoded(readings: [], problem: .tooLarge))
        }
        let problem = PayloadDecoder.number(maxPayload: 3).problem(of: "71.3")
        #expect(problem?.detail == "4 bytes, where 3 are the limit")
    }

    @Test func theLimitItselfIsTaken() throws {
        #expect(PayloadDecoder.number(maxPayload: 4).decode("71.3").problem == nil)
        #expect(try documentDecoder(maxPayload: document.utf8.count).decode(document).problem == nil)
        #expect(try documentDecoder(maxPayload: document.utf8.count - 1).decode(document).problem == .tooLarge)
        #expect(try PayloadDecoder.json("v", maxPayload: 0).decode("1").problem == .tooLarge)
        let large = #"{"v":1,"x":""# + String(repeating: "x", count: 262_144 - 14) + #""}"#
        #expect(try PayloadDecoder.json("v").decode(large).problem == nil)
    }

    @Test(
        arguments: [
            [0xFF], [0xC3], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82], [0x80],
        ] as [[UInt8]])
    func whatIsNotUTF8IsRefused(bytes: [UInt8]) throws {
        let decoder = try PayloadDecoder.json("v")
        let payload = Array(#"{"v":"x"#.utf8) + bytes + Array(#""}"#.utf8)
        #expect(decoder.decode(payload) == Decoded(readings: [], problem: .notUTF8))
        #expect(decoder.decode(#"{"v":1}"#).problem == nil)
    }

    @Test(arguments: [#""\ud800""#, #""\udc00\ud800""#, #""\ud800x""#, #""\uD83D\uDE00""#])
    func halfCharactersMakeNoText(json: String) throws {
        let decoded = try PayloadDecoder.json("v").decode(#"{"v":\#(json)}"#)
        #expect(decoded.problem == .notJSON || decoded.readings.first?.value == .text("\u{1F600}"))
    }
}

/// Whatever comes gives readings or a problem, and changes nothing for what comes after it.
func survives(seed: UInt64, good: [UInt8], decoder: PayloadDecoder) {
    var generator = SeededGenerator(seed: seed)
    let expected = decoder.decode(good)
    #expect(expected.problem == nil)
    for round in 0..<10_000 {
        let hostile = mutated(good, &generator)
        let decoded = decoder.decode(hostile)
        #expect(decoded.problem != nil || !decoded.readings.isEmpty, "round \(round)")
        #expect(decoder.decode(good) == expected, "round \(round)")
    }
}

private func mutated(_ payload: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
    let favourites = Array("{}[]\",:\\u0e+-.,9 \n\0".utf8) + [0x80, 0xC0, 0xED, 0xF4, 0xFF]
    var payload = payload
    for _ in 0...Int.random(in: 0..<4, using: &generator) {
        let at = Int.random(in: 0...payload.count, using: &generator)
        let upTo = Int.random(in: at...min(payload.count, at + 8), using: &generator)
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: payload.removeSubrange(at..<upTo)
        case 1: payload.insert(contentsOf: payload[at..<upTo], at: at)
        case 2: payload.insert(favourites.randomElement(using: &generator)!, at: at)
        default: payload.replaceSubrange(at..<upTo, with: (at..<upTo).map { _ in UInt8(generator.next() >> 56) })
        }
    }
    return payload
}
