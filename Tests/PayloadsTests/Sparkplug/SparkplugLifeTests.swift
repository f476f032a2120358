import Payloads
import Readings
import Testing

/// Births, data and deaths, in sequence and out of it.
@Suite struct SparkplugLifeTests {
    private let decoder = SparkplugDecoder.usual()

    private func temperature(_ value: Double) -> SparkplugMetric { SparkplugMetric(alias: 1, nil, .double(value)) }

    private var birth: SparkplugMessage {
        SparkplugMessage(
            0, time: 1000,
            [
                .session(7), .rebirth,
                SparkplugMetric("Temperature", alias: 1, .double, .double(21.5)).with("engUnit", .string("Cel")),
                SparkplugMetric("Input/Level", alias: 2, .int16, .int(UInt32(bitPattern: -5))),
            ])
    }

    private var deviceBirth: SparkplugMessage {
        SparkplugMessage(1, time: 2000, [SparkplugMetric("Speed", alias: 3, .float, .float(1.5))])
    }

    private func bear() {
        #expect(decoder.decode("NBIRTH/press", birth).problem == nil)
        #expect(decoder.decode("DBIRTH/press/motor", deviceBirth).problem == nil)
    }

    @Test func aBirthGivesReadingsAndUnits() {
        #expect(
            decoder.named("NBIRTH/press", birth) == [
                Named("plant/press/Temperature", 21.5, at: 1), Named("plant/press/Input/Level", -5, at: 1),
            ])
        #expect(
            decoder.named("DBIRTH/press/motor", deviceBirth) == [Named("plant/press/motor/Speed", 1.5, at: 2)])
        #expect(decoder.fields.map(\.unit) == ["Cel", nil, nil])
    }

    @Test func dataSpeaksOfMetricsByAliasOrName() {
        bear()
        let data = SparkplugMessage(
            2,
            [
                SparkplugMetric(alias: 2, nil, .int(0xFFFB)), SparkplugMetric("Temperature", nil, .double(3)),
                SparkplugMetric("Temperature", alias: 1, .double, .double(4), time: 5000),
            ])
        #expect(
            decoder.named("NDATA/press", data) == [
                Named("plant/press/Input/Level", -5), Named("plant/press/Temperature", 3),
                Named("plant/press/Temperature", 4, at: 5),
            ])
        #expect(decoder.fields.count == 3)
    }

    @Test func anUnknownAliasWithAKnownNameIsThatMetric() {
        bear()
        let data = SparkplugMessage(2, [SparkplugMetric("Temperature", alias: 99, nil, .double(3))])
        #expect(decoder.named("NDATA/press", data) == [Named("plant/press/Temperature", 3)])
    }

    @Test(arguments: [0, 1 << 32, UInt64.max, UInt64.max - 1])
    func anAliasIsAnyNumber(alias: UInt64) {
        let birth = SparkplugMessage(0, [SparkplugMetric("a", alias: alias, .int32, .int(1))])
        #expect(decoder.named("NBIRTH/press", birth) == [Named("plant/press/a", 1)])
        let data = SparkplugMessage(1, [SparkplugMetric(alias: alias, nil, .int(2))])
        #expect(decoder.named("NDATA/press", data) == [Named("plant/press/a", 2)])
        let other = SparkplugMessage(2, [SparkplugMetric(alias: alias ^ 1, nil, .int(2))])
        #expect(decoder.problem("NDATA/press", other)?.detail == "alias \(alias ^ 1) is in no birth that was seen")
    }

    /// They have to be different ones, and are not in all edge nodes.
    @Test func devicesMayUseTheSameAliases() {
        bear()
        let other = SparkplugMessage(2, [SparkplugMetric("Flow", alias: 3, .float, .float(7))])
        #expect(decoder.named("DBIRTH/press/pump", other) == [Named("plant/press/pump/Flow", 7)])
        let data = SparkplugMessage(3, [SparkplugMetric(alias: 3, nil, .float(2))])
        #expect(decoder.named("DDATA/press/motor", data) == [Named("plant/press/motor/Speed", 2)])
    }

    @Test func aMetricOfManyLevelsIsNotThatOfADevice() {
        let node = SparkplugMessage(0, [SparkplugMetric("motor/Speed", alias: 1, .float, .float(1))])
        #expect(decoder.named("NBIRTH/press", node) == [Named("plant/press/motor/Speed", 1)])
        #expect(decoder.named("DBIRTH/press/motor", deviceBirth) == [Named("plant/press/motor/Speed", 1.5, at: 2)])
        #expect(decoder.fields.count == 2)
        #expect(decoder.named("DDEATH/press/motor", SparkplugMessage(2)).count == 1)
        let death = decoder.named("NDEATH/press", .death)
        #expect(death == [Named("plant/press/motor/Speed", .absent, .stale)])
    }

    @Test func dataWithoutABirthIsNotUsed() {
        let data = SparkplugMessage(5, [SparkplugMetric("Temperature", .double, .double(3))])
        #expect(decoder.decode("NDATA/press", data) == Decoded(readings: [], problem: .unborn))
        #expect(decoder.decode("DDATA/press/motor", data) == Decoded(readings: [], problem: .unborn))
        #expect(decoder.decode("DBIRTH/press/motor", data) == Decoded(readings: [], problem: .unborn))
        #expect(decoder.decode("NBIRTH/press", birth).problem == nil)
        let first = SparkplugMessage(1, [SparkplugMetric("Speed", .double, .double(3))])
        #expect(decoder.decode("DDATA/press/motor", first) == Decoded(readings: [], problem: .unborn))
        #expect(
            decoder.problem("NDATA/press", SparkplugMessage(2, [SparkplugMetric("x", nil, .int(3))]))?.detail
                == "x: a metric that is in no birth that was seen")
        #expect(decoder.fields.count == 2)
    }

    @Test func soundMetricsAreReadBesideUnknownOnes() {
        bear()
        let data = SparkplugMessage(
            2, [SparkplugMetric(alias: 8, nil, .int(1)), temperature(4), SparkplugMetric(nil, .int32, .int(1))])
        #expect(decoder.named("NDATA/press", data) == [Named("plant/press/Temperature", 4)])
    }

    @Test func aBirthClearsWhatTheOneBeforeHasSaid() {
        bear()
        let again = SparkplugMessage(0, [.session(7), SparkplugMetric("Pressure", alias: 1, .double, .double(2))])
        #expect(decoder.named("NBIRTH/press", again) == [Named("plant/press/Pressure", 2)])
        #expect(
            decoder.named("NDATA/press", SparkplugMessage(1, [temperature(4)])) == [Named("plant/press/Pressure", 4)])
        let gone = SparkplugMessage(2, [SparkplugMetric("Temperature", nil, .double(3))])
        #expect(decoder.decode("NDATA/press", gone) == Decoded(readings: [], problem: .unborn))
        let ofDevice = SparkplugMessage(3, [SparkplugMetric(alias: 3, nil, .float(2))])
        #expect(decoder.decode("DDATA/press/motor", ofDevice) == Decoded(readings: [], problem: .unborn))
    }

    @Test func anotherUnitIsAnotherField() {
        func birth(_ unit: String) -> SparkplugMessage {
            SparkplugMessage(0, [SparkplugMetric("a", alias: 1, .int32, .int(1)).with("unit", .string(unit))])
        }
        for unit in ["V", "mV", "V"] { #expect(decoder.named("NBIRTH/press", birth(unit)).count == 1) }
        #expect(decoder.fields.map(\.unit) == ["V", "mV"])
        #expect(decoder.fields.map(\.suffix) == ["plant/press/a", "plant/press/a"])
        #expect(
            decoder.decode("NDATA/press", SparkplugMessage(1, [SparkplugMetric(alias: 1, nil, .int(2))])).readings
                .map(\.field) == [0])
        // Only the field of the present unit dies.
        #expect(decoder.decode("NDEATH/press", .death).readings.map(\.field) == [0])
    }

    @Test(arguments: ["engUnit", "EngUnit", "engineering_units", "unit"])
    func theUnitHasSeveralNames(key: String) {
        let metric = SparkplugMetric("a", .int32, .int(1)).with("x", .int(4)).with(key, .string("bar"))
        #expect(decoder.decode("NBIRTH/press", SparkplugMessage(0, [metric])).problem == nil)
        #expect(decoder.fields == [PayloadField(suffix: "plant/press/a", unit: "bar")])
    }

    // MARK: - The sequence

    @Test func theSequenceGoesRoundAt256() {
        let birth = SparkplugMessage(250, birth.metrics)
        #expect(decoder.decode("NBIRTH/press", birth).problem == nil)
        for number in [251, 252, 253, 254, 255, 0, 1] as [UInt64] {
            #expect(decoder.decode("NDATA/press", SparkplugMessage(number, [temperature(1)])).problem == nil)
        }
        // One who does not begin again at 256, and one who leaves numbers out.
        #expect(decoder.decode("NDATA/press", SparkplugMessage(258, [temperature(1)])).problem == nil)
        #expect(decoder.decode("NDATA/press", SparkplugMessage(nil, [temperature(1)])).problem == nil)
        #expect(decoder.decode("NDATA/press", SparkplugMessage(4, [temperature(1)])).problem == nil)
    }

    @Test func whatComesAfterAGapIsRead() {
        bear()
        let late = SparkplugMessage(4, [temperature(9)])
        let (readings, problem) = decoder.read("spBv1.0/plant/NDATA/press", late.bytes)
        #expect(decoder.name(readings) == [Named("plant/press/Temperature", 9)])
        #expect(problem?.reason == .sequenceGap)
        #expect(problem?.detail == "message 2 was to come, 4 came: 2 missing")
        #expect(decoder.takeRebirthRequests(now: .seconds(1)).count == 1)
        #expect(decoder.decode("NDATA/press", SparkplugMessage(5, [temperature(9)])).problem == nil)
        let twice = decoder.problem("NDATA/press", SparkplugMessage(5, [temperature(9)]))
        #expect(twice?.detail == "message 6 was to come, 5 came: a message twice, or 255 missing")
    }

    @Test func allMessagesOfAnEdgeNodeAreInOneSequence() {
        bear()
        let speed = SparkplugMetric(alias: 3, nil, .float(2))
        #expect(decoder.decode("DDATA/press/motor", SparkplugMessage(2, [speed])).problem == nil)
        #expect(decoder.decode("NDATA/press", SparkplugMessage(3, [temperature(9)])).problem == nil)
        #expect(decoder.decode("DDEATH/press/motor", SparkplugMessage(4)).problem == nil)
        #expect(decoder.decode("DBIRTH/press/motor", SparkplugMessage(6)).problem == .sequenceGap)
        #expect(decoder.decode("DDATA/press/other", SparkplugMessage(8)).problem == .sequenceGap)
    }

    // MARK: - Deaths

    @Test func theDeathOfAnEdgeNodeMakesAllOfItStale() {
        bear()
        let death = SparkplugMessage(nil, time: 9000, [.session(7)])
        let stale = ["Temperature", "Input/Level", "motor/Speed"].map {
            Named("plant/press/" + $0, .absent, .stale)
        }
        #expect(decoder.named("NDEATH/press", death) == stale)
        #expect(decoder.decode("NDEATH/press", death) == Decoded(readings: []))
        #expect(decoder.decode("NDATA/press", SparkplugMessage(2, [temperature(9)])).problem == .unborn)
        bear()
        #expect(decoder.named("NDEATH/press", death) == stale)
        #expect(decoder.fields.count == 3)
    }

    @Test func anOldWillIsNoDeath() {
        bear()
        #expect(decoder.decode("NDEATH/press", SparkplugMessage(nil, [.session(6)])) == Decoded(readings: []))
        #expect(decoder.decode("NDATA/press", SparkplugMessage(2, [temperature(9)])).problem == nil)
        #expect(decoder.decode("NDEATH/press", .death).readings.count == 3)
        #expect(decoder.decode("NDEATH/elsewhere", .death) == Decoded(readings: []))
    }

    @Test func theDeathOfADeviceIsItsOwn() {
        bear()
        let death = SparkplugMessage(2, time: 9000)
        #expect(
            decoder.named("DDEATH/press/motor", death) == [Named("plant/press/motor/Speed", .absent, at: 9, .stale)])
        #expect(decoder.decode("DDEATH/press/motor", SparkplugMessage(3)) == Decoded(readings: []))
        #expect(decoder.decode("DDEATH/press/unheard", SparkplugMessage(4)) == Decoded(readings: []))
        let data = SparkplugMessage(5, [SparkplugMetric(alias: 3, nil, .float(2))])
        #expect(decoder.decode("DDATA/press/motor", data).problem == .unborn)
        #expect(decoder.named("NDEATH/press", .death).count == 2)
    }

    /// Its birth was to follow that of the edge node, and did not.
    @Test func aDeviceThatWasNotBornAgainDiesWithTheEdgeNode() {
        bear()
        #expect(decoder.decode("NBIRTH/press", birth).problem == nil)
        let death = decoder.named("NDEATH/press", .death)
        #expect(death.map(\.suffix).last == "plant/press/motor/Speed")
        #expect(death.count == 3)
    }

    @Test func metricsWithoutAValueDieToo() {
        let birth = SparkplugMessage(
            0,
            [
                SparkplugMetric("text", .string, .string("")), SparkplugMetric("bytes", .bytes, .bytes([1])),
                SparkplugMetric("list", .int8Array, .bytes([1, 2])), SparkplugMetric("null", .int32).asNull,
                SparkplugMetric("nan", .double, .double(.nan)),
                SparkplugMetric("passing", .double, .double(1)).asTransient,
            ])
        #expect(decoder.decode("NBIRTH/press", birth).problem == .notFinite)
        #expect(
            decoder.named("NDEATH/press", .death).map(\.suffix)
                == ["text", "list/0", "list/1", "null", "nan"].map { "plant/press/" + $0 })
    }

    @Test func commandsSayNothing() {
        bear()
        #expect(decoder.decode("NCMD/press", SparkplugMessage(nil, [.rebirth])) == Decoded(readings: []))
        #expect(decoder.decode("DCMD/press/motor", SparkplugMessage(nil, [temperature(1)])) == Decoded(readings: []))
        #expect(decoder.read("spBv1.0/plant/NCMD/press", [0xFF]).problem == nil)
    }

    @Test func controlsGiveNoReadings() {
        bear()
        let data = SparkplugMessage(
            2,
            [
                .rebirth, SparkplugMetric("Node Control/Next Server", .boolean, .boolean(true)),
                SparkplugMetric("Device Control/Scan", .boolean, .boolean(true)), .session(7),
            ])
        #expect(decoder.decode("NDATA/press", data) == Decoded(readings: []))
    }
}
