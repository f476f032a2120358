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

    @Test(arguments: [
        ("21.5 C", 21.5), ("21.5\u{B0}C", 21.5), ("48 %", 48), ("48%", 48), (" -3,2 m/s\n", -3.2), ("1e3 Pa", 1000),
        ("5. V", 5), ("7 \u{B5}g/m\u{B3}", 7), ("1013 hPa", 1013), ("5 abcdefghijklmnop", 5),
        ("3 \u{2126}", 3), ("2 \u{3A9}", 2), ("0 eV", 0), ("12.5\tEUR", 12.5),
    ])
    func aUnitMayStandBehindTheNumber(payload: String, number: Double) {
        #expect(PayloadDecoder.number().decode(payload).readings.map(\.value) == [.number(number)])
        #expect(PayloadDecoder.number().decode(payload).problem == nil)
    }

    @Test func wordsAreThoseOfTheMapping() {
        let decoder = PayloadDecoder.number(NumberWords(true: ["Offen", "NaN", "1 auf"], false: ["zu"], null: ["--"]))
        for (payload, number) in [("OFFEN", 1.0), ("zu\n", 0), ("nan", 1), ("1 AUF", 1), ("2 auf", 2), ("7", 7)] {
            #expect(decoder.decode(payload).readings.map(\.value) == [.number(number)], "\(payload)")
        }
        #expect(decoder.problem(of: "on")?.detail == "neither a decimal number nor one of Offen, NaN, 1 auf, zu")
    }

    @Test(
        arguments: [
            ("", .empty), (" \n", .empty), ("NaN", .notFinite), ("-nan", .notFinite), ("inf", .notFinite),
            ("-INF", .notFinite), ("+Infinity", .notFinite), ("1e999", .notFinite), ("-1e999", .notFinite),
            ("1,8e308", .notFinite), ("0x1F", .notANumber), ("1_000", .notANumber), ("1,234.5", .notANumber),
            ("1.234,5", .notANumber), ("1,2,3", .notANumber), (",", .notANumber), (".", .notANumber),
            ("-", .notANumber),
            ("+", .notANumber), ("+-4", .notANumber), ("--4", .notANumber), ("-+4", .notANumber), ("4 5", .notANumber),
            ("1e", .notANumber), ("1e+", .notANumber), ("e5", .notANumber), ("1e5x3", .notANumber),
            ("12:30", .notANumber), ("0xFF", .notANumber),
            ("0xF", .notANumber), ("5 m2", .notANumber), ("5/", .notANumber), ("5 /s", .notANumber),
            ("5\u{661}", .notANumber),
            ("5 abcdefghijklmnopq", .notANumber), ("C 5", .notANumber), ("5 $", .notANumber), ("1.2.3 V", .notANumber),
            ("1e999 V", .notANumber), ("2024-02-24", .notANumber),
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
        #expect(PayloadDecoder.number().fields == [PayloadField()])
    }
}

@Suite struct TextPayloadTests {
    private let decoder = PayloadDecoder(.text, maxPayload: 1000)

    @Test(arguments: [("OPEN", "OPEN"), (" a b\r\n", "a b"), ("71.3", "71.3"), ("\u{E9}\0x", "\u{E9}\0x")])
    func aStateIsRead(payload: String, state: String) {
        #expect(decoder.decode(payload) == Decoded(readings: [DecodedReading(field: 0, value: .text(state))]))
    }

    @Test func whatIsNoStateIsRefused() {
        let longest = String(repeating: "x", count: 256)
        #expect(decoder.decode(" \(longest) ").readings.map(\.value) == [.text(longest)])
        #expect(decoder.decode("\(longest)x") == Decoded(readings: [], problem: .tooLarge))
        #expect(decoder.decode(" \n") == Decoded(readings: [], problem: .empty))
        #expect(decoder.decode([0xC3]) == Decoded(readings: [], problem: .notUTF8))
    }
}
