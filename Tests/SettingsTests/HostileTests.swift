import Settings
import TestSupport
import Testing

private func load(bytes: [UInt8]) -> LoadedSettings {
    var files = FakeFiles([:])
    files.contents["etc/outpost.toml"] = bytes
    return load(files)
}

private func repeated(_ text: String, _ count: Int = 10_000) -> String { String(repeating: text, count: count) }

/// A malformed or monstrous document; tests are named after it, since the text would fill the screen.
struct Hostile: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let text: String
    let problem: String

    init(_ name: String, _ text: String, _ problem: String) {
        testDescription = name
        self.text = text
        self.problem = problem
    }
}

@Suite struct HostileTests {
    private static let tooDeep = "more than 64 levels of tables and arrays are not supported"

    @Test(arguments: [
        Hostile("arrays", "a = " + repeated("["), "1:69: \(tooDeep)"),
        Hostile("closed arrays", "a = " + repeated("[") + repeated("]"), "1:69: \(tooDeep)"),
        Hostile("arrays on lines", "a = [\n" + repeated("[\n"), "65:1: \(tooDeep)"),
        Hostile("inline tables", "a = " + repeated("{a="), "1:197: \(tooDeep)"),
        Hostile("inline tables with dotted keys", "a = " + repeated("{a.a.a="), "1:154: \(tooDeep)"),
        Hostile("dotted key", repeated("a.") + "a = 1", "1:130: \(tooDeep)"),
        Hostile("quoted dotted key", repeated("\"a\".'b'.") + "a = 1", "1:260: \(tooDeep)"),
        Hostile("header", "[" + repeated("a.") + "a]", "1:129: \(tooDeep)"),
        Hostile("header of tables", "[[" + repeated("a.") + "a]]", "1:128: \(tooDeep)"),
        Hostile("behind a comment", "# ' \"\n\"'\" = '#\\'\n" + repeated("a.") + "a = 1", "3:130: \(tooDeep)"),
        Hostile(
            "behind strings of many lines",
            "a = \"\"\"\n\"\" \\\"\"\"\"\"\"\nb = '''\n''\\'''''\n" + repeated("a.") + "a = 1",
            "5:130: \(tooDeep)"),
    ])
    func tooDeepNestingIsRefused(_ hostile: Hostile) {
        #expect(problems(in: hostile.text) == [hostile.problem])
    }

    @Test(
        arguments: [
            "gateway.data = \"\(repeated("./"))\"", "gateway.data = '\(repeated("["))'", "# \(repeated("."))",
            "gateway.data = \"\"\"\(repeated("[."))\"\"\"", "gateway.data = \"\\\"\(repeated("."))\"",
            "[store]\n" + repeated("# [[[\n"),
        ].map { Hostile("harmless: " + $0.prefix(20), $0, "") })
    func whatOnlyLooksNestedIsFine(_ hostile: Hostile) {
        #expect(problems(in: hostile.text) == [])
    }

    @Test func theDeepestAllowedNestingWorks() {
        #expect(problems(in: "a = " + repeated("[", 64) + repeated("]", 64)).count == 1)
        #expect(problems(in: repeated("a.", 64) + "a = 1").count == 1)
        #expect(problems(in: repeated("a = [[[]], {b.c = 1}]\n[x]\n", 1)).count == 2)
    }

    @Test(
        arguments: [
            ([0xFF], 1, 1), (Array("[gateway]\nid = \"ä".utf8) + [0xC3, 0x28], 2, 8),
            (Array("a = 1 # ".utf8) + [0xC3], 1, 9),
            ([0xEF, 0xBB, 0xBF, 0x23, 0xED, 0xA0, 0x80], 1, 2), (Array("\r\n\r\n".utf8) + [0x80], 3, 1),
        ] as [([UInt8], Int, Int)])
    func invalidUTF8HasAPlace(bytes: [UInt8], line: Int, column: Int) {
        #expect(
            load(bytes: bytes).problems.map(\.description)
                == ["etc/outpost.toml:\(line):\(column): this byte is not UTF-8: save the file as UTF-8"])
    }

    @Test(arguments: [
        "", "\n", "# nothing\n# at all", "\u{FEFF}", "\u{FEFF}[gateway]\r\nid = \"x\"\r\n",
        "[gateway]\r\n\r\n[log]\r\n",
    ])
    func isAccepted(text: String) {
        #expect(problems(in: text) == [])
    }

    @Test(arguments: [
        Case(
            "\u{FEFF}id = 1",
            "1:1: unknown key \"id\" at the top of the file"
                + "; known are \"gateway\", \"log\", \"store\", \"retention\", \"mqtt\", \"modbus\", \"modbus_server\", \"action\""
                + ", \"alarms\", \"alarm\""
        ),
        Case(
            "[log]\r\nlevel = \"x\"\r\n",
            "2:9: level: \"x\" is not known; known are \"error\", \"warning\", \"info\", \"debug\""),
        Case(
            "[gateway]\nid = \"a\"\nid = \"b\"",
            "3:6: not TOML (key-value pair): cannot redefine existing string 'id'"),
        Case("[log]\n[log]", "2:1: not TOML (table header): cannot redefine existing table 'log'"),
        Case(
            "[store]\nmax_size = 99999999999999999999",
            "2:32: not TOML (decimal integer): '99999999999999999999' is not representable in 64 bits"
                + "; text, durations and sizes stand in quotes, such as \"10s\""),
        Case(
            "[store]\nmax_series = 9223372036854775807",
            "2:14: max_series = 9223372036854775807 is out of range: 1 to 10000000"),
        Case(
            "[store]\ncommit_every = 9223372036854775807",
            "2:16: commit_every: a duration needs a unit: write \"9223372036854775807s\""),
        Case(
            "[store]\ncommit_every = 07:32:00",
            "2:16: commit_every: a duration such as \"500ms\" is expected, not a date or time"),
        Case(
            "[store]\ncommit_every = 10s",
            "2:18: not TOML (decimal integer): expected digit, saw 's'"
                + "; text, durations and sizes stand in quotes, such as \"10s\""
        ),
        Case("[.]", "1:2: not TOML (key): expected bare key starting character or string delimiter, saw '.'"),
        Case("[!]", "1:2: not TOML (key): expected bare key starting character or string delimiter, saw '!'"),
        Case("a\0 = 1", "1:2: not TOML (key-value pair): expected '=', saw '\\u0000'"),
        Case("[gateway]\nid = \"x", "2:8: not TOML (string): encountered end-of-file"),
    ])
    func isExplained(_ example: Case) {
        #expect(problems(in: example.text) == example.problems)
    }

    @Test func anEnormousFileIsRefusedByItsSize() {
        let found = load(bytes: [UInt8](repeating: 0x23, count: 50_000_000)).problems
        #expect(
            found.map(\.description) == ["etc/outpost.toml: a configuration has 4 MiB at most; this file is larger"])
    }

    @Test func endlessKeysAreCutInMessages() {
        let found = problems(in: repeated("k", 4_000_000) + " = 1")
        #expect(found.count == 1)
        #expect(found[0].utf8.count < 250)
    }
}

/// Whatever is done to a configuration, it loads or says where it does not.
@Suite struct SettingsFuzzTests {
    @Test(arguments: 0..<20 as Range<UInt64>)
    func aDamagedSampleIsLoadedOrExplained(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for round in 0..<1000 {
            let bytes = damaged(Settings.sample, using: &generator)
            let loaded = load(bytes: bytes)
            let errors = loaded.problems.filter { $0.severity == .error }
            #expect((loaded.settings == nil) == !errors.isEmpty, "seed \(seed), round \(round)")
            for problem in loaded.problems where !isInRange(problem, of: bytes) {
                Issue.record("seed \(seed), round \(round): \(problem)")
            }
        }
    }

    /// The parser would run out of stack on so many levels, so none may get past the limit unseen, whatever quotes and
    /// comments stand before them.
    @Test func nothingHidesNesting() {
        let seed: UInt64 = 1
        var generator = SeededGenerator(seed: seed)
        let pieces = [
            "\"", "'", "\"\"\"", "'''", "\\", "#", "\n", "\r\n", "a", " ", "=", ".", ",", "[", "]", "{", "}", "a = ",
            "1",
        ]
        let deep = repeated("a.", 50_000) + "a = 1"
        for round in 0..<1000 {
            let count = Int.random(in: 0...12, using: &generator)
            let start = (0..<count).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
            let loaded = load(bytes: Array("\(start)\n\(deep)".utf8))
            #expect(loaded.settings == nil, "seed \(seed), round \(round): \(start)")
        }
    }

    /// One column behind the end of a line is where something is missing; at the end of the file the parser counts the
    /// line end before it as a column too.
    private func isInRange(_ problem: Problem, of bytes: [UInt8]) -> Bool {
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard let line = problem.line, let column = problem.column, (1...lines.count).contains(line) else {
            return false
        }
        let isLast = line == lines.count - 1 && lines[line].isEmpty
        return (1...(lines[line - 1].count + (isLast ? 2 : 1))).contains(column)
    }

    private func damaged(_ bytes: [UInt8], using generator: inout SeededGenerator) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...3, using: &generator) { damage(&bytes, using: &generator) }
        return bytes
    }

    private func damage(_ bytes: inout [UInt8], using generator: inout SeededGenerator) {
        guard let position = bytes.indices.randomElement(using: &generator) else { return }
        let line = lineRange(around: position, in: bytes)
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: bytes[position] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        case 1: bytes[position] = Array("[]{}.=\"'#,\n\\$0aE-_:+".utf8).randomElement(using: &generator) ?? 0
        case 2: bytes.removeSubrange(line)
        case 3: bytes.insert(contentsOf: bytes[line], at: line.lowerBound)
        case 4: bytes.removeSubrange(position...)
        default: uncomment(line, of: &bytes)
        }
    }

    /// Most of the sample is comments, which nothing can break.
    private func uncomment(_ line: Range<Int>, of bytes: inout [UInt8]) {
        guard let hash = bytes[line].firstIndex(of: UInt8(ascii: "#")) else { return }
        bytes.remove(at: hash)
    }

    private func lineRange(around position: Int, in bytes: [UInt8]) -> Range<Int> {
        let newline = UInt8(ascii: "\n")
        let start = bytes[..<position].lastIndex(of: newline).map { $0 + 1 } ?? 0
        let end = bytes[position...].firstIndex(of: newline).map { $0 + 1 } ?? bytes.count
        return start..<end
    }
}
