import Payloads
import Readings
import Testing

/// What happens where there is too much of something.
@Suite struct SparkplugLimitTests {
    private let decoder = SparkplugDecoder(maxPayload: 1 << 24)

    private func array(_ name: String, _ count: Int) -> SparkplugMetric {
        SparkplugMetric(name, .int8Array, .bytes([UInt8](repeating: 1, count: count)))
    }

    @Test func aMessageGivesSoManyReadings() {
        let (readings, problem) = decoder.read(
            "spBv1.0/plant/NBIRTH/n", SparkplugMessage(0, [array("a", 65_535), array("b", 1)]).bytes)
        #expect(readings.count == 65_536)
        #expect(problem == nil)
        let more = decoder.read(
            "spBv1.0/plant/NBIRTH/n", SparkplugMessage(0, [array("a", 65_535), array("a", 2)]).bytes)
        #expect(more.readings.count == 65_536)
        #expect(more.problem?.reason == .tooManyReadings)
        #expect(decoder.decode("NDEATH/n", .death).readings.count == 65_535)
    }

    @Test func thereAreSoManyFields() {
        #expect(decoder.decode("NBIRTH/n", SparkplugMessage(0, [array("a", 65_535)])).problem == nil)
        #expect(decoder.decode("NBIRTH/m", SparkplugMessage(0, [array("a", 1)])).problem == nil)
        let problem = decoder.problem("NBIRTH/m", SparkplugMessage(0, [array("a", 2)]))
        #expect(problem?.reason == .tooManyFields)
        #expect(problem?.detail == "plant/m/a/1: more than 65536 different fields")
        let single = SparkplugMessage(0, [SparkplugMetric("b", alias: 1, .int8, .int(1)), array("a", 1)])
        #expect(decoder.decode("NBIRTH/m", single).readings.map(\.field) == [65_535])
        // What is known goes on.
        #expect(decoder.decode("NDATA/n", SparkplugMessage(1, [array("a", 65_535)])).problem == nil)
    }

    @Test func aMessageHasSoManyMetrics() {
        let metrics = (0..<65_537).map { SparkplugMetric(alias: $0 + 1, nil, .int(1)) }
        let birth = SparkplugMessage(0, [SparkplugMetric("a", alias: 1, .int8, .int(1))])
        #expect(decoder.decode("NBIRTH/n", birth).problem == nil)
        let (readings, problem) = decoder.read("spBv1.0/plant/NDATA/n", SparkplugMessage(1, metrics).bytes)
        #expect(readings.isEmpty)
        #expect(problem?.reason == .tooManyReadings)
        #expect(decoder.decode("NDATA/n", SparkplugMessage(1, [metrics[0]])).readings.count == 1)
    }

    @Test func thereAreSoManyMetricsOfAllNodes() {
        func birth(_ count: Int) -> SparkplugMessage {
            SparkplugMessage(0, (0..<count).map { SparkplugMetric("m\($0)", .bytes, .bytes([])) })
        }
        #expect(decoder.decode("NBIRTH/a", birth(65_000)).problem == nil)
        #expect(decoder.decode("NBIRTH/b", birth(536)).problem == nil)
        #expect(decoder.decode("NBIRTH/b", birth(537)).problem == .tooManyFields)
        // A birth has the room that the one before had, and a death leaves it to others.
        #expect(decoder.decode("NBIRTH/a", birth(65_000)).problem == nil)
        #expect(decoder.decode("NDEATH/a", .death).problem == nil)
        #expect(decoder.decode("NBIRTH/b", birth(65_536)).problem == nil)
    }

    @Test func thereAreSoManyNodes() {
        for node in 0..<4096 {
            #expect(decoder.decode("NDATA/\(node)", SparkplugMessage(0)).problem == .unborn)
        }
        #expect(decoder.decode("NDATA/more", SparkplugMessage(0)).problem == .tooManyFields)
        #expect(decoder.decode("NBIRTH/more", SparkplugMessage(0)).problem == .tooManyFields)
        #expect(decoder.decode("NBIRTH/7", SparkplugMessage(0)).problem == nil)
        #expect(decoder.takeRebirthRequests(now: .zero).count == 4095)
        for device in 0..<16_384 - 4096 {
            #expect(decoder.decode("DBIRTH/7/\(device)", SparkplugMessage(nil, [.rebirth])).problem == nil)
        }
        #expect(decoder.decode("DBIRTH/7/more", SparkplugMessage(nil, [.rebirth])).problem == .tooManyFields)
    }
}
