import Readings
import Testing

@testable import Delivery

@Suite struct ConditionTests {
    private func reading(_ value: Value, _ quality: Quality = .good) -> Reading {
        Reading(series: SeriesID(0), time: Timestamp(microseconds: 0), value: value, quality: quality)
    }

    /// Every comparison with a number below, the same, and above.
    @Test(arguments: [
        ("==", [false, true, false]), ("!=", [true, false, true]), ("<", [true, false, false]),
        ("<=", [true, true, false]), (">", [false, false, true]), (">=", [false, true, true]),
    ])
    func numbers(comparison: String, expected: [Bool]) throws {
        for text in [
            "a/b \(comparison) 2", "a/b\(comparison)2.0", "  'a/b'\t\(comparison)  2e0 ", "\"a/b\"\(comparison)+2",
        ] {
            let condition = try SendCondition(parsing: text)
            #expect(condition.series == SeriesName("a/b"))
            #expect([1.9, 2, 2.1].map { condition.holds(for: reading(.number($0))) } == expected, "\(text)")
        }
    }

    @Test func texts() throws {
        for text in ["press/state == \"RUN\"", "press/state=='RUN'"] {
            let condition = try SendCondition(parsing: text)
            #expect(condition.holds(for: reading(.text("RUN"))))
            #expect(!condition.holds(for: reading(.text("run"))))
            #expect(!condition.holds(for: reading(.number(1))))
        }
        let other = try SendCondition(parsing: "press/state != 'it says \"no\"'")
        #expect(!other.holds(for: reading(.text("it says \"no\""))))
        #expect(other.holds(for: reading(.text(""))))
        #expect(other.holds(for: reading(.number(0))))
    }

    @Test func minusZeroIsZero() throws {
        #expect(try SendCondition(parsing: "a == 0").holds(for: reading(.number(-0.0))))
        #expect(try SendCondition(parsing: "a == -0").holds(for: reading(.number(0))))
    }

    /// It is sent as long as nobody knows.
    @Test func nobodyKnows() throws {
        for text in ["a == 0", "a != 1", "a < 0", "a >= 1e9", "a == 'x'", "a != 'y'"] {
            let condition = try SendCondition(parsing: text)
            #expect(condition.holds(for: nil))
            #expect(condition.holds(for: reading(.absent)))
            #expect(condition.holds(for: reading(.number(.nan))))
            for quality in [Quality.stale, .communicationError, .deviceException, .outOfRange] {
                #expect(condition.holds(for: reading(.number(5), quality)))
            }
        }
        // Others are known well enough.
        let zero = try SendCondition(parsing: "a == 0")
        for quality in [Quality.good, .uncertain, .substituted] {
            #expect(!zero.holds(for: reading(.number(5), quality)))
        }
        // Texts have no order; that they are no number is known.
        #expect(try SendCondition(parsing: "a > 5").holds(for: reading(.text("x"))))
        #expect(!zero.holds(for: reading(.text("0"))))
    }

    @Test func names() throws {
        for (text, name) in [
            ("a-b.c/d+e == 1", "a-b.c/d+e"), ("'tank 1/level' > 1", "tank 1/level"), ("\"a<b>=c!\" < 1", "a<b>=c!"),
            ("\u{00E9}t\u{00E9}/1==1", "\u{00E9}t\u{00E9}/1"), ("it's == 1", "it's"),
        ] {
            #expect(try SendCondition(parsing: text).series == SeriesName(name), "\(text)")
        }
    }

    @Test(arguments: [
        ("", 0), ("a", 1), ("a b == 1", 2), ("a = 1", 2), ("a == ", 5), ("a == b", 5), ("a == 1 x", 7), ("a == 'x", 5),
        ("'a == 1", 0), ("'' == 1", 0), ("== 1", 0), ("a < 'x'", 4), ("a == nan", 5), ("a == 0x10", 6),
        ("a == 1e999", 5),
        ("a === 1", 4), ("a =! 1", 2), ("a == 1-2", 5), ("\u{00E9} == x", 6), ("a == 'x' 'y'", 9),
    ])
    func refused(text: String, offset: Int) {
        let error = #expect(throws: DeliveryTextError.self, "\(text)") { try SendCondition(parsing: text) }
        #expect(error?.offset == offset, "\(text): \(error?.message ?? "")")
    }
}
