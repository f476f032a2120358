import Payloads
import Readings
import TestSupport
import Testing

@Suite struct NumberPayloadTests {
    @Test(arguments: [
        ("71.3", 71.3), ("71,3", 71.3), (" 71.3\n", 71.3), ("\t\r\n\u{B}\u{C} 71.3 ", 71.3), ("-4", -4), ("+4", 4),
        ("+3.5e-2", 0.035), ("-1,5E3", -1500), ("0", 0), ("-0", -0.0), (".5", 0.5), ("5.", 5), (",5", 0.5), ("007", 7),
        ("0.1", 0.1), ("1e-999", 0), ("-1e-999", -0.0), ("5e-324", Double.leastNonzeroMagnitude),
        ("1.7976931348623157e308", 0x1.fffffffffffffp1023),
        ("9007199254740993", 9_007_199_254_740_992), ("18446744073709551616", 0x1p64), ("ON", 1), ("on", 1), ("Off", 0),
        ("TRUE", 1), (" false\n", 0),
    ])
    func aNumberIsRead(payload: String, number: Double) {
        #expect(
            PayloadDecoder.number().decode(payload)
                == Decoded(readings: [DecodedReading(field: 0, value: .number(number))], problem: nil))
    }

    @Test(
        arguments: [
            ("", .empty), (" \n", .empty), ("NaN", .notFinite), ("-nan", .notFinite), ("inf", .notFinite),
            ("-INF", .notFinite), ("+Infinity", .notFinite), ("1e999", .notFinite), ("-1e999", .notFinite),
            ("1,8e308", .notFinite), ("0x1F", .notANumber), ("1_000", .notANumber), ("1,234.5", .notANumber),
            ("1.234,5", .notANumber), ("1,2,3", .notANumber), (",", .notANumber), (".", .notANumber),
            ("-", .notANumber),
            ("+", .notANumber), ("+-4", .notANumber), ("--4", .notANumber), ("-+4", .notANumber), ("4 5", .notANumber),
            ("1e", .notANumber), ("1e+", .notANumber), ("e5", .notANumber), ("71.3 \u{B0}C", .notANumber),
            ("71.3\0", .notANumber), ("open", .notANumber), ("yes", .notANumber), ("\"71.3\"", .notANumber),
            ("{\"value\":71.3}", .notANumber), ("nan(1)", .notANumber), ("infinit", .notANumber),
            ("o\u{4E}x", .notANumber),
            ("\u{661}", .notANumber), ("1d5", .notANumber), ("\u{F}\u{E}", .notANumber),
        ] as [(String, PayloadProblem.Reason)])
    func whatIsNoNumberIsRefused(payload: String, reason: PayloadProblem.Reason) {
        #expect(PayloadDecoder.number().decode(payload) == Decoded(readings: [], problem: reason))
    }

    @Test func bytesThatAreNotTextAreRefused() {
        for byte in 0x80...0xFF as ClosedRange<UInt8> {
            #expect(PayloadDecoder.number().decode([0x31, byte]).problem == .notANumber)
        }
    }

    @Test func theNumberOfDigitsIsNoProblem() {
        let decoder = PayloadDecoder.number()
        let digits = String(repeating: "3", count: 100_000)
        #expect(decoder.decode("0." + digits).readings.first?.value == .number(1.0 / 3))
        #expect(decoder.decode(digits).problem == .notFinite)
        #expect(decoder.decode("0," + String(repeating: "0", count: 100_000) + "1").readings.first?.value == .number(0))
    }

    @Test(arguments: 1...10 as ClosedRange<UInt64>)
    func aPrintedDoubleComesBackToTheBit(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let decoder = PayloadDecoder.number()
        for _ in 0..<10_000 {
            let number = Double(bitPattern: generator.next())
            guard number.isFinite else { continue }
            #expect(decoder.decode(number.description).readings.first?.value == .number(number), "\(number)")
        }
    }

    @Test func theOnlyFieldAddsNothingToTheName() {
        #expect(PayloadDecoder.number().fields == [nil])
    }
}
