import Readings
import Testing

@Suite struct SeriesGlobTests {
    @Test(
        arguments: [
            ("drill/pressure", ["drill/pressure"], ["drill", "drill/pressure/x", "Drill/pressure"]),
            ("drill/pressure-*", ["drill/pressure-", "drill/pressure-12"], ["drill/pressure", "drill/pressure-1/x"]),
            ("cnc/*/vibration", ["cnc/7/vibration", "cnc//vibration"], ["cnc/vibration", "cnc/7/8/vibration"]),
            ("*", ["a"], ["a/b", "/"]),
            ("a?c", ["abc", "a\u{E9}c", "a\u{1F600}c"], ["ac", "abbc", "a/c"]),
            ("**", ["a", "a/b", "/", "a//b"], []),
            ("a/**", ["a", "a/b", "a/b/c"], ["ab", "b/a"]),
            ("**/a", ["a", "b/a", "c/b/a"], ["a/b", "ba"]),
            ("a/**/b", ["a/b", "a/x/b", "a/x/y/b", "a/b/b"], ["a", "a/x", "ab"]),
            ("**/a/**/b/**", ["a/b", "x/a/y/b/z", "a/a/b/b"], ["b/a", "a", "b"]),
            ("a**b", ["ab", "axxb"], ["a/b"]),
            ("*a*b*", ["ab", "xaxbx", "aab"], ["ba", "a/b"]),
            ("[a]{b}", ["[a]{b}"], ["a", "ab"]),
            ("a.b\\*", ["a.b\\", "a.b\\c"], ["axb", "a.b*"]),
            ("", [], ["a", "/"]),
            ("/", ["/"], ["a", "//"]),
        ] as [(String, [String], [String])])
    func aPatternMatchesTheseAndNotThose(pattern: String, these: [String], those: [String]) throws {
        let glob = SeriesGlob(pattern)
        #expect(glob.description == pattern)
        for name in these { #expect(glob.matches(try #require(SeriesName(name))), "\(name)") }
        for name in those { #expect(!glob.matches(try #require(SeriesName(name))), "\(name)") }
    }

    /// Each of these would take longer than the universe lasts if every star were tried with every length.
    @Test func manyStarsAreNoHarderThanOne() throws {
        let name = try #require(SeriesName(String(repeating: "a", count: 1024)))
        #expect(!SeriesGlob(String(repeating: "*a", count: 100) + "*b").matches(name))
        let path = try #require(SeriesName(String(repeating: "a/", count: 511) + "a"))
        #expect(!SeriesGlob(String(repeating: "**/a/", count: 100) + "b").matches(path))
        #expect(!SeriesGlob(String(repeating: "**/*a*a*/", count: 100) + "b").matches(path))
    }

    /// All short patterns against all short names, beside a matcher that tries everything.
    @Test func agreesWithTryingEverything() throws {
        let patterns = Self.words(of: ["a", "*", "?", "/"], upTo: 5)
        let names = try Self.words(of: ["a", "b", "/"], upTo: 4).dropFirst().map { try #require(SeriesName($0)) }
        for pattern in patterns {
            let glob = SeriesGlob(pattern)
            let levels = pattern.split(separator: "/", omittingEmptySubsequences: false)[...]
            for name in names {
                let expected = Self.tryLevels(
                    levels, name.description.split(separator: "/", omittingEmptySubsequences: false)[...])
                #expect(glob.matches(name) == expected, "\(pattern) \(name)")
            }
        }
    }

    private static func words(of letters: [String], upTo length: Int) -> [String] {
        var words = [""]
        var longest = [""]
        for _ in 0..<length {
            longest = longest.flatMap { word in letters.map { word + $0 } }
            words += longest
        }
        return words
    }

    private static func tryLevels(_ pattern: ArraySlice<Substring>, _ name: ArraySlice<Substring>) -> Bool {
        guard let level = pattern.first else { return name.isEmpty }
        if level == "**" {
            return tryLevels(pattern.dropFirst(), name) || (!name.isEmpty && tryLevels(pattern, name.dropFirst()))
        }
        guard let first = name.first else { return false }
        return tryCharacters(level, first) && tryLevels(pattern.dropFirst(), name.dropFirst())
    }

    private static func tryCharacters(_ pattern: Substring, _ text: Substring) -> Bool {
        guard let character = pattern.first else { return text.isEmpty }
        if character == "*" {
            return tryCharacters(pattern.dropFirst(), text)
                || (!text.isEmpty && tryCharacters(pattern, text.dropFirst()))
        }
        guard let first = text.first, character == "?" || character == first else { return false }
        return tryCharacters(pattern.dropFirst(), text.dropFirst())
    }
}
