import Payloads
import Readings
import Settings
import Testing

/// A file, and all that is said about it.
struct Case: Sendable, CustomTestStringConvertible {
    let text: String
    let problems: [String]

    init(_ text: String, _ problems: String...) {
        self.text = text
        self.problems = problems
    }

    var testDescription: String { text }
}

@Suite struct GeneralSectionTests {
    @Test func anEmptyFileIsAllDefaults() throws {
        let settings = try #require(load("").settings)
        #expect(settings.gateway == load("[gateway]\nid = \"host-1\"\ndata = \"/var/lib/outpost\"").settings?.gateway)
        #expect(settings.log.level == .info)
        #expect(settings.store.durability == .power)
        #expect(settings.store.commitEvery == .milliseconds(500))
        #expect(settings.store.maxSize == 20_000_000_000)
        #expect(settings.store.maxSeries == 10_000)
        #expect(settings.store.reserve == 500_000_000)
        #expect(settings.store.headMemory == 16 << 20)
        #expect(settings.store.sealAfter == .seconds(3600))
        #expect(settings.store.rollups == [.seconds(60), .seconds(3600), .seconds(86_400)])
        #expect(settings.retention.isEmpty)
        #expect(settings.mqtt.isEmpty)
    }

    @Test func everyValueIsTaken() throws {
        let text = """
            [gateway]
            id = "press-hall"
            data = "data/here"
            [log]
            level = "debug"
            [store]
            durability = "process"
            commit_every = "1s"
            max_size = 16777216
            max_series = 10_000_000
            reserve = 0
            head_memory = "256MiB"
            seal_after = "24h"
            rollups = ["1s", "15m", "31d"]
            """
        let settings = try #require(load(text, hostname: "?").settings)
        #expect(settings.gateway.id == "press-hall")
        #expect(settings.gateway.data == "data/here")
        #expect(settings.log.level == .debug)
        #expect(settings.store.durability == .process)
        #expect(settings.store.commitEvery == .seconds(1))
        #expect(settings.store.maxSize == 16 << 20)
        #expect(settings.store.maxSeries == 10_000_000)
        #expect(settings.store.reserve == 0)
        #expect(settings.store.headMemory == 256 << 20)
        #expect(settings.store.sealAfter == .seconds(86_400))
        #expect(settings.store.rollups == [.seconds(1), .seconds(900), .seconds(31 * 86_400)])
    }

    private static let idRule = "id: a name is 1 to 64 letters, digits, \".\", \"_\" and \"-\""

    @Test(arguments: [
        Case("[gateway]\nid = \"press hall\"", "2:12: \(idRule)"),
        Case("[gateway]\nid = 'prä'", "2:9: \(idRule)"),
        Case("[gateway]\nid = \"a\\u0020b\"", "2:6: \(idRule)"),
        Case("[gateway]\nid = \"\"\"a b\"\"\"", "2:6: \(idRule)"),
        Case("[gateway]\nid = \"\(String(repeating: "x", count: 65))\"", "2:6: \(idRule)"),
        Case("[gateway]\nid = \"\"", "2:6: id: the text is empty"),
        Case("[gateway]\ndata = \"a\\u0000\"", "2:8: data: control characters are not allowed"),
        Case(
            "[gateway]\ndata = 1979-05-27",
            "2:8: data: a string such as \"/var/lib/outpost\" is expected, not a date or time"),
        Case("[gateway]\ndata = [\"x\"]", "2:8: data: a string such as \"/var/lib/outpost\" is expected, not an array"),
        Case("gateway = \"x\"", "1:11: gateway: a table such as [gateway] is expected, not a string"),
        Case("[[gateway]]", "1:1: gateway: a table such as [gateway] is expected, not an array"),
        Case("[log]\nlevel = \"inof\"", "2:9: level: \"inof\" is not known, did you mean \"info\"?"),
        Case(
            "[log]\nlevel = \"loud\"",
            "2:9: level: \"loud\" is not known; known are \"error\", \"warning\", \"info\", \"debug\""),
        Case("[log]\nlevel = true", "2:9: level: a string such as \"info\" is expected, not a boolean"),
        Case("[store]\ndurability = \"powr\"", "2:14: durability: \"powr\" is not known, did you mean \"power\"?"),
        Case("[store]\ncommit_every = 10", "2:16: commit_every: a duration needs a unit: write \"10s\""),
        Case(
            "[store]\ncommit_every = 0.5",
            "2:16: commit_every: a duration such as \"500ms\" is expected, not a number with a fraction"),
        Case(
            "[store]\ncommit_every = \"5ms\"",
            "2:16: commit_every: \"5ms\" is out of range: \"10ms\" to \"1m\""),
        Case("[store]\ncommit_every = \"1m1ms\"", "2:16: commit_every: \"1m1ms\" is out of range: \"10ms\" to \"1m\""),
        Case("[store]\ncommit_every = \"1s5x\"", "2:19: commit_every: \"x\" is none of the units y, w, d, h, m, s, ms"),
        Case("[store]\nmax_size = \"1MB\"", "2:12: max_size: \"1MB\" is out of range: at least \"16MiB\""),
        Case("[store]\nmax_size = -1", "2:12: max_size: \"-1\" is not a size such as \"64MiB\" or \"20GB\""),
        Case("[store]\nmax_size = {}", "2:12: max_size: a size such as \"20GB\" is expected, not a table"),
        Case("[store]\nmax_series = 0", "2:14: max_series = 0 is out of range: 1 to 10000000"),
        Case("[store]\nmax_series = \"9\"", "2:14: max_series: an integer such as 10000 is expected, not a string"),
        Case(
            "[store]\nhead_memory = \"1MiB\"", "2:15: head_memory: \"1MiB\" is out of range: \"4MiB\" to \"256MiB\""),
        Case("[store]\nseal_after = \"25h\"", "2:14: seal_after: \"25h\" is out of range: \"1s\" to \"1d\""),
        Case(
            "[store]\nrollups = \"1m\"",
            "2:11: rollups: an array such as [\"1m\", \"1h\"] is expected, not a string"),
        Case("[store]\nrollups = [\"1m\", 60]", "2:18: rollups: a duration needs a unit: write \"60s\""),
        Case("[store]\nrollups = [\"1500ms\"]", "2:12: rollups: \"1s500ms\" is not a whole number of seconds"),
        Case("[store]\nrollups = [\"32d\"]", "2:12: rollups: \"32d\" is out of range: \"1s\" to \"31d\""),
        Case(
            "[store]\nrollups = [\"1m\", \"90s\", \"1h\"]",
            "2:18: rollups: \"1m30s\" is no multiple of \"1m\", the one before"),
        Case(
            "[store]\nrollups = [\"1h\", \"1m\", \"1h\"]",
            "2:18: rollups: \"1m\" is no multiple of \"1h\", the one before",
            "2:24: rollups: \"1h\" is no multiple of \"1h\", the one before"),
        Case(
            "[store]\nrollups = [\"1s\", \"2s\", \"4s\", \"8s\", \"16s\", \"32s\", \"64s\"]",
            "2:50: rollups: there are 6 at most"),
        Case("[store]\nmax_sieze = 1", "2:1: unknown key \"max_sieze\" in [store], did you mean \"max_size\"?"),
        Case("[stor]", "1:2: unknown key \"stor\" at the top of the file, did you mean \"store\"?"),
        Case(
            "[gateway]\n\"\\u001b\\\"\" = 1",
            "2:1: unknown key \"\\u{1b}\"\" in [gateway]; known are \"id\", \"data\", \"time_zone\""),
    ])
    func refuses(_ example: Case) {
        #expect(problems(in: example.text) == example.problems)
    }

    @Test(arguments: ["", "a b", "prä", String(repeating: "x", count: 65)])
    func theHostsNameMustDoAsID(hostname: String) {
        let message = """
            the host's name "\(hostname.count > 64 ? hostname.prefix(64) + "..." : hostname)" cannot be the gateway's: \
            set id in [gateway] (1 to 64 letters, digits, ".", "_" and "-")
            """
        #expect(load("", hostname: hostname).problems.map(\.description) == ["etc/outpost.toml: \(message)"])
        #expect(problems(in: "\n[gateway]", hostname: hostname) == ["2:1: \(message)"])
    }
}

@Suite struct ConnectionTests {
    @Test func defaultsAreFilledIn() throws {
        let mqtt = try #require(load(connection + "format = \"number\"").settings?.mqtt.first)
        #expect(mqtt.name == "plant")
        #expect(mqtt.broker.description == "mqtt://127.0.0.1:1883")
        #expect(mqtt.username == nil)
        #expect(mqtt.password == nil)
        #expect(mqtt.clientID == "outpost-host-1-plant")
        #expect(mqtt.keepalive == .seconds(30))
        #expect(mqtt.maxPayload == 262_144)
        let topic = try #require(mqtt.topics.first)
        #expect(topic.filter.description == "a/+")
        #expect(topic.qos == 1)
        #expect(topic.format == .payload(.number(NumberMapping())))
        #expect(topic.unit == nil)
        #expect(topic.tags.isEmpty)
        #expect(topic.retained == .ignore)
    }

    @Test func everyValueIsTaken() throws {
        let text = """
            [[mqtt]]
            name = "plant"
            broker = "mqtt://[::1]:1884"
            username = "me"
            password = "you"
            client_id = "x"
            keepalive = "1h"
            max_payload = "1kB"
            [[mqtt.topic]]
            filter = "a/#"
            series = "b/{9}"
            format = "json"
            qos = 0
            unit = "bar"
            tags = { hall = "3", "line no" = "A" }
            retained = "store"
            fields = { zz = "last", "a.b" = "first", '["a.b"][0]' = "quoted" }
            time = "ts"
            time_format = "ms"
            """
        let mqtt = try #require(load(text).settings?.mqtt.first)
        #expect(mqtt.broker.host == "::1")
        #expect(mqtt.username == "me")
        #expect(mqtt.password?.reveal() == "you")
        #expect(mqtt.clientID == "x")
        #expect(mqtt.keepalive == .seconds(3600))
        #expect(mqtt.maxPayload == 1000)
        let topic = try #require(mqtt.topics.first)
        #expect(topic.qos == 0)
        #expect(topic.unit == "bar")
        #expect(topic.tags == ["hall": "3", "line no": "A"])
        #expect(topic.retained == .store)
        let fields = [
            JSONMapping.Field(path: try JSONPath(parsing: "zz"), suffix: "last"),
            JSONMapping.Field(path: try JSONPath(parsing: "a.b"), suffix: "first"),
            JSONMapping.Field(path: try JSONPath(parsing: "[\"a.b\"][0]"), suffix: "quoted"),
        ]
        let time = TimeField(path: try JSONPath(parsing: "ts"), format: .milliseconds)
        #expect(topic.format == .payload(.json(JSONMapping(values: .fields(fields), time: time))))
    }

    @Test(arguments: [
        Case(
            "[[mqtt]]",
            "1:1: [[mqtt]] needs at least one [[mqtt.topic]]",
            "1:1: [[mqtt]] needs broker = \"mqtt://127.0.0.1:1883\"",
            "1:1: [[mqtt]] needs name = \"plant\""),
        Case("mqtt = 1", "1:8: mqtt: an array of tables such as [[mqtt]] is expected, not an integer"),
        Case("[mqtt]", "1:1: mqtt: an array of tables such as [[mqtt]] is expected, not a table"),
        Case("mqtt = [1]", "1:8: mqtt: an array of tables such as [[mqtt]] is expected, not an array"),
        Case(
            "[[mqtt]]\nname = \"a\"\nbroker = \"mqtt://a\"\ntopic = []",
            "1:1: [[mqtt]] needs at least one [[mqtt.topic]]"),
        Case(
            "[[mqtt]]\nname = \"a\"\nbroker = \"mqtt://a\"\ntopic = 1",
            "4:9: topic: an array of tables such as [[mqtt.topic]] is expected, not an integer"),
    ])
    func refusesConnections(_ example: Case) {
        #expect(problems(in: example.text) == example.problems)
    }

    /// Each line stands as the fourth in a connection that is complete without it.
    @Test(arguments: [
        Case("keepalive = \"2h\"", "4:13: keepalive: \"2h\" is out of range: \"10s\" to \"1h\""),
        Case("max_payload = 0", "4:15: max_payload: \"0\" is out of range: \"1B\" to \"16MiB\""),
        Case(
            "  intervall = 1",
            "4:3: unknown key \"intervall\" in [[mqtt]]"
                + "; known are \"name\", \"broker\", \"tls\", \"username\", \"password\", \"password_file\""
                + ", \"client_id\", \"keepalive\", \"protocol\", \"session_expiry\", \"max_payload\", \"status\", \"topic\""
        ),
        Case("keepalife = \"10s\"", "4:1: unknown key \"keepalife\" in [[mqtt]], did you mean \"keepalive\"?"),
        Case("client_id = \"\"", "4:13: client_id: the text is empty"),
        Case("password = \"x\"", "4:12: password needs a username: without one MQTT carries no password"),
    ])
    func refusesKeys(_ example: Case) {
        let text = """
            [[mqtt]]
            name = "plant"
            broker = "mqtt://127.0.0.1"
            \(example.text)
            [[mqtt.topic]]
            filter = "a/+"
            series = "{topic}"
            format = "number"
            """
        #expect(problems(in: text) == example.problems)
    }

    @Test func anAddressWithAPasswordIsRefusedWithoutShowingIt() {
        let found = problems(in: connection.replacing("127.0.0.1", with: "me:hunter2@host") + "format = \"number\"")
        #expect(
            found == ["3:28: broker: a user does not belong into the address: set username and password_file"])
    }

    @Test func connectionsDifferInNameAndSession() {
        let taken = "the connection at etc/outpost.toml:1:1 has the same broker and client_id: each would end the other"
        let one = connection + "format = \"number\"\n"
        #expect(
            problems(in: one + one) == [
                "8:1: \(taken)",
                "9:8: name: \"plant\" is the name of the connection at etc/outpost.toml:2:8 too",
            ])
        let other = one.replacing("\"plant\"", with: "\"other\"\nclient_id = \"outpost-host-1-plant\"")
        #expect(
            problems(in: one + other) == [
                "10:13: \(taken)"
            ])
        #expect(problems(in: one + other.replacing("127.0.0.1", with: "127.0.0.2")) == [])
    }
}

@Suite struct TopicTests {
    /// Each text goes on after the seventh line, in a topic that has all but its format.
    @Test(arguments: [
        Case("", "4:1: [[mqtt.topic]] needs format = \"number\""),
        Case("format = \"josn\"\nvalue = \"v\"", "7:10: format: \"josn\" is not known, did you mean \"json\"?"),
        Case(
            "format = \"number\"\nqos = 2",
            "8:7: qos = 2 brings nothing here: at 1 nothing is lost, and the journal keeps a repeated reading once"),
        Case("format = \"number\"\nqos = 3", "8:7: qos = 3 is out of range: 0 to 1"),
        Case(
            "format = \"number\"\nqos = 1.0",
            "8:7: qos: an integer such as 1 is expected, not a number with a fraction"),
        Case(
            "format = \"number\"\nvalue = \"v\"\ntime_format = \"ms\"",
            "8:1: value belongs to format = \"json\"", "9:1: time_format belongs to format = \"json\" or \"csv\""),
        Case("format = \"number\"\nunit = \"\"", "8:8: unit: the text is empty"),
        Case(
            "format = \"number\"\ntags = \"x\"", "8:8: tags: a table such as { line = \"A\" } is expected, not a string"
        ),
        Case("format = \"number\"\ntags = { a = 1 }", "8:14: a: a string such as \"text\" is expected, not an integer"),
        Case("format = \"number\"\ntags = { a.b = \"c\" }", "8:10: tags: a key with a dot in it stands in quotes"),
        Case(
            "format = \"number\"\nretained = \"drop\"",
            "8:12: retained: \"drop\" is not known; known are \"ignore\", \"store\""),
        Case(
            "format = \"json\"",
            "4:1: [[mqtt.topic]] needs value = \"path\", fields = { path = \"suffix\" } or fields = \"*\""),
        Case("format = \"json\"\nvalue = \"v\"\nfields = { t = \"u\" }", "9:1: value and fields exclude each other"),
        Case(
            "format = \"json\"\nvalue = \"a..b\"",
            "8:12: value: \".\" is not expected here in a path such as data.ch[0].v"),
        Case("format = \"json\"\nfields = {}", "8:10: fields: the table is empty"),
        Case("format = \"json\"\nfields = { a.b = \"c\" }", "8:12: fields: a key with a dot in it stands in quotes"),
        Case(
            "format = \"json\"\nfields = { 'a[' = \"c\" }",
            "8:12: fields: between [ and ] stands an index such as [0], or [*] for all"),
        Case(
            "format = \"json\"\nfields = { a = \"c\", b = \"c\" }",
            "8:21: fields: \"c\" is the suffix of another path too"),
        Case(
            "format = \"json\"\nvalue = \"v\"\ntime_format = \"ms\"", "9:1: time_format needs time = \"path\" beside it"
        ),
        Case(
            "format = \"json\"\nvalue = \"v\"\ntime = \"t\"\ntime_format = \"rfc3993\"",
            "10:15: time_format: \"rfc3993\" is not known, did you mean \"rfc3339\"?"),
        Case(
            "format = \"json\"\nvalue = \"v\"\ntime = \"t\"\ntime_format = \"msec\"",
            "10:15: time_format: \"msec\" is not known"
                + "; known are \"s\", \"ms\", \"us\", \"ns\", \"rfc3339\", \"auto\""),
        Case(
            "format = \"number\"\nscale = \"x\"", "8:9: scale: a number such as 0.1 is expected, not a string"),
        Case(
            "format = \"number\"\ntrue_words = [\"an\", \"ON\"]\nfalse_words = [\"aus\", \"on\"]",
            "9:15: false_words: \"on\" is one of the true words too"),
        Case("format = \"number\"\ntrue_words = []", "8:14: true_words: the array is empty"),
        Case("format = \"number\"\ntrue_words = [\"\"]", "8:15: true_words: the text is empty"),
        Case(
            "format = \"text\"\ntrue_words = [\"an\"]",
            "8:1: true_words belongs to format = \"number\" or \"json\" or \"availability\""),
        Case(
            "format = \"json\"\nfields = \"all\"",
            "8:10: fields: a table such as { t = \"temperature\" } is expected, or \"*\" for all numbers"),
        Case("format = \"json\"\nfields = \"*\"\nvalue = \"v\"", "9:1: value and fields = \"*\" exclude each other"),
        Case("format = \"json\"\nvalue = \"v\"\nignore = [\"a\"]", "9:1: ignore needs fields = \"*\" beside it"),
        Case(
            "format = \"json\"\nfields = \"*\"\ntexts = 1",
            "9:9: texts: a boolean such as false is expected, not an integer"),
        Case(
            "format = \"json\"\nfields = \"*\"\nname = \"a[*]\"",
            "9:8: name: [*] leads to several values, where one is needed"),
        Case(
            "format = \"json\"\nfields = \"*\"\neach = \"a[\"",
            "9:10: each: between [ and ] stands an index such as [0], or [*] for all"),
        Case("format = \"number\"\neach = \"$\"", "8:1: each belongs to format = \"json\""),
        Case(
            "format = \"line\"\nprecision = \"n\"",
            "8:13: precision: \"n\" is not known; known are \"s\", \"ms\", \"us\", \"ns\", \"auto\""),
        Case("format = \"csv\"", "4:1: [[mqtt.topic]] needs columns = [\"time\", \"temperature\"]"),
        Case("format = \"csv\"\ncolumns = [\"a\", \"\", \"\", \"a\"]", "8:11: columns: two columns have the same name"),
        Case("format = \"csv\"\ncolumns = [\"time\", \"\"]", "8:11: columns: none of them is a value"),
        Case("format = \"csv\"\ncolumns = []", "8:11: columns: the array is empty"),
        Case("format = \"csv\"\ncolumns = [1]", "8:12: columns: a string such as \"text\" is expected, not an integer"),
        Case("format = \"csv\"\ncolumns = [\"a\"]\ntime_format = \"s\"", "9:1: time_format needs a column \"time\""),
        Case(
            "format = \"csv\"\ncolumns = [\"a\"]\nseparator = \":\"",
            "9:13: separator: \":\" is not known; known are \",\", \";\", \"|\", \" \", \"tab\""),
        Case("format = \"binary\"", "4:1: [[mqtt.topic]] needs layout = \"<u16 i16:0.1 f32 bits:3\""),
        Case(
            "format = \"binary\"\nlayout = \"<u16 bits:2\"",
            "4:1: [[mqtt.topic]] needs names = [...]: one for each of the 3 fields of its layout"),
        Case(
            "format = \"binary\"\nlayout = \"<u16 u17\"\nnames = [\"a\"]",
            "8:16: layout: \"u17\" is none of u8, u16, u24, u32, u64, i8 to i64, f32, f64, bits:3 and x"),
        Case(
            "format = \"binary\"\nlayout = \"<u16 u8\"\nnames = [\"a\"]", "9:9: names: the layout has 2 fields, not 1"),
        Case(
            "format = \"binary\"\nlayout = \"<u16 u8\"\nnames = [\"a\", \"a\"]",
            "9:9: names: two fields have the same name"),
        Case("format = \"number\"\nscale = 0", "8:9: scale = 0 leaves nothing of a number"),
        Case("format = \"number\"\noffset = nan", "8:10: offset: a finite number is expected"),
        Case(
            "format = \"number\"\nvalid = [5, 1]",
            "8:9: valid: two numbers are expected, the smaller first, such as [0, 120]"),
        Case(
            "format = \"number\"\nvalid = [1, nan]",
            "8:9: valid: two numbers are expected, the smaller first, such as [0, 120]"),
        Case("format = \"number\"\nvalid = [1, \"a\"]", "8:13: valid: a number such as 0.5 is expected, not a string"),
        Case(
            "format = \"number\"\nmax_skew = \"of\"",
            "8:12: max_skew: \"of\" is not a duration such as \"10s\" or \"1h30m\""),
        Case("format = \"number\"\ndeadband = -1", "8:12: deadband: 0 or more is expected"),
        Case("format = \"number\"\nheartbeat = \"1h\"", "8:1: heartbeat needs deadband beside it"),
        Case(
            "format = \"number\"\ndeadband = 1\nheartbeat = \"1h\"\nmin_interval = \"1s\"",
            "10:1: min_interval says nothing beside deadband and heartbeat"),
        Case(
            "format = \"number\"\ndeadban = 1",
            "8:1: unknown key \"deadban\" in [[mqtt.topic]], did you mean \"deadband\"?"),
    ])
    func refuses(_ example: Case) {
        #expect(problems(in: connection + example.text) == example.problems)
    }

    @Test(arguments: [
        ("a/+", "{topic}/{2}", "6:10: series: this filter has no level {2}: they count from 0, and its last is {1}"),
        (
            "a/+", "{topik}",
            "6:11: series: \"{topik}\" is neither \"{topic}\" nor \"{field}\" nor a topic level such as \"{1}\""
                + ", counted from 0"
        ),
        ("a/+", "x/{field}", "6:10: series: the payload adds nothing that could stand for {field}"),
        ("a/+", "ä}", "6:12: series: \"}\" without \"{\" before it"),
        ("a/+", "\\u0041}", "6:10: series: \"}\" without \"{\" before it"),
        ("a/b+/c", "x", "5:13: filter: \"+\" stands for one whole level of a topic filter"),
        ("a/#/c", "{9}", "5:13: filter: \"#\" stands alone, as the last level of a topic filter"),
    ])
    func pointsIntoTemplates(filter: String, series: String, problem: String) {
        let text = connection.replacing("a/+", with: filter).replacing("{topic}", with: series)
        #expect(problems(in: text + "format = \"number\"") == [problem])
    }

    @Test(
        arguments: [
            ("", nil), ("deadband = 2", StoreRule(deadband: 2, silence: 900_000_000)),
            ("deadband = 0\nheartbeat = \"1m\"", StoreRule(deadband: 0, silence: 60_000_000)),
            ("deadband = 1\nmin_interval = \"10s\"", StoreRule(deadband: 1, silence: 100_000_000)),
            ("min_interval = \"500ms\"", StoreRule(silence: 500_000)),
        ] as [(String, StoreRule?)])
    func storesOnChange(text: String, rule: StoreRule?) throws {
        let settings = try #require(load(connection + "format = \"number\"\n" + text).settings)
        #expect(settings.mqtt[0].topics[0].store == rule)
    }

    @Test func wordsStandForNumbers() throws {
        let text = "format = \"number\"\ntrue_words = [\"open\"]"
        let settings = try #require(load(connection + text).settings)
        #expect(
            settings.mqtt[0].topics[0].format
                == .payload(
                    .number(
                        NumberMapping(
                            words: NumberWords(
                                true: ["open"], false: ["false", "off"], null: NumberWords.usual.nullWords)))))
    }

    @Test func everyNumberOfADocument() throws {
        let text = """
            format = "json"
            each = "$"
            name = "id"
            fields = "*"
            include = ["a/*"]
            ignore = ["**/b", "c"]
            texts = true
            """
        let settings = try #require(load(connection + text).settings)
        let everything = JSONMapping.Everything(
            include: [SeriesGlob("a/*")], ignore: [SeriesGlob("**/b"), SeriesGlob("c")], texts: true)
        let mapping = JSONMapping(
            each: .root, name: try JSONPath(parsing: "id"), values: .everything(everything))
        #expect(settings.mqtt[0].topics[0].format == .payload(.json(mapping)))
    }

    @Test func numbersHaveRules() throws {
        let text = "format = \"number\"\nscale = 0.1\noffset = -4\nvalid = [0, inf]\nmax_skew = \"off\""
        let settings = try #require(load(connection + text).settings)
        #expect(settings.mqtt[0].topics[0].rules == ReadingRules(scale: 0.1, offset: -4, valid: 0 ... .infinity))
        let plain = try #require(load(connection + "format = \"number\"").settings)
        #expect(plain.mqtt[0].topics[0].rules == ReadingRules(maxSkew: 315_360_000_000_000))
    }

    @Test func twoTopicsMayHaveOneFilter() {
        let topic = "[[mqtt.topic]]\nfilter = \"a/+\"\nseries = \"{topic}\"\nformat = \"number\"\n"
        #expect(load(connection + "format = \"number\"\n" + topic).settings?.mqtt.first?.topics.count == 2)
    }
}

@Test func manyProblemsAreFoundAtOnceAndInOrder() {
    let text = """
        [gateway]
        id = "press hall"
        date = "/data"
        [log]
        level = "inof"
        [store]
        commit_every = 10
        max_size = "20gb"
        [[mqtt]]
        name = "plant"
        broker = "http://host"
          [[mqtt.topic]]
          filter = "a/#/b"
          qos = 2
          format = "jsn"
        [stroe]
        """
    #expect(
        problems(in: text).map { $0.prefix { $0 != " " } + " " + $0.split(separator: " ")[1] } == [
            "2:12: id:", "3:1: unknown", "5:9: level:", "7:16: commit_every:", "8:12: max_size:", "11:10: broker:",
            "12:3: [[mqtt.topic]]", "13:15: filter:", "14:9: qos", "15:12: format:", "16:2: unknown",
        ])
}
