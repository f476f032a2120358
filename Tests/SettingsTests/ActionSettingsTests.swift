import Alarms
import Readings
import Testing

@testable import Settings

/// What stands in one `[[action]]` of a configuration that has a broker and a writable point; its first line is line 1.
private func load(action lines: String) -> LoadedSettings {
    var files = FakeFiles([
        "etc/outpost.toml": """
        [[action]]
        \(lines)
        [[mqtt]]
        name = "plant"
        broker = "mqtt://127.0.0.1"
        [[mqtt.topic]]
        filter = "n/+"
        series = "{topic}"
        format = "number"
        [[modbus]]
        name = "line-1"
        address = "tcp://127.0.0.1"
        [[modbus.device]]
        name = "io"
        [[modbus.device.point]]
        series = "siren"
        table = "coil"
        address = 0
        writable = true
        [[modbus.device.point]]
        series = "mode"
        address = 3
        labels = { 0 = "off", 2 = "alarm" }
        writable = true
        [[modbus.device.point]]
        series = "speed"
        address = 4
        """
    ])
    files.contents["/bin/siren"] = [0x7F]
    files.contents["/bin/plain"] = [0x7F]
    files.problems["/bin"] = FileProblem(kind: .directory, message: "")
    files.problems["/bin/secret"] = FileProblem(kind: .notPermitted, message: "")
    files.contents["etc/ca.crt"] = [0x2D]
    files.contents["etc/hook.secret"] = Array("s3cret\n".utf8)
    files.notRunnable = ["/bin/plain"]
    return load(files)
}

private func action(_ lines: String) throws -> ActionSettings {
    let loaded = load(action: lines)
    #expect(loaded.problems == [])
    return try #require(loaded.settings?.actions.first)
}

private func problems(_ lines: String) -> [String] {
    load(action: lines).problems.map { String($0.description.dropFirst("etc/outpost.toml:".count)) }
}

@Suite struct ActionSettingsTests {
    @Test func aBrokerIsToldOfEverything() throws {
        let action = try action("name = \"bus\"\nkind = \"mqtt\"\nbroker = \"plant\"")
        #expect(action.name == "bus")
        #expect(action.on == Set(AlarmEvent.Change.allCases))
        #expect(!action.isMover)
        #expect(action.retryFor == .seconds(3600))
        guard case .mqtt(let settings) = action.work else { throw WrongKind() }
        #expect(settings.broker == "plant")
        #expect(settings.qos == 1)
        #expect(
            settings.topic.filled { "<\($0.rawValue)>" } == "outpost/<gateway>/alarms/<alarm>/<series>")
        #expect(settings.events.description == "outpost/{gateway}/alarm-events")
    }

    @Test func aWebhookIsSigned() throws {
        let action = try action(
            """
            name = "office"
            kind = "webhook"
            url = "https://hook.example.com:8443/a?b=c"
            secret_file = "hook.secret"
            headers = { Authorization = "Bearer x" }
            ca_file = "ca.crt"
            on = ["raised"]
            retry_for = "0s"
            """)
        #expect(action.on == [.raised])
        #expect(action.retryFor == .zero)
        guard case .webhook(let settings) = action.work else { throw WrongKind() }
        #expect(settings.url.text == "https://hook.example.com:8443/a?b=c")
        // The path may be all that keeps others out.
        #expect(settings.url.description == "https://hook.example.com:8443")
        #expect(settings.secret?.reveal() == "s3cret")
        #expect(settings.headers.map(\.name) == ["Authorization"])
        #expect(settings.headers[0].value.reveal() == "Bearer x")
        #expect(settings.authorityFile == "etc/ca.crt")
        #expect(settings.timeout == .seconds(10))
    }

    @Test func argumentsOfACommandAreTemplates() throws {
        let action = try action(
            """
            name = "siren"
            kind = "command"
            command = ["/bin/siren", "-l={level}", "{{\\"a\\": {value}}", ""]
            """)
        #expect(action.on == [.raised, .level, .cleared, .repeated, .flood, .present])
        guard case .command(let settings) = action.work else { throw WrongKind() }
        #expect(settings.program == "/bin/siren")
        #expect(settings.arguments.map { $0.filled { "<\($0.rawValue)>" } } == ["-l=<level>", "{\"a\": <value>}", ""])
        #expect(settings.maxRunning == 4)
    }

    @Test func whatMovesSomethingIsToldOfNothing() throws {
        let siren = try action(
            "name = \"a\"\nkind = \"modbus_write\"\npoint = \"io/siren\"\nvalue = 1\nclear_value = 0\nfailsafe = 1.0")
        #expect(siren.until == .cleared)
        #expect(siren.on == [])
        #expect(siren.retryFor == .seconds(60))
        guard case .modbusWrite(let written) = siren.work else { throw WrongKind() }
        #expect(written.point.description == "io/siren")
        #expect([written.value, written.clearValue, written.failsafe] == ["1", "0", "1.0"])

        let lamp = try action("name = \"a\"\nkind = \"gpio\"\nline = 4\nuntil = \"acknowledged\"\nfailsafe = \"off\"")
        #expect(lamp.until == .acknowledged)
        guard case .gpio(let output) = lamp.work else { throw WrongKind() }
        #expect(output.chip == "/dev/gpiochip0")
        #expect(output.line == 4)
        #expect(output.failsafe == .off)
    }

    @Test func aLabelMayBeWritten() throws {
        let action = try action("name = \"a\"\nkind = \"modbus_write\"\npoint = \"io/mode\"\nvalue = \"alarm\"")
        guard case .modbusWrite(let written) = action.work else { throw WrongKind() }
        #expect(written.value == "alarm")
        #expect(written.clearValue == nil)
    }

    struct WrongKind: Error {}

    // MARK: - What is wrong

    @Test(arguments: [
        ("kind = \"log\"", "1:1: [[action]] needs name = \"siren\""),
        ("name = \"a b\"\nkind = \"log\"", "2:10: name: a name is 1 to 64 letters, digits, \".\", \"_\" and \"-\""),
        ("name = \"a\"", "1:1: [[action]] needs kind = \"mqtt\""),
        (
            "name = \"a\"\nkind = \"mail\"",
            "3:8: kind: \"mail\" is not known; known are \"mqtt\", \"webhook\", \"command\", \"modbus_write\", \"gpio\", \"log\""
        ),
        ("name = \"a\"\nkind = \"gpoi\"\nline = 1", "3:8: kind: \"gpoi\" is not known, did you mean \"gpio\"?"),
        ("name = \"a\"\nkind = \"log\"\nurl = \"http://a\"", "4:1: url belongs to kind = \"webhook\""),
        (
            "name = \"a\"\nkind = \"log\"\nuntil = \"cleared\"",
            "4:1: until belongs to kind = \"modbus_write\" or \"gpio\""
        ),
        (
            "name = \"a\"\nkind = \"gpio\"\nline = 1\non = [\"raised\"]",
            "5:1: on belongs to kind = \"mqtt\" or \"webhook\" or \"command\" or \"log\""
        ),
        (
            "name = \"a\"\nkind = \"log\"\ntiemout = 1",
            "4:1: unknown key \"tiemout\" in [[action]], did you mean \"timeout\"?"
        ),
        ("name = \"a\"\nkind = \"log\"\non = [\"rised\"]", "4:7: on: \"rised\" is not known, did you mean \"raised\"?"),
        ("name = \"a\"\nkind = \"log\"\non = []", "4:6: on: the array is empty"),
        (
            "name = \"a\"\nkind = \"log\"\non = [\"x\"]",
            "4:7: on: \"x\" is none of raised, level, cleared, acknowledged, reset, repeated, shelved, unshelved, "
                + "suppressed, enabled, removed, restored, chattering, settled, flood and present"
        ),
    ])
    func saysWhatIsWrongWithAnAction(lines: String, problem: String) {
        #expect(problems(lines).contains(problem), "\(problems(lines))")
    }

    @Test(arguments: [
        ("", "1:1: [[action]] needs broker = \"plant\""),
        ("broker = \"plnat\"", "4:10: broker: no [[mqtt]] section has the name \"plnat\", did you mean \"plant\"?"),
        ("topic = \"a/{alarm}/{serie}\"", "5:20: topic: \"{serie}\" is none of {gateway}, {alarm} and {series}"),
        (
            "topic = \"a/{alarm}/{series\"",
            "5:20: topic: \"{\" without \"}\" after it; \"{{\" stands for \"{\" itself"
        ),
        ("topic = \"a/+/{series}\"", "5:12: topic: \"+\" stands for other topics, and cannot be in one"),
        ("events = \"a/#\"", "5:13: events: \"#\" stands for other topics, and cannot be in one"),
        ("events = \"$SYS/a\"", "5:11: events: topics that begin with \"$\" are the broker's own"),
        ("topic = \"a\\u0000\"", "5:9: topic: control characters are not allowed"),
        (
            "topic = \"a/{alarm}\"",
            "5:9: warning: topic: without {alarm} and {series} several alarms may share a state, and the last to change is all that is kept"
        ),
        (
            "topic = \"a/{alarm}/{series}\"\nevents = \"a/{alarm}/{series}\"",
            "6:10: events: the state of an alarm is kept under this topic"
        ),
        ("qos = 2", "5:7: qos = 2 brings nothing here: at 1 nothing is lost"),
        ("retry_for = \"8d\"", "5:13: retry_for: \"8d\" is out of range: \"0s\" to \"1w\""),
    ])
    func saysWhatIsWrongWithABroker(lines: String, problem: String) {
        let broker = lines.isEmpty || lines.hasPrefix("broker") ? "" : "broker = \"plant\"\n"
        let found = problems("name = \"a\"\nkind = \"mqtt\"\n\(broker)\(lines)")
        #expect(found == [problem])
    }

    @Test(arguments: [
        ("", "1:1: [[action]] needs url = \"https://alarms.example.com/outpost\""),
        (
            "url = \"ftp://a\"",
            "4:7: url: an address has the form \"https://host/path\" or \"http://host:port/path\""
        ),
        ("url = \"https://\"", "4:16: url: behind https:// stands a host, with or without a port"),
        ("url = \"https://a:0/\"", "4:16: url: behind https:// stands a host, with or without a port"),
        ("url = \"https://a/b c\"", "4:19: url: this character is written %20 or the like in an address"),
        ("url = \"https://a/ü\"", "4:18: url: this character is written %20 or the like in an address"),
        ("url = \"https://a/b#c\"", "4:19: url: what stands behind \"#\" reaches no server"),
        (
            "url = \"https://me:pw@a/\"",
            "4:16: url: a user does not belong into the address: set headers = { Authorization = \"...\" }"
        ),
        ("url = \"http://a\"\nca_file = \"ca.crt\"", "5:1: ca_file needs an address with https://"),
        ("url = \"https://a\"\nca_file = \"no.crt\"", "5:11: ca_file: there is no file etc/no.crt"),
        (
            "url = \"https://a\"\ninsecure = true",
            "5:12: warning: insecure = true takes whoever answers for the server: for a try, not for a plant"
        ),
        ("url = \"https://a\"\nheaders = { \"a b\" = \"c\" }", "5:13: headers: \"a b\" cannot be the name of a header"),
        ("url = \"https://a\"\nheaders = { Host = \"c\" }", "5:13: headers: \"Host\" is set by the gateway"),
        ("url = \"https://a\"\nheaders = { A = \"c\", a = \"d\" }", "5:22: headers: \"a\" stands there twice"),
        ("url = \"https://a\"\nheaders = { A = \"c\\nB: d\" }", "5:17: A: control characters are not allowed"),
        ("url = \"https://a\"\nsecret = \"\"", "5:10: secret: the secret is empty"),
        ("url = \"https://a\"\nsecret_file = \"gone\"", "5:15: secret_file: there is no file etc/gone"),
    ])
    func saysWhatIsWrongWithAWebhook(lines: String, problem: String) {
        #expect(problems("name = \"a\"\nkind = \"webhook\"\n\(lines)") == [problem])
    }

    @Test(arguments: [
        ("", "1:1: [[action]] needs command = [\"/usr/local/bin/siren\", \"{alarm}\"]"),
        ("command = []", "4:11: command: the array is empty"),
        (
            "command = \"/bin/siren\"",
            "4:11: command: an array such as [\"/usr/local/bin/siren\", \"{alarm}\"] is expected, not a string"
        ),
        ("command = [\"siren\"]", "4:12: command: the program is a full path, such as \"/usr/local/bin/siren\""),
        ("command = [\"/bin/{alarm}\"]", "4:12: command: the program is a full path, such as \"/usr/local/bin/siren\""),
        ("command = [\"\"]", "4:12: command: the program is a full path, such as \"/usr/local/bin/siren\""),
        (
            "command = [\"/bin/siren\", \"{alrm}\"]",
            "4:27: command: \"{alrm}\" is none of {alarm}, {series}, {level}, {state}, {value} and {message}"
        ),
        ("command = [\"/bin/gone\"]", "4:12: warning: command: there is no file /bin/gone yet"),
        ("command = [\"/bin\"]", "4:12: warning: command: /bin is a directory"),
        ("command = [\"/bin/plain\"]", "4:12: warning: command: /bin/plain cannot be run: chmod +x /bin/plain"),
        ("command = [\"/bin/siren\", \"a\\u0000b\"]", "4:26: command: control characters are not allowed"),
        ("command = [\"/bin/siren\"]\nmax_running = 17", "5:15: max_running = 17 is out of range: 1 to 16"),
        ("command = [\"/bin/siren\"]\ntimeout = 10", "5:11: timeout: a duration needs a unit: write \"10s\""),
    ])
    func saysWhatIsWrongWithACommand(lines: String, problem: String) {
        #expect(problems("name = \"a\"\nkind = \"command\"\n\(lines)") == [problem])
    }

    /// Who may run a program need not be able to read it.
    @Test func aProgramThatCannotBeReadIsFine() {
        #expect(problems("name = \"a\"\nkind = \"command\"\ncommand = [\"/bin/secret\"]") == [])
    }

    @Test(arguments: [
        ("value = 1", "1:1: [[action]] needs point = \"main-io/siren\""),
        ("point = \"io/siren\"", "1:1: [[action]] needs value = 1"),
        (
            "point = \"io/siern\"\nvalue = 1",
            "4:9: point: no [[modbus]] section has the point \"io/siern\", did you mean \"io/siren\"?"
        ),
        (
            "point = \"io/speed\"\nvalue = 1",
            "4:9: point: the point \"io/speed\" is not marked: it needs writable = true"
        ),
        ("point = \"io/siren\"\nvalue = 2", "5:9: value: a coil is 0 or 1"),
        ("point = \"io/mode\"\nvalue = \"alert\"", "5:9: value: \"alert\" is none of off, alarm"),
        ("point = \"io/mode\"\nvalue = 70000", "5:9: value: 70000.0 does not fit into u16"),
        ("point = \"io/siren\"\nvalue = 1\nclear_value = 3", "6:15: clear_value: a coil is 0 or 1"),
        ("point = \"io/siren\"\nvalue = 1\nfailsafe = \"on\"", "6:12: failsafe: \"on\" is no number"),
        (
            "point = \"io/siren\"\nvalue = true",
            "5:9: value: a number or one of its labels such as 1 is expected, not a boolean"
        ),
        (
            "point = \"io/siren\"\nvalue = 1\nuntil = \"cleard\"",
            "6:9: until: \"cleard\" is not known, did you mean \"cleared\"?"
        ),
    ])
    func saysWhatIsWrongWithAPoint(lines: String, problem: String) {
        #expect(problems("name = \"a\"\nkind = \"modbus_write\"\n\(lines)") == [problem])
    }

    @Test(arguments: [
        ("", "1:1: [[action]] needs line = 17, the number of the output on its chip"),
        ("line = 1024", "4:8: line = 1024 is out of range: 0 to 1023"),
        ("line = 1\nchip = \"gpiochip0\"", "5:8: chip: a chip is a device such as \"/dev/gpiochip0\""),
        ("line = 1\nfailsafe = 0", "5:12: failsafe: a string such as \"off\" is expected, not an integer"),
    ])
    func saysWhatIsWrongWithAnOutput(lines: String, problem: String) {
        #expect(problems("name = \"a\"\nkind = \"gpio\"\n\(lines)") == [problem])
    }

    @Test func noTwoShareANameOrAnOutput() {
        let text = """
            [[action]]
            name = "a"
            kind = "gpio"
            line = 1
            [[action]]
            name = "a"
            kind = "gpio"
            line = 1
            """
        #expect(
            problems(in: text) == [
                "6:8: name: \"a\" is the name of the action at etc/outpost.toml:2:8 too",
                "8:8: line: the action at etc/outpost.toml:4:8 has this line of /dev/gpiochip0 too",
            ])
    }

    /// Else an alarm about its own message would never come to an end.
    @Test(arguments: [
        ("#", "", true), ("outpost/#", "", true), ("outpost/+/alarms/+/+", "", true), ("+/+/alarm-events", "", true),
        ("outpost/+/alarms/+/+/+", "", true), ("outpost/other/#", "", false), ("plant/#", "", false),
        ("outpost/+", "", false), ("#", "except = [\"outpost/**\"]", false), ("#", "only = [\"plant/**\"]", false),
    ])
    func itsOwnMessagesAreNoReadings(filter: String, lines: String, isWarnedOf: Bool) {
        let text = """
            [gateway]
            id = "gw"
            [[mqtt]]
            name = "plant"
            broker = "mqtt://127.0.0.1"
            [[mqtt.topic]]
            filter = "a"
            series = "a"
            format = "number"
            [[mqtt]]
            name = "again"
            broker = "mqtt://127.0.0.1:1883"
            [[mqtt.topic]]
            filter = "\(filter)"
            series = "{topic}"
            format = "number"
            \(lines)
            [[action]]
            name = "a"
            kind = "mqtt"
            broker = "plant"
            """
        let found = problems(in: text).map { $0.drop { $0 != " " } }
        #expect(
            found
                == (isWarnedOf
                    ? [
                        " warning: the subscription \"\(filter)\" takes what this action publishes for readings: leave that "
                            + "out by except, such as except = [\"outpost/**\"]"
                    ] : []))
    }

    /// One mistake is one message.
    @Test func aBrokenSectionIsNotAMissingOne() {
        let text = """
            [[mqtt]]
            name = "plant"
            broker = "mqtt://127.0.0.1:x"
            [[mqtt.topic]]
            filter = "a"
            series = "a"
            format = "number"
            [[action]]
            name = "a"
            kind = "mqtt"
            broker = "plant"
            """
        #expect(problems(in: text).count == 1)
    }

    @Test func withoutAnySectionNoneIsNamed() {
        let text = "[[action]]\nname = \"a\"\nkind = \"mqtt\"\nbroker = \"plant\""
        #expect(problems(in: text) == ["4:10: broker: there is no [[mqtt]] section that it could be"])
        let write = "[[action]]\nname = \"a\"\nkind = \"modbus_write\"\npoint = \"a/b\"\nvalue = 1"
        #expect(problems(in: write) == ["4:9: point: no [[modbus]] section has the point \"a/b\"; none is writable"])
    }

    @Test func secretsDoNotShowThemselves() throws {
        let action = try action(
            """
            name = "office"
            kind = "webhook"
            url = "https://hook.example.com/T0KEN"
            secret = "${S:-hidden}"
            headers = { Authorization = "hidden" }
            """)
        #expect(!"\(action)".contains("hidden"))
    }
}
