import Settings
import Testing

@Suite struct TLSSettingsTests {
    /// What stands in `[mqtt.tls]` of a connection that is complete without it.
    private func loaded(_ lines: String, scheme: String = "mqtts") -> LoadedSettings {
        var files = FakeFiles([
            "etc/outpost.toml": """
            [[mqtt]]
            name = "plant"
            broker = "\(scheme)://127.0.0.1"
            [mqtt.tls]
            \(lines)
            [[mqtt.topic]]
            filter = "a/+"
            series = "{topic}"
            format = "number"
            """
        ])
        files.contents["etc/ca.crt"] = [0x2D]
        files.contents["/own.crt"] = [0x2D]
        files.contents["/own.key"] = [0x2D]
        return load(files)
    }

    private func problems(_ lines: String, scheme: String = "mqtts") -> [String] {
        loaded(lines, scheme: scheme).problems.map { String($0.description.dropFirst("etc/outpost.toml:".count)) }
    }

    @Test func certificatesAreFoundBesideTheFile() throws {
        let settings = try #require(
            loaded("ca_file = \"ca.crt\"\ncert_file = \"/own.crt\"\nkey_file = \"/own.key\"").settings)
        let tls = try #require(settings.mqtt[0].tls)
        #expect(settings.mqtt[0].broker.description == "mqtts://127.0.0.1:8883")
        #expect(tls.authorityFile == "etc/ca.crt")
        #expect(tls.certificateFile == "/own.crt")
        #expect(tls.keyFile == "/own.key")
        #expect(!tls.isInsecure)
    }

    @Test func withoutAnyLineTheSystemIsTrusted() throws {
        let tls = try #require(loaded("").settings?.mqtt[0].tls)
        #expect(tls.authorityFile == nil)
        #expect(tls.preSharedKey == nil)
        #expect(loaded("", scheme: "mqtt").settings?.mqtt[0].tls == nil)
    }

    @Test(arguments: [
        ("ca_file = \"gone.crt\"", "5:11: ca_file: there is no file etc/gone.crt"),
        ("cert_file = \"/own.crt\"", "5:13: cert_file needs key_file beside it"),
        ("key_file = \"/own.key\"", "5:12: key_file needs cert_file beside it"),
        ("psk_identity = \"me\"", "5:16: psk_identity and psk_file belong together"),
        ("psk = \"00ff\"", "5:7: psk_identity and psk_file belong together"),
        (
            "psk_identity = \"me\"\npsk = \"00f\"",
            "6:7: a pre-shared key is written in hexadecimal digits, two for each byte"
        ),
        (
            "insecure = true",
            "5:12: warning: insecure = true takes whoever answers for the broker: for a try, not for a plant"
        ),
        ("insecure = 1", "5:12: insecure: a boolean such as false is expected, not an integer"),
    ])
    func saysWhatIsWrong(lines: String, problem: String) {
        #expect(problems(lines) == [problem])
    }

    @Test func aPlainConnectionHasNone() {
        #expect(problems("insecure = true", scheme: "mqtt").first == "5:1: insecure needs a broker with mqtts://")
    }
}
