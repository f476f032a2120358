import Testing

@testable import Settings

/// What a parser makes of a text: the value, or the message with the byte that it points at.
private func outcome<Value>(_ parse: () throws(ValueError) -> Value) -> String {
    do {
        return "\(try parse())"
    } catch {
        return error.offset.map { "\(error.message) @\($0)" } ?? error.message
    }
}

@Suite struct DurationTests {
    @Test(arguments: [
        ("500ms", 500), ("10s", 10_000), ("15m", 900_000), ("2h", 7_200_000), ("7d", 604_800_000),
        ("4w", 2_419_200_000), ("1h30m", 5_400_000), ("1w2d3h4m5s6ms", 788_645_006), ("0s", 0), ("90s", 90_000),
        ("100y", 3_153_600_000_000),
    ])
    func reads(text: String, milliseconds: Int) throws {
        #expect(try DurationText.parse(text) == .milliseconds(milliseconds))
    }

    @Test(arguments: [
        ("", "\"\" is not a duration such as \"10s\" or \"1h30m\""),
        ("s", "\"s\" is not a duration such as \"10s\" or \"1h30m\""),
        ("-5s", "\"-5s\" is not a duration such as \"10s\" or \"1h30m\""),
        ("10", "a unit is missing: one of y, w, d, h, m, s, ms @0"),
        ("1h30", "a unit is missing: one of y, w, d, h, m, s, ms @2"),
        ("1.5s", "\".\" is none of the units y, w, d, h, m, s, ms @0"),
        ("10 s", "\" s\" is none of the units y, w, d, h, m, s, ms @0"),
        ("10S", "\"S\" is none of the units y, w, d, h, m, s, ms @0"),
        ("30m1h", "units stand once each, the larger first, as in \"1h30m\" @3"),
        ("1s1s", "units stand once each, the larger first, as in \"1h30m\" @2"),
        ("99999999999999999w", "this duration is too long to be counted"),
        ("9223372036854775s808ms", "this duration is too long to be counted"),
    ])
    func refuses(text: String, message: String) {
        #expect(outcome { () throws(ValueError) in try DurationText.parse(text) } == message)
    }

    @Test(arguments: ["500ms", "10s", "1h30m", "4w", "90d", "9d3h4m5s6ms", "100y", "0s"])
    func writesWhatItReads(text: String) throws {
        #expect(DurationText.write(try DurationText.parse(text)) == text)
    }

    @Test(arguments: [("7d", "1w"), ("365d", "1y"), ("1w2d", "9d"), ("1y1w", "372d"), ("60s", "1m")])
    func writesTheShortestForm(text: String, shortest: String) throws {
        #expect(DurationText.write(try DurationText.parse(text)) == shortest)
    }
}

@Suite struct SizeTests {
    @Test(arguments: [
        ("4096", 4096), ("0", 0), ("12B", 12), ("500kB", 500_000), ("1KiB", 1024), ("64MiB", 67_108_864),
        ("20GB", 20_000_000_000), ("2GiB", 2_147_483_648), ("1MB", 1_000_000), ("3TB", 3_000_000_000_000),
        ("1TiB", 1_099_511_627_776), ("9223372036854775807", .max),
    ])
    func reads(text: String, bytes: Int) throws {
        #expect(try SizeText.parse(text) == bytes)
    }

    @Test(arguments: [
        ("", "\"\" is not a size such as \"64MiB\" or \"20GB\""),
        ("-1", "\"-1\" is not a size such as \"64MiB\" or \"20GB\""),
        ("1GB500MB", "\"1GB500MB\" is not a size such as \"64MiB\" or \"20GB\""),
        ("20gb", "\"gb\" is none of the units TiB, TB, GiB, GB, MiB, MB, KiB, kB, B"),
        ("20 GB", "\" GB\" is none of the units TiB, TB, GiB, GB, MiB, MB, KiB, kB, B"),
        ("9000000000GiB", "this size is too large to be counted"),
        ("9223372036854775808", "\"9223372036854775808\" is not a size such as \"64MiB\" or \"20GB\""),
    ])
    func refuses(text: String, message: String) {
        #expect(outcome { () throws(ValueError) in try SizeText.parse(text) } == message)
    }

    @Test(arguments: ["0B", "1000B", "500kB", "64MiB", "20GB", "256KiB"])
    func writesInTheLargestUnit(text: String) throws {
        #expect(SizeText.write(try SizeText.parse(text)) == (text == "1000B" ? "1kB" : text))
    }
}

@Suite struct BrokerAddressTests {
    @Test(arguments: [
        ("mqtt://localhost", "localhost", UInt16(1883)), ("mqtt://10.0.0.1:1", "10.0.0.1", 1),
        ("mqtt://[::1]", "::1", 1883), ("mqtt://[fe80::1%eth0]:8883", "fe80::1%eth0", 8883),
        ("mqtt://broker-1.example.com:65535", "broker-1.example.com", 65535),
        ("mqtts://localhost", "localhost", 8883), ("mqtts://[::1]:1883", "::1", 1883),
        ("unix:///run/mosquitto/mosquitto.sock", "/run/mosquitto/mosquitto.sock", 0),
    ])
    func reads(text: String, host: String, port: UInt16) throws {
        let address = try BrokerAddress(parsing: text)
        #expect(address == BrokerAddress(isEncrypted: text.hasPrefix("mqtts"), host: host, port: port))
        #expect(try BrokerAddress(parsing: address.description) == address)
    }

    private static let hostRule =
        "a host is a name or an address, an IPv6 address in brackets: \"mqtt://[::1]:1883\" @7"
    private static let schemes = "\"mqtt://host:port\", \"mqtts://host:port\" and \"unix:///path\" are"
    private static let pathRule =
        "a socket is a full path of up to 107 bytes: \"unix:///run/mosquitto/mosquitto.sock\" @7"
    private static let portRule = "behind the host stands nothing but \":\" and a port from 1 to 65535"

    @Test(arguments: [
        ("localhost:1883", "an address has the form \"mqtt://host:port\""),
        ("http://localhost", "\"http://\" is not supported: \(schemes)"),
        ("ws://localhost", "\"ws://\" is not supported: \(schemes)"),
        ("mqtt://me:hunter2@host", "a user does not belong into the address: set username and password_file @17"),
        ("mqtt://", hostRule), ("mqtt://:1883", hostRule), ("mqtt://a b", hostRule), ("mqtt://[::1", hostRule),
        ("mqtt://[]", hostRule), ("mqtt://[localhost]", hostRule), ("mqtt://a/", hostRule),
        ("mqtt://a:0", "\(portRule) @8"), ("mqtt://a:65536", "\(portRule) @8"), ("mqtt://a:", "\(portRule) @8"),
        ("mqtt://a:+1", "\(portRule) @8"), ("mqtt://::1", hostRule), ("mqtt://[::1]x", "\(portRule) @12"),
        ("unix://mosquitto.sock", pathRule), ("unix:///", pathRule),
        ("unix:///" + String(repeating: "x", count: 107), pathRule),
    ])
    func refuses(text: String, message: String) {
        #expect(outcome { () throws(ValueError) in try BrokerAddress(parsing: text) } == message)
    }
}

@Suite struct VariableTests {
    private static let environment = ["HOST": "broker", "EMPTY": "", "DOLLAR": "${HOST}"]

    private func substitute(_ text: String) -> String {
        outcome { () throws(ValueError) in try VariableText.substitute(text) { Self.environment[$0] }.0 }
    }

    @Test(arguments: [
        ("", ""), ("plain", "plain"), ("${HOST}", "broker"), ("a${HOST}b${HOST}c", "abrokerbbrokerc"),
        ("${NONE:-x y}", "x y"), ("${NONE:-}", ""), ("${EMPTY}", ""), ("${EMPTY:-x}", "x"), ("${HOST:-x}", "broker"),
        ("${HOST:?needed}", "broker"), ("$${HOST}", "${HOST}"), ("$HOST $ $$", "$HOST $ $$"), ("${DOLLAR}", "${HOST}"),
        ("$$${HOST}", "$${HOST}"),
    ])
    func substitutes(text: String, result: String) {
        #expect(substitute(text) == result)
    }

    @Test(arguments: [
        ("ab${NONE}", "the variable NONE is not set; ${NONE:-VALUE} would have a default @2"),
        ("${NONE:?say which host}", "the variable NONE is not set: say which host @0"),
        ("${EMPTY:?say which host}", "the variable EMPTY is not set: say which host @0"),
        ("x${", "\"${\" without \"}\" after it; \"$${\" stands for \"${\" itself @1"),
        ("${}", "a variable's name is letters, digits and \"_\", such as ${MQTT_HOST} @0"),
        ("${1A}", "a variable's name is letters, digits and \"_\", such as ${MQTT_HOST} @0"),
        ("${A B}", "behind a variable's name stands \"}\", \":-default}\" or \":?message}\" @0"),
        ("${A:-${B}}", "a variable cannot stand inside of another one @0"),
    ])
    func refuses(text: String, message: String) {
        #expect(substitute(text) == message)
    }
}

@Suite struct SuggestionTests {
    private static let known = ["interval", "name", "qos", "keepalive", "client_id"]

    @Test(arguments: [
        ("intervall", "interval"), ("nmae", "name"), ("qs", "qos"), ("keepaliv", "keepalive"),
        ("keep_alive", "keepalive"),
        ("clientid", "client_id"), ("Name", "name"),
    ])
    func findsWhatWasMeant(word: String, meant: String) {
        #expect(Suggestions.closest(to: word, among: Self.known) == meant)
    }

    @Test(arguments: ["", "x", "xyz", "password", "nnaammee"])
    func doesNotGuess(word: String) {
        #expect(Suggestions.closest(to: word, among: Self.known) == nil)
    }

    @Test func doesNotCompareEndlessWords() {
        #expect(Suggestions.closest(to: String(repeating: "name", count: 100_000), among: Self.known) == nil)
    }

    @Test func listsFewWordsAndNotMany() {
        #expect(Suggestions.hint(for: "zzz", among: ["a", "b"]) == "; known are \"a\", \"b\"")
        #expect(Suggestions.hint(for: "zzz", among: (100...113).map(String.init)) == "")
    }
}
