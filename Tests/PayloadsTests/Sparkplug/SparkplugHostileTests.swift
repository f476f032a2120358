import Payloads
import Readings
import TestSupport
import Testing

/// Messages that are none, and what a decoder must not do because of them.
@Suite struct SparkplugHostileTests {
    /// Everything that a message can hold.
    private static let rich = SparkplugMessage(
        1, time: 1_718_000_000_000,
        [
            SparkplugMetric("a", alias: 1, .int32, .int(7), time: 1_718_000_000_000).with("engUnit", .string("V"))
                .with("Quality", .int(192)),
            SparkplugMetric("b", alias: 300, .string, .string("state")),
            SparkplugMetric("c", alias: 3, .double, .double(1.5)),
            SparkplugMetric(
                "d", alias: 4, .dataSet, .dataSet([("x", .int8), ("y", .string)], [[.int(1), .string("z")]])),
            SparkplugMetric(
                "e", alias: 5, .template,
                .template([SparkplugMetric("m", .float, .float(1)).with("unit", .string("A"))])),
            SparkplugMetric("f", alias: 6, .int16Array, .bytes([1, 0, 2, 0])),
            SparkplugMetric("g", alias: 7, .booleanArray, .bytes([3, 0, 0, 0, 0xA0])),
            SparkplugMetric("h", alias: 8, .stringArray, .bytes([0x61, 0])),
        ]
    ).bytes

    private func born() -> SparkplugDecoder {
        let decoder = SparkplugDecoder.usual()
        #expect(decoder.decode("NBIRTH/n", SparkplugMessage(0, [.session(1)])).problem == nil)
        let (readings, problem) = decoder.read("spBv1.0/plant/DBIRTH/n/d", Self.rich)
        #expect(readings.count == 12)
        #expect(problem == nil)
        return decoder
    }

    /// The format has no end of its own: what ends between two fields is a message of fewer fields.
    @Test func everyPrefixIsRefusedOrEndsBetweenTwoFields() {
        let decoder = born()
        var ends = 0
        for length in 1..<Self.rich.count {
            let (readings, problem) = decoder.read("spBv1.0/plant/NBIRTH/other", Array(Self.rich[..<length]))
            if let problem {
                #expect(isFraming(problem))
                #expect(readings.isEmpty)
            } else {
                ends += 1
            }
        }
        // Behind the time, and behind each metric.
        #expect(ends == 9)
    }

    /// Of two decoders one is spared the messages that are none: they have to say the same of all others.
    @Test(arguments: 1...10 as ClosedRange<UInt64>)
    func mutatedMessagesDoNoHarm(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let (tried, spared) = (born(), born())
        let kinds = [
            "NBIRTH/n", "DBIRTH/n/d", "DBIRTH/n/d", "NDATA/n", "DDATA/n/d", "DDATA/n/d", "DDEATH/n/d", "NDEATH/n",
        ]
        var refused = 0
        for round in 0..<3000 {
            let topic = "spBv1.0/plant/" + kinds.randomElement(using: &generator)!
            let hostile = mutated(Self.rich, &generator)
            let answer = tried.read(topic, hostile)
            for case .number(let number) in answer.readings.map(\.value) { #expect(number.isFinite) }
            if let problem = answer.problem, isFraming(problem) {
                #expect(answer.readings.isEmpty)
                refused += 1
            } else {
                #expect(spared.read(topic, hostile) == answer, "round \(round)")
            }
            // One is the metric of the rich message, and of every birth that was one.
            let data = SparkplugMessage(1, [SparkplugMetric(alias: 1, nil, .int(UInt32(round)))])
            #expect(tried.decode("DDATA/n/d", data) == spared.decode("DDATA/n/d", data), "round \(round)")
        }
        #expect(tried.fields == spared.fields)
        #expect((500...2500).contains(refused), "both kinds have to be tried")
    }

    /// Half a birth is none: what the one before has said still holds.
    @Test func aBirthThatBreaksOffLeavesTheOneBefore() {
        let decoder = born()
        let birth = SparkplugMessage(0, [SparkplugMetric("new", alias: 300, .int8, .int(1))])
        for topic in ["NBIRTH/n", "DBIRTH/n/d", "NDATA/n", "DDATA/n/d", "NDEATH/n", "DDEATH/n/d", "NBIRTH/m"] {
            let (readings, problem) = decoder.read("spBv1.0/plant/" + topic, birth.bytes + [0x12, 0x05, 0x08])
            #expect(readings.isEmpty)
            #expect(problem?.detail == "a message that breaks off at byte \(birth.bytes.count + 2)")
        }
        let data = SparkplugMessage(2, [SparkplugMetric(alias: 300, nil, .string("x"))])
        #expect(decoder.named("DDATA/n/d", data) == [Named("plant/n/d/b", .text("x"))])
    }

    @Test(
        arguments: [
            ([0x08], "a message that breaks off at byte 1"), ([0x08, 0x80], "a message that breaks off at byte 2"),
            ([0x08] + [UInt8](repeating: 0xFF, count: 9) + [0x02], "a number of more than 64 bits at byte 10"),
            ([0x08] + [UInt8](repeating: 0x80, count: 10) + [0x00], "a number of more than 64 bits at byte 10"),
            ([0x12, 0x02, 0x08], "a message that breaks off at byte 2"),
            (
                [0x12, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01],
                "a message that breaks off at byte 11"
            ),
            ([0x00, 0x00], "what begins no field at byte 1"), ([0x0E, 0x00], "what begins no field at byte 1"),
            ([0x0F, 0x00], "what begins no field at byte 1"),
            ([0x0C], "a group without its beginning or its end at byte 1"),
            ([0x80, 0x80, 0x80, 0x80, 0x10, 0x00], "what begins no field at byte 5"),
            ([0x0D, 1, 2, 3], "a message that breaks off at byte 1"),
            ([0x09, 1, 2, 3, 4, 5, 6, 7], "a message that breaks off at byte 1"),
            ([0x7B, 0x08, 0x01], "a message that breaks off at byte 3"),
            ([0x7B, 0x74], "a group without its beginning or its end at byte 2"),
            ([0x12, 0x03, 0x4A, 0x01, 0x12], "a message that breaks off at byte 5"),
            ([0x12, 0x05, 0x8A, 0x01, 0x02, 0x1A, 0x01], "a message that breaks off at byte 7"),
            ([0x12, 0x06, 0x8A, 0x01, 0x03, 0x1A, 0x01, 0x80], "a message that breaks off at byte 8"),
            ([0x12, 0x06, 0x92, 0x01, 0x03, 0x12, 0x01, 0x08], "a message that breaks off at byte 8"),
            ([0x12, 8, 0x8A, 1, 5, 0x22, 3, 0x0A, 1, 8], "a message that breaks off at byte 10"),
            ([0x12, 9, 0x4A, 7, 0x12, 5, 0x4A, 3, 0x12, 1, 8], "a message that breaks off at byte 11"),
            ([0x12, 11, 0x4A, 9, 0x12, 7, 0x52, 5, 0x0A, 3, 0x12, 1, 8], "a message that breaks off at byte 13"),
            ([UInt8](repeating: 0x7B, count: 9), "nested deeper than 8 levels at byte 9"),
            ([UInt8](repeating: 0x7B, count: 100_000), "nested deeper than 8 levels at byte 9"),
        ] as [([UInt8], String)])
    func whatIsNoMessageIsRefused(bytes: [UInt8], detail: String) {
        let decoder = SparkplugDecoder.usual()
        let (readings, problem) = decoder.read("spBv1.0/plant/NBIRTH/n", bytes)
        #expect(readings.isEmpty)
        #expect(problem?.detail == detail)
        #expect(decoder.fields.isEmpty)
    }

    @Test func whatNobodyKnowsIsPassedOver() {
        var metric = ProtobufWriter()
        metric.number(2, 4)
        metric.raw([0xA3, 0x06, 0x08, 0x01, 0xAB, 0x06, 0x12, 0x01, 0xFF, 0xAC, 0x06, 0xA4, 0x06])  // groups 100, 101
        metric.fixed(200, 7 as UInt32)
        metric.fixed(201, 7 as UInt64)
        metric.content(8, [0xFF, 0xFF])  // its metadata are not looked at
        metric.fixed(3, 5 as UInt64)  // a time is no eight bytes
        metric.content(1, "a".utf8)
        metric.number(10, 3)
        metric.number(10, 0xFFFF_FFFF_0000_0009)  // the last one counts, as far as 32 bits go
        var message = ProtobufWriter()
        message.content(5, [1, 2, 3])
        message.number(77, .max)
        message.content(2, metric.bytes)
        let decoder = SparkplugDecoder.usual()
        let (readings, problem) = decoder.read("spBv1.0/plant/NBIRTH/n", message.bytes)
        #expect(decoder.name(readings) == [Named("plant/n/a", 9)])
        #expect(problem == nil)
    }

    /// Most are read eight bytes at once, where there are so many.
    @Test func numbersOfEveryLengthAreReadAtEveryDistanceFromTheEnd() {
        for bits in 0..<64 as Range<UInt64> {
            for alias in [1 << bits, .max >> bits] as [UInt64] {
                let decoder = SparkplugDecoder.usual()
                let birth = SparkplugMessage(0, [SparkplugMetric("a", alias: alias, .int8, .int(1))])
                #expect(decoder.decode("NBIRTH/n", birth).problem == nil)
                for behind in 0...10 {
                    var metric = ProtobufWriter()
                    metric.number(10, 5)
                    metric.number(2, alias)
                    var data = ProtobufWriter()
                    data.content(2, metric.bytes)
                    for _ in 0..<behind { data.raw([0x78]) }  // field 15, of the number 0x78 or cut off
                    let (readings, problem) = decoder.read("spBv1.0/plant/NDATA/n", data.bytes)
                    #expect(readings.map(\.value) == (behind % 2 == 0 ? [.number(5)] : []))
                    #expect((problem == nil) == (behind % 2 == 0))
                }
            }
        }
    }

    @Test func numbersMayBeLongerThanTheyNeed() {
        let decoder = SparkplugDecoder.usual()
        let bytes: [UInt8] = [0x12, 0x8A, 0x00, 0x0A, 0x01, 0x61, 0x20, 0x81, 0x80, 0x00, 0x50, 0x85, 0x00]
        let (readings, problem) = decoder.read("spBv1.0/plant/NBIRTH/n", bytes)
        #expect(decoder.name(readings) == [Named("plant/n/a", 5)])
        #expect(problem == nil)
    }

    @Test func sizesHaveLimits() {
        let decoder = SparkplugDecoder(maxPayload: 10)
        let problem = decoder.read("spBv1.0/plant/NBIRTH/n", [UInt8](repeating: 0, count: 11)).problem
        #expect(problem?.detail == "11 bytes, where 10 are the limit")
        #expect(decoder.read("spBv1.0/plant/NBIRTH/n", []).problem?.reason == .empty)
    }

    @Test func compressedPayloadsAreRefused() {
        var message = SparkplugMessage(0)
        message.uuid = "SPBV1.0_COMPRESSED"
        #expect(SparkplugDecoder.usual().problem("NBIRTH/n", message)?.detail == "compressed payloads are not read")
        message.uuid = "SPBV1.0_COMPRESSE"
        #expect(SparkplugDecoder.usual().problem("NBIRTH/n", message) == nil)
    }
}

/// Whether it is the message as a whole that is none.
private func isFraming(_ problem: PayloadProblem) -> Bool {
    (problem.reason == .notSparkplug || problem.reason == .tooDeep)
        && problem.detail.split(separator: " ").dropLast().last == "byte"
}

private func == (
    left: (readings: [DecodedReading], problem: PayloadProblem?),
    right: (readings: [DecodedReading], problem: PayloadProblem?)
) -> Bool { left.readings == right.readings && left.problem == right.problem }

private func mutated(_ payload: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
    let favourites: [UInt8] = [0, 1, 2, 8, 10, 18, 0x1A, 0x4A, 0x7F, 0x80, 0x8A, 0x92, 0xFF]
    var payload = payload
    for _ in 0...Int.random(in: 0..<2, using: &generator) {
        let at = Int.random(in: 0..<payload.count, using: &generator)
        let upTo = Int.random(in: at...min(payload.count, at + 8), using: &generator)
        switch Int.random(in: 0..<5, using: &generator) {
        case 0 where upTo - at < payload.count: payload.removeSubrange(at..<upTo)
        case 1: payload.insert(contentsOf: payload[at..<upTo], at: at)
        case 2: payload[at] = favourites.randomElement(using: &generator)!
        case 3: payload[at] = payload[at] &+ (Bool.random(using: &generator) ? 1 : 0xFF)
        default: payload.replaceSubrange(at..<upTo, with: (at..<upTo).map { _ in UInt8(generator.next() >> 56) })
        }
    }
    return payload
}
