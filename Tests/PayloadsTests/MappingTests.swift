import Payloads
import Readings
import Testing

/// The offset of the error, or nil where there is none.
private func errorOffset(_ parse: () throws(MappingError) -> Void) -> Int? {
    do {
        try parse()
        return nil
    } catch {
        return error.offset
    }
}

@Suite struct SeriesTemplateTests {
    @Test(
        arguments: [
            ("{topic}", "plant/boiler/temp", nil, "plant/boiler/temp"),
            ("{1}/{2}", "plant/boiler/temp", nil, "boiler/temp"),
            ("sensors/{1}", "sensors/12", "temperature", "sensors/12/temperature"),
            ("{0}{0}", "a/b", nil, "aa"),
            ("x-{1}", "a//b", nil, "x-"),
            ("{topic}", "a", "", "a/"),
            ("plain", "a/b", nil, "plain"),
            ("{1}", "a/\u{E9}\n", nil, "\u{E9}%0A"),
            ("{field}", "a/b", "w/x/t", "w/x/t"),
            ("{field}/{1}", "a/b", "t", "t/b"),
            ("{0}{field}", "a/b", nil, "a"),
            ("{3}", "a/b/c", nil, nil),
            ("{99999}", "a", nil, nil),
        ] as [(String, String, String?, String?)])
    func aTopicBecomesAName(template: String, topic: String, suffix: String?, name: String?) throws {
        #expect(try SeriesTemplate(parsing: template).name(topic: topic, suffix: suffix)?.description == name)
    }

    @Test(arguments: [
        ("", 0), ("}", 0), ("a}", 1), ("{", 0), ("a/{1", 2), ("{}", 0), ("\u{E9}{x}", 2), ("{-1}", 0), ("{1.5}", 0),
        ("{100000}", 0), ("{{topic}}", 0), ("{topic}}", 7), ("{Topic}", 0), ("{1}{ 2}", 3), ("{\u{661}}", 0),
    ])
    func aBrokenTemplateIsRefusedAtItsOffset(template: String, offset: Int) {
        #expect(errorOffset { () throws(MappingError) in _ = try SeriesTemplate(parsing: template) } == offset)
    }

    @Test(arguments: [("{topic}", nil), ("a", nil), ("{0}", 0), ("{2}/{7}/{3}", 7)] as [(String, Int?)])
    func theHighestLevelIsKnown(template: String, level: Int?) throws {
        #expect(try SeriesTemplate(parsing: template).highestLevel == level)
    }
}

@Suite struct TopicFilterTests {
    @Test(
        arguments: [
            ("plant/+/+", 3), ("ledger/+", 2), ("#", nil), ("+", 1), ("+/#", nil), ("a/#", nil), ("/", 2), ("/+/", 3),
            ("a", 1), ("$SYS/broker", 2), ("a b/c", 2), ("$share/hall/plant/+", 2), ("$share/hall/#", nil),
            ("$share/hall//a", 2), ("$shared/a", 2),
        ] as [(String, Int?)])
    func aFilterIsTaken(filter: String, levels: Int?) throws {
        let parsed = try TopicFilter(parsing: filter)
        #expect(parsed.description == filter)
        #expect(parsed.levelCount == levels)
        let isShared = filter.hasPrefix("$share/")
        #expect(parsed.pattern == (isShared ? String(filter.dropFirst("$share/hall/".count)) : filter))
    }

    @Test(arguments: [
        ("", 0), ("a#", 0), ("a/#/b", 2), ("#/a", 0), ("a/b#", 2), ("##", 0), ("a+", 0), ("a/+b/c", 2), ("++", 0),
        ("$share", 0), ("$share/", 0), ("$share/hall", 0), ("$share/hall/", 0), ("$share//a", 0), ("$share/+/a", 0),
        ("$share/hall/a#", 12), ("+#", 0), ("\u{E9}/a+", 3), ("a\0", 1),
        (String(repeating: "a", count: 65_536), 65_535),
    ])
    func aBrokenFilterIsRefusedAtItsOffset(filter: String, offset: Int) {
        #expect(errorOffset { () throws(MappingError) in _ = try TopicFilter(parsing: filter) } == offset)
    }
}

@Suite struct JSONPathTests {
    @Test(
        arguments: [
            ("value", [.key("value")]),
            ("data.ch[0].v", [.key("data"), .key("ch"), .index(0), .key("v")]),
            ("[0]", [.index(0)]),
            ("[0][12].a", [.index(0), .index(12), .key("a")]),
            (#"["a.b"].c"#, [.key("a.b"), .key("c")]),
            (#"a["b c"]["d"]"#, [.key("a"), .key("b c"), .key("d")]),
            (#"[""]"#, [.key("")]),
            (#"["[0]"]"#, [.key("[0]")]),
            ("params.switch:0.apower", [.key("params"), .key("switch:0"), .key("apower")]),
            ("$a.@b.c-d.e_f.g/h.0", [.key("$a"), .key("@b"), .key("c-d"), .key("e_f"), .key("g/h"), .key("0")]),
            ("caf\u{E9}", [.key("caf\u{E9}")]),
            ("[999999]", [.index(999_999)]),
            ("[*].ch[*]", [.any, .key("ch"), .any]),
            (#"["*"]"#, [.key("*")]),
        ] as [(String, [JSONPath.Step])])
    func aPathIsTaken(text: String, steps: [JSONPath.Step]) throws {
        let path = try JSONPath(parsing: text)
        #expect(path.steps == steps)
        #expect(try JSONPath(parsing: path.description) == path)
    }

    @Test(arguments: [
        ("", 0), (".", 0), (".a", 0), ("a.", 1), ("a..b", 2), ("a.[0]", 2), (#"a.["b"]"#, 2), ("[", 0), ("[]", 0),
        ("a[x]", 1), ("a[-1]", 1), ("a[1", 1), ("a[1000000]", 1), ("[0]a", 3), (#"["a]"#, 0), (#"["a""#, 0),
        (#"["a"b"]"#, 0), ("a b", 1), ("\u{E9}.\u{E9} x", 5), ("a]", 1), ("ch[**].v", 2), ("ch[*", 2), ("a.*", 2),
        ("a,b", 1),
    ])
    func aBrokenPathIsRefusedAtItsOffset(text: String, offset: Int) {
        #expect(errorOffset { () throws(MappingError) in _ = try JSONPath(parsing: text) } == offset)
    }

    @Test(arguments: ["value", "data.ch[0].v", #"["a.b"].c"#, #"a["b c"].d"#, "[0][1].a", #"[""]"#])
    func aPathIsDescribedAsItIsWritten(text: String) throws {
        #expect(try JSONPath(parsing: text).description == text)
    }
}
