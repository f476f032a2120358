import Payloads
import Readings
import Testing

private let second: Int64 = 1_000_000

@Suite struct ReadingRulesTests {
    private func applied(
        _ rules: ReadingRules, _ value: Value, time: Timestamp? = nil, _ quality: Quality = .good
    ) -> DecodedReading {
        var reading = DecodedReading(field: 0, time: time, value: value, quality: quality)
        let isBelieved = rules.apply(to: &reading, arrival: arrival)
        #expect(isBelieved == (reading.time == time))
        return reading
    }

    @Test func aNumberIsScaledAndMoved() {
        let rules = ReadingRules(scale: 0.1, offset: -40)
        #expect(applied(rules, .number(700)).value == .number(700 * 0.1 - 40))
        #expect(applied(rules, .text("7")).value == .text("7"))
        #expect(
            applied(rules, .absent, .deviceException)
                == DecodedReading(
                    field: 0, value: .absent, quality: .deviceException))
        #expect(applied(ReadingRules(), .number(-0.0)).value == .number(-0.0))
    }

    @Test func whatGrowsPastEveryDoubleIsNoValue() {
        let reading = applied(ReadingRules(scale: 1e300), .number(1e300))
        #expect(reading.value == .absent)
        #expect(reading.quality == .outOfRange)
    }

    @Test(arguments: [(0, Quality.good), (120, .good), (-0.1, .outOfRange), (120.1, .outOfRange)])
    func outsideOfTheRangeTheValueIsKept(number: Double, quality: Quality) {
        let reading = applied(ReadingRules(valid: 0...120), .number(number))
        #expect(reading.value == .number(number))
        #expect(reading.quality == quality)
    }

    @Test func theRangeIsThatOfTheScaledNumber() {
        #expect(applied(ReadingRules(scale: 0.1, valid: 0...120), .number(1100)).quality == .good)
    }

    @Test(arguments: [-61, -60, 0, 60, 61] as [Int64])
    func aTimeTooFarFromTheArrivalIsNotBelieved(seconds: Int64) {
        let time = Timestamp(microseconds: arrival.microseconds + seconds * second)
        let reading = applied(ReadingRules(maxSkew: 60 * second), .number(1), time: time)
        #expect(reading.time == (abs(seconds) > 60 ? arrival : time))
        #expect(reading.quality == (abs(seconds) > 60 ? .uncertain : .good))
    }

    @Test func everyTimeIsBelievedWhereNothingIsSaid() {
        let time = Timestamp(microseconds: 0)
        #expect(applied(ReadingRules(), .number(1), time: time).time == time)
        #expect(applied(ReadingRules(maxSkew: 1), .number(1), time: Timestamp(microseconds: .min)).time == arrival)
        #expect(applied(ReadingRules(maxSkew: 1), .number(1)).time == nil)
    }

    @Test func aGraverQualityStays() {
        let early = Timestamp(microseconds: 0)
        let reading = applied(ReadingRules(maxSkew: 1), .absent, time: early, .deviceException)
        #expect(reading.quality == .deviceException)
    }
}

@Suite struct StoreRuleTests {
    private struct Step {
        var seconds: Int64
        var value: Value
        var quality: Quality
        var isStored: Bool

        init(_ seconds: Int64, _ value: Value, _ isStored: Bool) {
            self.init(seconds, value, .good, isStored)
        }

        init(_ seconds: Int64, _ value: Value, _ quality: Quality, _ isStored: Bool) {
            self.seconds = seconds
            self.value = value
            self.quality = quality
            self.isStored = isStored
        }
    }

    private func check(_ rule: StoreRule, _ steps: [Step], line: Int = #line) {
        var last: StoreRule.Last?
        for (number, step) in steps.enumerated() {
            let reading = Reading(
                series: SeriesID(0), time: Timestamp(microseconds: step.seconds * second), value: step.value,
                quality: step.quality)
            #expect(rule.stores(reading, after: &last) == step.isStored, "line \(line), step \(number)")
        }
    }

    @Test func aDeadbandStoresChangesAndAHeartbeat() {
        check(
            StoreRule(deadband: 0.5, silence: 900 * second),
            [
                Step(0, .number(20), true), Step(1, .number(20.5), false), Step(2, .number(19.5), false),
                Step(3, .number(20.6), true), Step(4, .number(20.2), false),
                // The heartbeat counts from the last stored one.
                Step(902, .number(20.2), false), Step(903, .number(20.2), true), Step(904, .number(20.6), false),
            ])
    }

    @Test func aSlowDriftIsSeen() {
        check(
            StoreRule(deadband: 1, silence: 900 * second),
            (0...10).map { Step($0, .number(Double($0) * 0.4), $0 % 3 == 0) })
    }

    @Test func anIntervalStoresOneInATime() {
        check(
            StoreRule(silence: 10 * second),
            [
                Step(0, .number(1), true), Step(9, .number(500), false), Step(10, .number(2), true),
                Step(11, .number(2), .outOfRange, true), Step(12, .number(3), .outOfRange, false),
                Step(13, .text("OPEN"), .outOfRange, true), Step(14, .text("OPEN"), .outOfRange, false),
                Step(15, .text("SHUT"), .outOfRange, true), Step(16, .absent, .deviceException, true),
                Step(17, .absent, .deviceException, false), Step(18, .number(3), true),
            ])
    }

    @Test func whatIsOlderIsStoredAndChangesNothing() {
        check(
            StoreRule(deadband: 1, silence: 900 * second),
            [
                Step(100, .number(1), true), Step(50, .number(1), true), Step(51, .number(1), true),
                Step(100, .number(1), false), Step(101, .number(1), false),
            ])
    }

    @Test func theFirstIsStoredHoweverOldItIs() {
        check(StoreRule(deadband: 0, silence: .max), [Step(-1000, .number(1), true), Step(1000, .number(1), false)])
    }

    @Test func noDistanceIsTooFar() {
        var last: StoreRule.Last?
        let rule = StoreRule(deadband: 0, silence: .max)
        for time in [Int64.min, .max] {
            let reading = Reading(series: SeriesID(0), time: Timestamp(microseconds: time), value: .number(1))
            #expect(rule.stores(reading, after: &last))
        }
    }
}
