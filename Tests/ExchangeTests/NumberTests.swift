import TestSupport
import Testing

@testable import Exchange

private func number(_ text: String) -> Double? { NumberText.number(Array(text.utf8).span) }

@Suite struct NumberTests {
    /// Digits around the limits of the fast way, against the standard library.
    @Test(arguments: 1...100 as ClosedRange<UInt64>)
    func theFastWayGivesTheSameBits(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            let text = decimal(&generator)
            #expect(number(text)?.bitPattern == Double(text)?.bitPattern, "seed \(seed): \(text)")
        }
    }

    private func decimal(_ generator: inout SeededGenerator) -> String {
        func digits(_ length: ClosedRange<Int>) -> String {
            (0..<Int.random(in: length, using: &generator)).map { _ in
                String(Int.random(in: 0...9, using: &generator))
            }.joined()
        }
        var text = Bool.random(using: &generator) ? "-" : ""
        text += digits(1...18)
        if Bool.random(using: &generator) { text += "." + digits(0...18) }
        if Bool.random(using: &generator) { text += "e\(Int.random(in: -45...45, using: &generator))" }
        return text
    }

    @Test(arguments: [
        0, -0.0, 0.1, 1e22, 1e23, 9_007_199_254_740_991, 9_007_199_254_740_992, 9_007_199_254_740_994,
        .leastNonzeroMagnitude, .greatestFiniteMagnitude,
    ])
    func everyDescriptionReturns(double: Double) {
        #expect(number(double.description)?.bitPattern == double.bitPattern)
    }

    @Test(arguments: [
        "", "-", ".", "-.", "e5", "1e", "1e+", "1e-", "+1", "--1", "1.2.3", "1 ", " 1", "0x1", "inf", "nan", "1_000",
        "1e400", "-1e99999999999999999999", "１",
    ])
    func whatIsNoNumberIsRefused(text: String) {
        #expect(number(text) == nil)
    }

    @Test func theSmallestBecomeZero() {
        #expect(number("1e-99999999999999999999")?.bitPattern == 0)
        #expect(number("-1e-400")?.bitPattern == (-0.0).bitPattern)
    }

    @Test func wholeNumbersKeepToTheirType() {
        func whole<Whole: FixedWidthInteger>(_ text: String, _ type: Whole.Type) -> Whole? {
            NumberText.wholeNumber(Array(text.utf8).span, as: type)
        }
        #expect(whole("-128", Int8.self) == -128)
        #expect(whole("127", Int8.self) == 127)
        #expect(whole("0007", Int8.self) == 7)
        for text in ["-129", "128", "1000", "", "-", "+1", "1.0", "1 "] { #expect(whole(text, Int8.self) == nil) }
        #expect(whole("255", UInt8.self) == 255)
        for text in ["256", "-1", "-0"] { #expect(whole(text, UInt8.self) == nil) }
    }
}
