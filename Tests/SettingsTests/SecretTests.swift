import Settings
import Testing

@Suite struct SecretTests {
    /// A whole configuration with `line` in its only connection.
    private func configuration(_ line: String) -> String {
        "[[mqtt]]\nusername = \"me\"\n\(line)\n"
            + connection.replacing("[[mqtt]]\n", with: "") + "format = \"number\""
    }

    private func files(_ line: String, secret: [UInt8]? = nil) -> FakeFiles {
        var files = FakeFiles(["etc/outpost.toml": configuration(line)])
        files.contents["etc/secret"] = secret
        return files
    }

    @Test(arguments: [
        ("hunter2", "hunter2"), ("hunter2\n", "hunter2"), ("hunter2\r\n", "hunter2"), ("hunter2\n\n", "hunter2\n"),
        ("\r", "\r"), (" a b ", " a b "), ("\n\n", "\n"),
    ])
    func aFileLosesOneNewline(content: String, secret: String) {
        let loaded = load(files("password_file = \"secret\"", secret: Array(content.utf8)))
        #expect(loaded.settings?.mqtt.first?.password?.reveal() == secret)
        #expect(loaded.problems.isEmpty)
    }

    @Test func pathsAreRelativeToTheFileThatNamesThem() {
        var files = FakeFiles(["etc/conf.d/a.toml": configuration("password_file = \"b/secret\"")])
        files.contents["etc/outpost.toml"] = []
        files.contents["etc/conf.d/b/secret"] = Array("x".utf8)
        #expect(load(files).settings?.mqtt.first?.password?.reveal() == "x")
        files.contents["/run/secret"] = Array("y".utf8)
        files.contents["etc/conf.d/a.toml"] = Array(configuration("password_file = \"/run/secret\"").utf8)
        #expect(load(files).settings?.mqtt.first?.password?.reveal() == "y")
    }

    @Test(arguments: [
        (FileProblem.Kind.missing, "there is no file etc/secret"),
        (.directory, "etc/secret is a directory"),
        (.notPermitted, "no permission to read etc/secret"),
        (.tooLarge, "a secret has 64 KiB at most; etc/secret is larger"),
        (.other, "etc/secret: the disk is on fire"),
    ])
    func anUnreadableFileIsExplained(kind: FileProblem.Kind, message: String) {
        var files = files("password_file = \"secret\"")
        files.problems["etc/secret"] = FileProblem(kind: kind, message: "the disk is on fire")
        #expect(load(files).problems.map(\.description) == ["etc/outpost.toml:3:17: password_file: \(message)"])
    }

    @Test(arguments: [
        ([], "the secret is empty"), ([0x0A], "the secret is empty"), ([0xFF], "etc/secret is not UTF-8"),
        ([0x61, 0], "a secret cannot hold the character U+0000"),
        ([UInt8](repeating: 0x61, count: 65_537), "a secret has 64 KiB at most; etc/secret is larger"),
    ])
    func anUnfitFileIsExplained(content: [UInt8], message: String) {
        let found = load(files("password_file = \"secret\"", secret: content)).problems
        #expect(found.map(\.description) == ["etc/outpost.toml:3:17: password_file: \(message)"])
    }

    @Test(arguments: [
        ("password = \"\"", "3:12: password: the secret is empty"),
        ("password = \"a\\u0000\"", "3:12: password: a secret cannot hold the character U+0000"),
        ("password = 1234", "3:12: password: a string such as \"${PASSWORD}\" is expected, not an integer"),
        ("password_file = \"a\"\npassword = \"b\"", "4:1: password_file and password exclude each other"),
        ("password = \"b\"\npassword_file = \"a\"", "4:1: password_file and password exclude each other"),
    ])
    func refuses(line: String, problem: String) {
        #expect(problems(in: configuration(line)) == [problem])
    }

    @Test func whatEverybodyCanReadIsWarnedOf() {
        var literal = files("password = \"hunter2\"")
        literal.readableByOthers = ["etc/outpost.toml"]
        let loaded = load(literal)
        #expect(loaded.settings != nil)
        #expect(
            loaded.problems.map(\.description) == [
                "etc/outpost.toml:3:12: warning: every user can read this password: "
                    + "use password_file, or chmod o-r etc/outpost.toml"
            ])
        var file = files("password_file = \"secret\"", secret: Array("x".utf8))
        file.readableByOthers = ["etc/outpost.toml", "etc/secret"]
        #expect(
            load(file).problems.map(\.description) == [
                "etc/outpost.toml:3:17: warning: every user can read etc/secret: chmod o-r etc/secret"
            ])
    }

    @Test func aVariableIsNoSecretInTheFile() {
        var files = files("password = \"${PASSWORD}\"")
        files.readableByOthers = ["etc/outpost.toml"]
        let loaded = load(files, environment: ["PASSWORD": "hunter2"])
        #expect(loaded.problems.isEmpty)
        #expect(loaded.settings?.mqtt.first?.password?.reveal() == "hunter2")
    }

    @Test func noDescriptionShowsIt() throws {
        let settings = try #require(load(files("password = \"hunter2\"")).settings)
        let secret = try #require(settings.mqtt[0].password)
        var dumped = ""
        dump(settings, to: &dumped)
        let descriptions = [
            "\(secret)", String(reflecting: secret), "\(settings)", String(reflecting: settings), settings.summary(),
            dumped, "\(Mirror(reflecting: secret).children.map(\.value))",
        ]
        for description in descriptions { #expect(!description.contains("hunter2")) }
        #expect("\(secret)" == "(secret)")
        #expect(secret.reveal() == "hunter2")
    }
}
