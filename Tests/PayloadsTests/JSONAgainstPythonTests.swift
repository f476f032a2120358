import Payloads
import Platform
import Readings
import TestSupport
import Testing

/// Documents read by the decoder and by Debian's Python, to the last bit and the last character.
@Suite struct JSONAgainstPythonTests {
    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func bothReadTheSame(seed: UInt64) throws {
        var documents = RandomDocuments(seed: seed)
        let all = (0..<2500).map { $0 % 3 == 0 ? documents.damaged() : documents.next() }
        let answers = try python(all)
        var refused = 0
        for (document, answer) in zip(all, answers) {
            #expect(Self.decoded(document) == answer, "\(String(decoding: document, as: UTF8.self))")
            refused += answer == "refused" ? 1 : 0
        }
        // Both kinds have to be there for this to say anything.
        #expect((200...1200).contains(refused))
    }

    /// What Python takes and the decoder refuses, all of it by a rule of the decoder's.
    @Test(
        arguments: [
            ("NaN", .notJSON), ("[Infinity]", .notJSON), (#"{"a":-Infinity}"#, .notJSON),
            (#"["\ud800"]"#, .notJSON), (#"{"\udc00":1}"#, .notJSON), (#"["\ud800\u0041"]"#, .notJSON),
            (String(repeating: "[", count: 33) + "1" + String(repeating: "]", count: 33), .tooDeep),
            ("18446744073709551616", .notJSON), ("-9223372036854775809", .notJSON), ("1e309", .notJSON),
            ("-1.8e308", .notJSON),
        ] as [(String, PayloadProblem.Reason)])
    func whatIsRefusedOnPurpose(document: String, reason: PayloadProblem.Reason) throws {
        let decoder = Self.decoder()
        #expect(decoder.decode(document) == Decoded(readings: [], problem: reason))
        #expect(try python([Array(document.utf8)], isStrict: false) != ["refused"])
        #expect(try python([Array(document.utf8)]) == ["refused"])
    }

    @Test(arguments: [
        "", " ", "\u{FEFF}1", "[1,]", "{\"a\":1,}", "01", "1.", ".5", "+1", "-", "1e", "0x10", "'a'", "[1 2]", "\"\t\"",
        "\"\\x\"",
        "\"\\u12\"", "tru", "1 1", "{\"a\"}", "{1:2}", "[1]]", "/* */1", "\u{A0}1",
    ])
    func whatBothRefuse(document: String) throws {
        #expect(Self.decoded(Array(document.utf8)) == "refused")
        #expect(try python([Array(document.utf8)]) == ["refused"])
    }

    // MARK: - The decoder

    private static func decoder() -> PayloadDecoder {
        let everything = JSONMapping.Everything(texts: true)
        return PayloadDecoder(.json(JSONMapping(values: .everything(everything))), maxPayload: 65_536)
    }

    /// As the script says it.
    private static func decoded(_ document: [UInt8]) -> String {
        let decoder = decoder()
        let decoded = decoder.decode(document)
        if let problem = decoded.problem, problem != .noSuchField { return "refused" }
        let items = decoded.readings.map { reading in
            let path = hex(Array((decoder.fields[reading.field].suffix ?? "").utf8))
            return switch reading.value {
            case .number(let number): "\(path)=n\(padded(number.bitPattern))"
            case .text(let text): "\(path)=t\(hex(Array(text.utf8)))"
            case .absent: "\(path)=a"
            }
        }
        return items.joined(separator: " ")
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    private static func padded(_ bits: UInt64) -> String {
        let digits = String(bits, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }

    // MARK: - Python

    /// Reads documents in hexadecimal, one a line. The rules of the decoder that JSON does not have are here again: what it
    /// refuses on purpose, which texts are numbers, and that null counts for what is known.
    private static let script = """
        import json, math, re, struct, sys
        strict = sys.argv[1] == 'strict'
        class Refused(Exception): pass
        def refuse(_): raise Refused()
        def integer(text):
            number = int(text)
            if not -2**63 <= number < 2**64: raise Refused()
            return number
        def finite(text):
            number = float(text)
            if math.isinf(number): raise Refused()
            return number
        options = dict(parse_constant=refuse, parse_int=integer, parse_float=finite) if strict else {}
        class Pairs(list): pass
        NUMBER = re.compile(r'[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?')
        def number_in(text):
            text = text.strip(' \\t\\n\\v\\f\\r')
            if ',' in text:
                if '.' in text or text.count(',') > 1: return None
                text = text.replace(',', '.')
            if not NUMBER.fullmatch(text): return None
            number = float(text)
            return None if math.isinf(number) else number
        def flatten(value, path, depth, out):
            if isinstance(value, list):
                if strict and depth >= 32: raise Refused()
                pairs = value if isinstance(value, Pairs) else [(str(i), v) for i, v in enumerate(value)]
                for key, below in pairs: flatten(below, path + '/' + key if path else key, depth + 1, out)
                return
            path.encode()
            if value is None: out.append((path, 'a', None))
            elif isinstance(value, str):
                number = number_in(value)
                text = value.encode()
                if number is not None: out.append((path, 'n', number))
                elif len(text) <= 256: out.append((path, 't', text))
            else: out.append((path, 'n', float(value)))
        def answer(document):
            out = []
            flatten(json.loads(document.decode(), object_pairs_hook=Pairs, **options), '', 0, out)
            known, items = set(), []
            for path, kind, value in out:
                if kind == 'a':
                    if path not in known: continue
                    shown = ''
                else:
                    known.add(path)
                    shown = value.hex() if kind == 't' else struct.pack('>d', value).hex()
                items.append(f'{path.encode().hex()}={kind}{shown}')
            return ' '.join(items)
        with open('answers', 'w') as answers:
            for line in open('documents'):
                try: answers.write(answer(bytes.fromhex(line.strip())))
                except Refused: answers.write('refused')
                except UnicodeEncodeError: answers.write('refused' if strict else 'taken')
                except ValueError: answers.write('refused')
                answers.write('\\n')
        """

    private func python(_ documents: [[UInt8]], isStrict: Bool = true) throws -> [String] {
        let directory = TemporaryDirectory()
        let lines = documents.map { Self.hex($0) + "\n" }.joined()
        try Files.write(Array(lines.utf8), to: directory.path + "/documents")
        try Files.write(Array(Self.script.utf8), to: directory.path + "/script.py")
        let command = "cd '\(directory.path)' && exec /usr/bin/python3 script.py \(isStrict ? "strict" : "loose")"
        #expect(try ChildProcess("/bin/sh", ["-c", command]).wait().status == 0)
        let answers = String(decoding: try Files.read(directory.path + "/answers"), as: UTF8.self)
        let split = answers.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
        try #require(split.count == documents.count)
        return split
    }
}

/// Documents with all that JSON allows.
private struct RandomDocuments {
    private var generator: SeededGenerator

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    mutating func next() -> [UInt8] {
        var text = space()
        append(to: &text, depth: 0, deepest: chance(20) ? 32 : 4)
        return Array((text + space()).utf8)
    }

    /// With a few bytes taken out, put in or exchanged.
    mutating func damaged() -> [UInt8] {
        var document = next()
        for _ in 0...Int.random(in: 0..<3, using: &generator) {
            let at = Int.random(in: 0...document.count, using: &generator)
            let replacement = Bool.random(using: &generator) ? [oneOf(Array("{}[]\",:\\u0e+-. 9\0\u{1F}".utf8))] : []
            let end = min(document.count, at + Int.random(in: 0...2, using: &generator))
            document.replaceSubrange(
                at..<end, with: chance(30) ? [UInt8.random(in: 0x80...0xFF, using: &generator)] : replacement)
        }
        return document
    }

    private mutating func chance(_ one: Int) -> Bool { Int.random(in: 0..<one, using: &generator) == 0 }
    private mutating func oneOf<T>(_ choices: [T]) -> T { choices.randomElement(using: &generator)! }
    private mutating func space() -> String { chance(3) ? oneOf([" ", "\n", "\t", "\r\n", "  "]) : "" }

    private mutating func append(to text: inout String, depth: Int, deepest: Int) {
        // A deep one has one branch.
        let isNested = depth < deepest && (deepest > 4 || Bool.random(using: &generator))
        guard isNested else {
            text += scalar()
            return
        }
        let isObject = Bool.random(using: &generator)
        let count = deepest > 4 ? 1 : Int.random(in: 0...4, using: &generator)
        text += isObject ? "{" : "["
        for index in 0..<count {
            text += (index > 0 ? "," : "") + space()
            if isObject { text += key() + space() + ":" + space() }
            append(to: &text, depth: depth + 1, deepest: deepest)
            text += space()
        }
        text += isObject ? "}" : "]"
    }

    private mutating func key() -> String {
        oneOf([
            #""a""#, #""b""#, #""a""#, #""""#, #""a/b""#, #""0""#, #""\u00e9""#, "\"\u{1F600}\"", #""\ud83d\ude00""#,
            #""\n""#,
        ])
    }

    private mutating func scalar() -> String {
        switch Int.random(in: 0..<10, using: &generator) {
        case 0: oneOf(["true", "false", "null", "null"])
        case 1: "\(Int64.random(in: .min ... .max, using: &generator))"
        case 2: "\(UInt64.random(in: 0...(.max), using: &generator))"
        case 3: numberAtALimit()
        case 4: "\(Double(bitPattern: finiteBits()))"
        case 5: digits()
        case 6: "\(Int.random(in: -1000...1000, using: &generator))"
        default: string()
        }
    }

    private mutating func finiteBits() -> UInt64 {
        UInt64.random(in: 0..<0x7FF0_0000_0000_0000, using: &generator) | (Bool.random(using: &generator) ? 1 << 63 : 0)
    }

    private mutating func numberAtALimit() -> String {
        oneOf([
            "0", "-0", "-0.0", "0.0e999", "1e308", "1.7976931348623157e308", "1.7976931348623158e308", "1.8e308",
            "5e-324",
            "2.4703282292062327e-324", "2.4703282292062328e-324", "1e-400", "-1e-5000", "9223372036854775807",
            "-9223372036854775808", "9223372036854775808", "18446744073709551615", "9007199254740993",
            "-9007199254740993",
            "9007199254740992.9999999999999999999999999999999999999999", "2.2250738585072011e-308", "1E+2", "1e+0",
            "1.0E-0",
            "0.1e1", "18446744073709551616", "100000000000000000000", "123456789012345678901234567890.5",
        ])
    }

    /// More of them than any double holds.
    private mutating func digits() -> String {
        var text = "1"
        for _ in 0..<Int.random(in: 0...40, using: &generator) { text += "\(Int.random(in: 0...9, using: &generator))" }
        text += "."
        for _ in 0...Int.random(in: 0...40, using: &generator) { text += "\(Int.random(in: 0...9, using: &generator))" }
        return text + "e\(Int.random(in: -330...280, using: &generator))"
    }

    private mutating func string() -> String {
        var text = "\""
        for _ in 0..<(chance(20) ? 300 : Int.random(in: 0...12, using: &generator)) { text += character() }
        return text + "\""
    }

    private mutating func character() -> String {
        oneOf([
            "a", "7", "1", ".", ",", "-", "e", " ", #"\""#, #"\\"#, #"\/"#, #"\b"#, #"\f"#, #"\n"#, #"\r"#, #"\t"#,
            #"\u0000"#,
            #"\u0037"#, #"\u00e9"#, #"\uFFFF"#, #"\ud83d\ude00"#, #"\uDBFF\uDFFF"#, "\u{E9}", "\u{7F}", "\u{2028}",
            "\u{FFFD}",
            "\u{1F600}", "\u{10FFFF}",
        ])
    }
}
