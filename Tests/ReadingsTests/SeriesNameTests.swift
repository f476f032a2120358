import Readings
import Testing

@Suite struct SeriesNameTests {
    /// Every path of up to four of the characters that the escapes are made of, and long ones that differ at the end.
    static var zoo: [String] {
        let letters = ["%", "2", "5", "0", "A", "\n", "\u{7F}", "/", "\u{E9}"]
        var paths = [""]
        var longer = [""]
        for _ in 0..<4 {
            longer = longer.flatMap { path in letters.map { path + $0 } }
            paths += longer
        }
        for length in 1015...1030 {
            let head = String(repeating: "a", count: length)
            paths += [head, head + "b", head + "\u{E9}", head + "\u{1F600}", head + "\n", head + "%25"]
        }
        // The paths that look like the names of longer paths, and those that look like theirs.
        for _ in 0..<2 { paths += paths.map { SeriesName(path: $0).description }.filter { $0.utf8.count > 1000 } }
        return Array(Set(paths.map(ExactText.init))).map(\.string)
    }

    @Test func differentPathsHaveDifferentNames() {
        var paths: [SeriesName: String] = [:]
        for path in Self.zoo {
            let other = paths.updateValue(path, forKey: SeriesName(path: path))
            #expect(other == nil, "\(path.debugDescription) and \(other.debugDescription)")
        }
    }

    @Test func everyNameOfAPathIsAName() {
        for path in Self.zoo {
            let name = SeriesName(path: path)
            #expect(SeriesName(name.description) == name)
            #expect(SeriesName(path: path) == name)
        }
    }

    @Test(arguments: [
        ("plant/press-3/temperature", "plant/press-3/temperature"),
        ("", "%25"),
        ("/", "/"),
        ("a//b", "a//b"),
        ("a\nb", "a%0Ab"),
        ("100 %", "100 %"),
        ("a%0Ab", "a%250Ab"),
        ("\0", "%00"),
        ("\u{7F}", "%7F"),
    ])
    func pathsAreEscapedOnlyWhereTheyMust(path: String, name: String) {
        #expect(SeriesName(path: path).description == name)
    }

    @Test func aLongPathKeepsItsHeadAndWholeCharacters() {
        let name = SeriesName(path: String(repeating: "\u{1F600}", count: 300)).description
        #expect(name.hasPrefix(String(repeating: "\u{1F600}", count: 251) + "~"))
        #expect(name.utf8.count == 251 * 4 + 17)
    }

    @Test func aWrittenNameIsTakenAsItIsOrNotAtAll() {
        #expect(SeriesName("a%0Ab")?.description == "a%0Ab")
        #expect(SeriesName(String(repeating: "a", count: 1024)) != nil)
        for refused in ["", "a\nb", "\u{7F}", String(repeating: "a", count: 1025)] {
            #expect(SeriesName(refused) == nil)
        }
    }

    @Test func spellingsOfOneCharacterAreDifferentNames() {
        #expect(SeriesName("caf\u{E9}") != SeriesName("cafe\u{301}"))
    }

    @Test func namesAreOrderedByBytes() throws {
        let names = try ["b", "a/b", "\u{E9}", "a", "B", "\u{1F600}", "\u{FF5E}"].map { try #require(SeriesName($0)) }
        #expect(names.sorted().map(\.description) == ["B", "a", "a/b", "b", "\u{E9}", "\u{FF5E}", "\u{1F600}"])
    }
}
