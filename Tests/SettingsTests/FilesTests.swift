import Settings
import Testing

@Suite struct FilesTests {
    @Test func filesOfADirectoryAreAdded() throws {
        let loaded = load(
            FakeFiles([
                "etc/outpost.toml": "[store]\ndurability = \"process\"\n" + connection + "format = \"number\"",
                "etc/conf.d/20.toml": connection.replacing("plant", with: "third") + "format = \"number\"",
                "etc/conf.d/10.toml": "[store]\nmax_series = 5\n[gateway]\nid = \"g\"\n"
                    + connection.replacing("plant", with: "second") + "format = \"number\"",
                "etc/conf.d/.hidden.toml": "!", "etc/conf.d/notes.txt": "!", "etc/conf.d/30.toml~": "!",
            ]))
        let settings = try #require(loaded.settings)
        #expect(loaded.problems.isEmpty)
        #expect(settings.mqtt.map(\.name) == ["plant", "second", "third"])
        #expect(settings.store.durability == .process)
        #expect(settings.store.maxSeries == 5)
        #expect(settings.mqtt[0].clientID == "outpost-g-plant")
    }

    @Test func whatIsSetTwiceNamesBothPlaces() {
        let loaded = load(
            FakeFiles([
                "etc/outpost.toml": "[gateway]\nid = \"a\"\n[log]\nlevel = \"info\"",
                "etc/conf.d/a.toml": "[gateway]\nid = \"a\"",
                "etc/conf.d/b.toml": "log = 1\ngateway.id = \"c\"",
            ]))
        #expect(loaded.settings == nil)
        #expect(
            loaded.problems.map(\.description) == [
                "etc/conf.d/a.toml:2:1: \"id\" is set twice, first at etc/outpost.toml:2:1",
                "etc/conf.d/b.toml:1:1: \"log\" is an integer here, but a table at etc/outpost.toml:3:2",
                "etc/conf.d/b.toml:2:9: \"id\" is set twice, first at etc/outpost.toml:2:1",
            ])
    }

    @Test func aMalformedFileDoesNotHideProblemsOfOthers() {
        let loaded = load(
            FakeFiles([
                "etc/outpost.toml": "[store]\nmax_series = 0",
                "etc/conf.d/a.toml": "id = press-hall",
                "etc/conf.d/b.toml": "[log]\nlevel = \"inof\"",
            ]))
        #expect(
            loaded.problems.map(\.description) == [
                "etc/outpost.toml:2:14: max_series = 0 is out of range: 1 to 10000000",
                "etc/conf.d/a.toml:1:6: not TOML (value): could not determine value type"
                    + "; text, durations and sizes stand in quotes, such as \"10s\"",
                "etc/conf.d/b.toml:2:9: level: \"inof\" is not known, did you mean \"info\"?",
            ])
    }

    @Test func theMainFileMayBeAnywhere() {
        for (path, additional) in [
            ("x.toml", "conf.d/a.toml"), ("/x.toml", "/conf.d/a.toml"), ("a/b/c", "a/b/conf.d/a.toml"),
        ] {
            let files = FakeFiles([path: "", additional: "[store]\nmax_series = 5"])
            let loaded = Settings.load(path, files: files, environment: { _ in nil }, hostname: "h")
            #expect(loaded.settings?.store.maxSeries == 5)
        }
    }

    @Test(arguments: [
        (FileProblem.Kind.missing, "there is no such file; `outpost config > etc/outpost.toml` writes a sample"),
        (.directory, "this is a directory, not a configuration file"),
        (.notPermitted, "there is no permission to read this"),
        (.tooLarge, "a configuration has 4 MiB at most; this file is larger"),
        (.other, "the disk is on fire"),
    ])
    func anUnreadableFileIsExplained(kind: FileProblem.Kind, message: String) {
        var files = FakeFiles(["etc/conf.d/a.toml": "x = 1"])
        files.problems["etc/outpost.toml"] = FileProblem(kind: kind, message: "the disk is on fire")
        let found = load(files).problems
        #expect(found.first?.description == "etc/outpost.toml: \(message)")
        #expect(found.count == 2)
    }

    @Test func anUnreadableDirectoryIsExplained() {
        var files = FakeFiles(["etc/outpost.toml": "x = 1"])
        files.problems["etc/conf.d"] = FileProblem(kind: .notPermitted, message: "")
        #expect(load(files).problems.map(\.file) == ["etc/outpost.toml", "etc/conf.d"])
    }

    @Test func aMissingAdditionalFileHasNoHint() {
        var files = FakeFiles(["etc/outpost.toml": "", "etc/conf.d/a.toml": ""])
        files.problems["etc/conf.d/a.toml"] = FileProblem(kind: .missing, message: "")
        #expect(load(files).problems.map(\.description) == ["etc/conf.d/a.toml: there is no such file"])
    }
}

@Suite struct VariableLoadingTests {
    @Test func variablesWorkInEveryString() throws {
        let text = """
            [gateway]
            id = "${HOST}-1"
            [store]
            commit_every = "${PACE:-1s}"
            """
        let settings = try #require(load(text, environment: ["HOST": "hall"]).settings)
        #expect(settings.gateway.id == "hall-1")
        #expect(settings.store.commitEvery == .seconds(1))
    }

    @Test func whatTheyHoldIsNotToml() throws {
        let environment = ["ID": "a\" # b"]
        #expect(
            problems(in: "[gateway]\nid = \"${ID}\"", environment: environment)
                == ["2:6: id: a name is 1 to 64 letters, digits, \".\", \"_\" and \"-\""])
    }

    @Test func theUnsetOnesAreReportedWithTheirPlaces() {
        let text = """
            [gateway]
            id = "a-${A}"
            data = '''/x/${B}'''
            [[mqtt]]
            name = "plant"
            broker = "${BROKER:?say where the broker is}"
            topic = [{ filter = "${F}", series = "${", format = "number" }]
            unknown = "${U}"
            """
        #expect(
            problems(in: text).map { $0.prefix { $0 != ";" } } == [
                "2:9: the variable A is not set",
                "3:8: the variable B is not set",
                "6:11: the variable BROKER is not set: say where the broker is",
                "7:22: the variable F is not set",
                "7:39: \"${\" without \"}\" after it",
                "8:1: unknown key \"unknown\" in [[mqtt]]",
                "8:12: the variable U is not set",
            ])
    }
}
