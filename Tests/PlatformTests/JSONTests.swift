import Foundation
import Platform
import TestSupport
import Testing

@Suite struct JSONTests {
    @Test(
        arguments: [
            (.null, "null"), (true, "true"), (false, "false"), (7, "7"), (.integer(Int64.min), "-9223372036854775808"),
            (.number(1.5), "1.5"), (.number(-0.0), "-0.0"), (.number(.nan), "null"), (.number(.infinity), "null"),
            (.number(-.infinity), "null"), (.number(1e300), "1e+300"), (.number(.leastNonzeroMagnitude), "5e-324"),
            ("", #""""#), ([], "[]"), ([:], "{}"), ([1, [.null], ["a": "b"]], #"[1,[null],{"a":"b"}]"#),
            (.object([("b", 1), ("a", 2), ("b", 3)]), #"{"b":1,"a":2,"b":3}"#),
            ("\"\\\n\r\t/", #""\"\\\n\r\t/""#), ("\u{0}\u{8}\u{1F}\u{7F}", #""\u0000\u0008\u001f\u007f""#),
            ("e\u{301} \u{e9} \u{1F600} \u{2028}", "\"e\u{301} \u{e9} \u{1F600} \u{2028}\""),
            (["\"\n": 1], #"{"\"\n":1}"#),
        ] as [(JSON, String)])
    func itIsWrittenAsExpected(json: JSON, text: String) {
        #expect(json.description.utf8.elementsEqual(text.utf8), "\(json)")
    }

    /// Another parser finds the same texts, to the byte.
    @Test func anyTextComesBack() throws {
        for _ in 0..<500 {
            let seed = UInt64.random(in: 0 ... .max)
            var generator = SeededGenerator(seed: seed)
            let (key, value) = (randomText(using: &generator), randomText(using: &generator))
            let text = JSON.object([(key, .array([.text(value), .null]))]).description
            #expect(!text.utf8.contains { $0 < 0x20 || $0 == 0x7F }, "seed \(seed)")
            let parsed = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: [Any]]
            let member = try #require(parsed?.first, "seed \(seed): \(text)")
            #expect(member.key.utf8.elementsEqual(key.utf8), "seed \(seed): \(text)")
            let found = try #require(member.value.first as? String, "seed \(seed): \(text)")
            #expect(found.utf8.elementsEqual(value.utf8), "seed \(seed): \(text)")
        }
    }

    /// JSONDecoder, as JSONSerialization does not find the nearest number itself.
    @Test func anyNumberComesBackToTheBit() throws {
        for _ in 0..<2000 {
            let seed = UInt64.random(in: 0 ... .max)
            var generator = SeededGenerator(seed: seed)
            let number = Double(bitPattern: generator.next())
            let numbers = JSON.array([.number(number)]).description
            let found = try JSONDecoder().decode([Double?].self, from: Data(numbers.utf8))
            #expect(found.first??.bitPattern == (number.isFinite ? number.bitPattern : nil), "seed \(seed): \(numbers)")
            let integer = Int64(bitPattern: generator.next())
            let integers = JSON.array([.integer(integer)]).description
            #expect(try JSONDecoder().decode([Int64].self, from: Data(integers.utf8)) == [integer], "seed \(seed)")
        }
    }
}
