import Readings
import TestSupport
import Testing

@Suite struct TimestampTests {
    @Test(arguments: [
        ("1970-01-01T00:00:00.000000Z", 0),
        ("1969-12-31T23:59:59.999999Z", -1),
        ("2024-02-24T22:20:38.500000Z", 1_708_813_238_500_000),
        ("2000-02-29T00:00:00.000000Z", 951_782_400_000_000),
        ("0000-01-01T00:00:00.000000Z", -62_167_219_200_000_000),
        ("0000-02-29T00:00:00.000000Z", -62_162_121_600_000_000),
        ("9999-12-31T23:59:59.999999Z", 253_402_300_799_999_999),
    ])
    func knownMomentsBothWays(text: String, microseconds: Int64) {
        #expect(Timestamp(microseconds: microseconds).rfc3339 == text)
        #expect(Timestamp(rfc3339: text)?.microseconds == microseconds)
    }

    @Test(arguments: 1...10 as ClosedRange<UInt64>)
    func randomMomentsComeBackAndSortAsText(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let years0To9999 = -62_167_219_200_000_000..<253_402_300_800_000_000 as Range<Int64>
        var previous = Timestamp(microseconds: 0)
        for _ in 0..<2000 {
            let time = Timestamp(microseconds: .random(in: years0To9999, using: &generator))
            #expect(Timestamp(rfc3339: time.rfc3339) == time)
            #expect((time < previous) == (time.rfc3339 < previous.rfc3339))
            previous = time
        }
    }

    @Test func everyDayOfFourCenturiesFollowsTheOneBefore() {
        for day in 0..<146_097 {
            let time = Timestamp(microseconds: Int64(day) * 86_400_000_000)
            #expect(Timestamp(rfc3339: time.rfc3339.prefix(10)) == time)
        }
    }

    @Test(arguments: [Int64.min, Int64.max])
    func momentsOutsideFourDigitYearsAreWrittenAllTheSame(microseconds: Int64) {
        #expect(Timestamp(microseconds: microseconds).rfc3339.hasSuffix("Z"))
    }

    @Test(arguments: [
        ("2024-02-24T22:20:38Z", "2024-02-24T22:20:38.000000Z"),
        ("2024-02-24t22:20:38z", "2024-02-24T22:20:38.000000Z"),
        ("2024-02-24 22:20:38", "2024-02-24T22:20:38.000000Z"),
        ("2024-02-24T22:20", "2024-02-24T22:20:00.000000Z"),
        ("2024-02-24", "2024-02-24T00:00:00.000000Z"),
        ("2024-02-24T22:20:38.5Z", "2024-02-24T22:20:38.500000Z"),
        ("2024-02-24T22:20:38.123456789Z", "2024-02-24T22:20:38.123456Z"),
        ("2022-07-18T09:34:15.77+00:00", "2022-07-18T09:34:15.770000Z"),
        ("2024-03-01T00:30:00+01:00", "2024-02-29T23:30:00.000000Z"),
        ("2023-12-31T23:30:00-01:00", "2024-01-01T00:30:00.000000Z"),
        ("2024-01-01T00:00:00+0530", "2023-12-31T18:30:00.000000Z"),
        ("2024-01-01T00:00:00-08", "2024-01-01T08:00:00.000000Z"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000000Z"),
    ])
    func whatLiesNearTheStandardIsTaken(text: String, meaning: String) {
        #expect(Timestamp(rfc3339: text)?.rfc3339 == meaning)
        #expect(Timestamp(rfc3339: "x\(text)y".dropFirst().dropLast())?.rfc3339 == meaning)
    }

    @Test(arguments: [
        "", " ", "2024", "2024-02", "24-02-24", "2024-2-24", "2024-00-01", "2024-13-01", "2024-01-00", "2024-01-32",
        "2024-04-31", "2023-02-29", "1900-02-29", "2024-02-24T", "2024-02-24T22", "2024-02-24T22:", "2024-02-24T24:00",
        "2024-02-24T22:60", "2024-02-24T22:20:61", "2024-02-24T22:20:38.", "2024-02-24T22:20:38.Z",
        "2024-02-24T22:20:38,5", "2024-02-24T22:20:38+", "2024-02-24T22:20:38+1", "2024-02-24T22:20:38+01:",
        "2024-02-24T22:20:38+24:00", "2024-02-24T22:20:38+01:60", "2024-02-24T22:20:38+01:00Z",
        "2024-02-24T22:20:38ZZ", "2024-02-24T22:20:38Z ", " 2024-02-24", "-2024-02-24", "+2024-02-24", "2024/02/24",
        "20240224T222038Z", "2024-02-24Z", "2024-02-24T22:20:38 Z", "\u{662}024-02-24", "0000-01-01T00:00:00+00:01",
        "9999-12-31T23:59:60Z", "9999-12-31T23:59:59-00:01",
    ])
    func everythingElseIsRefused(text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    @Test func everyPrefixOfAMomentIsAMomentOrRefused() {
        let text = "2024-02-24T22:20:38.123456+01:30"
        let taken = (0...text.count).filter { Timestamp(rfc3339: text.prefix($0)) != nil }
        #expect(taken == [10, 16, 19, 21, 22, 23, 24, 25, 26, 29, 32])
    }
}
